/* acceptor: clients from a listening descriptor: those who may come, and not even want of descriptors ends it. */
#ifndef SKT_NET_ACCEPTOR_H
#define SKT_NET_ACCEPTOR_H

#include <stdint.h>

#include "base/watch.h"
#include "net/address.h"
#include "net/serve.h"

/* Waits for one client. A machine; finished when one came or when that is hopeless. */
struct acceptor {
	struct machine machine;
	struct server *server; /* and those that follow it */
	const struct trace *trace;
	int64_t limit; /* clock time, or CLOCK_NEVER */
	int64_t pause; /* accept(2) failed: not before this time */
	int failures;  /* of accept(2) since it last had an answer */
	int64_t calm;  /* a failure before this time is no news */
	/* Set after acceptor_start by who guards the door: whether this client (acceptor->peer, on descriptor fd) may
	 * come, else it is closed unread, by a reset, so that it does not take that for an answer; and a failure of
	 * accept(2) that is survived, once until there was none for a while. NULL: all may come, nobody wants to know.
	 */
	bool (*admits)(const struct acceptor *acceptor, int fd);
	void (*troubled)(const struct acceptor *acceptor, const struct error *error);
	void *porter;
	/* Set after acceptor_start by a server of many: each client is handed over, and the acceptor goes on; with
	 * `full` set it waits. */
	void (*take)(struct acceptor *acceptor, int fd);
	void *taker;
	bool full;
	/* The outcome: */
	int fd; /* the client: non-blocking, close-on-exec; or -1 and error (ERROR_TIMEOUT when the limit ran out; none:
		   an inherited client was all there was, and it is gone) */
	struct address peer;
	struct triple triple; /* of the client's socket */
	struct error error;
};

/* The server must outlive it. */
void acceptor_start(struct acceptor *acceptor, struct server *server, int64_t limit, const struct trace *trace);

/* The machine must be out of the loop. The server stays open. */
void acceptor_stop(struct acceptor *acceptor);

#endif
