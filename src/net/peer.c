#include "net/peer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59 /* Linux 4.13 */
#endif

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

bool peer_has_group(const struct peer *peer, int fd, gid_t group)
{
	gid_t none;
	socklen_t size = 0;
	if (peer->gid == group)
		return true;
	/* The first call fails, and says how much there is; more cannot become of it. */
	if (!getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, &none, &size) || errno != ERANGE)
		return false;
	gid_t *groups = malloc(size);
	bool found = false;
	if (groups && !getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size))
		for (size_t i = 0; i < size / sizeof *groups && !found; i++)
			found = groups[i] == group;
	free(groups);
	return found;
}
