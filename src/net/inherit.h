/* inherit: sockets that somebody opened for us before we were started: systemd's, as sd_listen_fds(3) has them, or
 * inetd's on descriptor 0. They are shared with who opened them: their options and flags stay as they are, and they are
 * never shut down. */
#ifndef SKT_NET_INHERIT_H
#define SKT_NET_INHERIT_H

#include <stdbool.h>
#include <sys/types.h>

#include "net/serve.h"

enum { INHERIT_FIRST = 3 }; /* the descriptor that LISTEN_FDS counts from */

/* What LISTEN_PID and LISTEN_FDS (NULL: not set) say to the process `self`: 1 *count descriptors are there; 0 there is
 * no LISTEN_PID, so it is descriptor 0. -1, ERROR_BIND: they are another's, malformed, or none. */
int inherit_count(const char *pid, const char *fds, pid_t self, unsigned *count, struct error *error);

/* Takes over all sockets that were passed, into *server and those that follow it, close-on-exec; the variables are gone
 * from the environment afterwards. Each listens, or (alone) is connected: then it is the one client.
 * Descriptor 0 becomes /dev/null when its socket is taken, and so do 1 and 2 where they are that socket, too, as inetd
 * has it; *output says so of 1. -1, ERROR_BIND: there is no socket, or none to serve. */
int inherit_open(struct server *server, bool *output, struct error *error);

#endif
