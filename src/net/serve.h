/* serve: an endpoint to a bound, listening descriptor, and clients from it. */
#ifndef SKT_NET_SERVE_H
#define SKT_NET_SERVE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/watch.h"
#include "net/address.h"
#include "net/path.h"
#include "net/resolve.h"
#include "net/sockopt.h"

struct serve_plan {
	const struct endpoint *at;
	const struct sockopts *options;
	int backlog;
	mode_t mode;             /* of a unix socket's file */
	const struct trace *trace;
};

struct server {
	int fd;                  /* bound; listening where the triple has ends; non-blocking */
	struct triple triple;    /* as it came out */
	struct address local;    /* as the kernel tells it: port 0 has become a real one */
	struct path_claim claim;
};

/* Binds the first of the addresses that can be bound, and listens. With no host in the endpoint IPv6 is dual-stack, and IPv4 is taken
 * where the kernel has no IPv6; with -6 it is IPv6 alone. -1: ERROR_BIND for an address that is taken, forbidden or not ours. */
int serve_open(struct server *server, const struct serve_plan *plan, const struct address_list *list, struct error *error);

/* Closes the listener; its socket file goes too, if it is still ours. Safe twice. */
void serve_close(struct server *server, const struct trace *trace);

/* Waits for one client. A machine; finished when one came or when that is hopeless. */
struct acceptor {
	struct machine machine;
	struct watch watch;
	const struct trace *trace;
	int64_t limit;           /* clock time, or CLOCK_NEVER */
	int64_t pause;           /* out of descriptors: not before this time */
	unsigned short_of;       /* how often accept(2) found no descriptor or memory */
	/* The outcome: */
	int fd;                  /* the client: non-blocking, close-on-exec; or -1 and error (ERROR_TIMEOUT when the limit ran out) */
	struct address peer;
	struct error error;
};

void acceptor_start(struct acceptor *acceptor, const struct server *server, int64_t limit, const struct trace *trace);

/* The machine must be out of the loop. The server stays open. */
void acceptor_stop(struct acceptor *acceptor);

#endif
