#include "net/peer.h"

#include <errno.h>
#include <sys/socket.h>

int peer_read(struct peer *peer, int fd)
{
	struct ucred raw = { 0 };
	socklen_t size = sizeof raw;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &raw, &size))
		return -1;
	*peer = (struct peer){ raw.pid, raw.uid, raw.gid };
	if (raw.uid != (uid_t)-1)
		return 0;
	errno = ENOTCONN; /* what the kernel says of a socket that has no peer: pid 0, uid and gid -1 */
	return -1;
}
