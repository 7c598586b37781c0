/* serve: an endpoint to a bound, listening descriptor (net/acceptor.h takes clients from it). */
#ifndef SKT_NET_SERVE_H
#define SKT_NET_SERVE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/watch.h"
#include "net/address.h"
#include "net/group.h"
#include "net/md5.h"
#include "net/path.h"
#include "net/resolve.h"
#include "net/sockopt.h"

struct serve_plan {
	const struct endpoint *at;
	const struct sockopts *options;
	const struct md5_key *md5; /* NULL or empty: no signatures */
	int backlog;
	mode_t mode; /* of a unix socket's file */
	struct group_plan groups; /* to join; those who do so share the port (SO_REUSEADDR) */
	const struct trace *trace;
};

struct server {
	int fd;               /* bound; listening where the triple has ends; non-blocking */
	struct triple triple; /* as it came out */
	struct address local; /* as the kernel tells it: port 0 has become a real one */
	struct path_claim claim;
	/* Of what was handed to us (net/inherit.h): */
	bool blocking;       /* its O_NONBLOCK is not set, and not ours to set */
	bool connected;      /* no listener but the one client; its fd is -1 once that was taken */
	struct server *next; /* further ones to take clients from, owned; or NULL */
	struct watch watch;  /* the acceptor's */
};

/* Binds the first of the addresses that can be bound, and listens. With no host in the endpoint IPv6 is dual-stack, and
 * IPv4 is taken where the kernel has no IPv6; with -6 it is IPv6 alone. -1: ERROR_BIND for an address that is taken,
 * forbidden or not ours. */
int serve_open(struct server *server, const struct serve_plan *plan, const struct address_list *list,
	       struct error *error);

/* Closes the listeners; a socket file goes too, if it is still ours. Safe twice. */
void serve_close(struct server *server, const struct trace *trace);

#endif
