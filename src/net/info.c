#include "net/info.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* MPTCP_INFO (linux/mptcp.h) by its numbers, for older headers: of a socket that fell back the kernel has none
 * (EOPNOTSUPP; an accepted one is a TCP socket then). */
bool info_fell_back(int fd)
{
	enum { LEVEL = 284, INFO = 1, FALLBACK = 1 };
	struct {
		uint8_t counts[8];
		uint32_t flags;
	} raw = { 0 };
	socklen_t size = sizeof raw;
	if (getsockopt(fd, LEVEL, INFO, &raw, &size))
		return errno == EOPNOTSUPP || errno == ENOPROTOOPT;
	return raw.flags & FALLBACK;
}

void info_read(struct info *info, int fd)
{
	struct tcp_info raw = { 0 };
	socklen_t size = sizeof raw;
	*info = (struct info){ 0 };
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &raw, &size))
		return;
	*info = (struct info){ true, raw.tcpi_rtt, raw.tcpi_rttvar, raw.tcpi_total_retrans };
}
