/* path: the name of a listening unix socket in the file system: taken only when nothing lives there, removed in the end
 * only when it is still ours. */
#ifndef SKT_NET_PATH_H
#define SKT_NET_PATH_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/trace.h"
#include "net/address.h"

struct path_claim {
	bool held; /* there is a socket of ours in the file system */
	dev_t device;
	ino_t inode;
	struct address at;
};

/* Makes way for a bind: nothing there is fine, a dead socket is removed. A live one (of any type; it does not see the
 * inquiry) and anything that is no socket: -1, ERROR_BIND, untouched. Abstract names need no way made. */
int path_make_way(const struct address *at, const struct trace *trace, struct error *error);

/* Binds fd there, so that the socket's file has exactly `mode` (permission bits) from its first moment. */
int path_bind(struct path_claim *claim, int fd, const struct address *at, mode_t mode, const struct trace *trace,
	      struct error *error);

/* Removes the file if it is still the socket that path_bind made. */
void path_release(struct path_claim *claim);

#endif
