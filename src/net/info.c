#include "net/info.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

void info_read(struct info *info, int fd)
{
	struct tcp_info raw = { 0 };
	socklen_t size = sizeof raw;
	*info = (struct info){ 0 };
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &raw, &size))
		return;
	*info = (struct info){ true, raw.tcpi_rtt, raw.tcpi_rttvar, raw.tcpi_total_retrans };
}
