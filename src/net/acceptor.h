/* acceptor: clients from a listening descriptor. */
#ifndef SKT_NET_ACCEPTOR_H
#define SKT_NET_ACCEPTOR_H

#include <stdint.h>

#include "base/watch.h"
#include "net/address.h"
#include "net/serve.h"

/* Waits for one client. A machine; finished when one came or when that is hopeless. */
struct acceptor {
	struct machine machine;
	struct watch watch;
	const struct trace *trace;
	int64_t limit; /* clock time, or CLOCK_NEVER */
	int64_t pause; /* out of descriptors: not before this time */
	/* Set after acceptor_start by a server of many: each client is handed over, and the acceptor goes on; with
	 * `full` set it waits. */
	void (*take)(struct acceptor *acceptor, int fd);
	void *taker;
	bool full;
	/* The outcome: */
	int fd; /* the client: non-blocking, close-on-exec; or -1 and error (ERROR_TIMEOUT when the limit ran out) */
	struct address peer;
	struct error error;
};

void acceptor_start(struct acceptor *acceptor, const struct server *server, int64_t limit, const struct trace *trace);

/* The machine must be out of the loop. The server stays open. */
void acceptor_stop(struct acceptor *acceptor);

#endif
