/* peer: who is at the other end, as the kernel knows it. */
#ifndef SKT_NET_PEER_H
#define SKT_NET_PEER_H

#include <stdbool.h>
#include <sys/types.h>

struct peer {
	pid_t pid;
	uid_t uid;
	gid_t gid;
};

/* The credentials that the other end of a unix socket had when it connected, or began to listen (SO_PEERCRED, unix(7)).
 * -1 with errno: another family, or not connected. */
int peer_read(struct peer *peer, int fd);

/* Whether that other end is of the group: its own, or one of its supplementary ones (SO_PEERGROUPS, Linux 4.13). */
bool peer_has_group(const struct peer *peer, int fd, gid_t group);

#endif
