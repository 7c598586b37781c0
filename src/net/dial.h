/* dial: an endpoint to a connected descriptor. A machine: it resolves, then tries every address by RFC 8305 (families
 * interleaved, a stagger between attempts, the next at once on failure, the first success wins), all under one limit.
 */
#ifndef SKT_NET_DIAL_H
#define SKT_NET_DIAL_H

#include <stdint.h>

#include "base/watch.h"
#include "net/address.h"
#include "net/md5.h"
#include "net/path.h"
#include "net/resolve.h"
#include "net/sockopt.h"

struct dial_plan {
	const struct endpoint *to;
	const struct address_list
	    *known; /* its addresses, looked up already and in order (copied); NULL: to be resolved */
	const struct sockopts *options;
	const struct md5_key *md5;    /* NULL or empty: no signatures */
	const struct address *source; /* bound before connecting, where its family is the address's; NULL: none */
	uint32_t source_port;         /* 0: the kernel's choice */
	mode_t mode;                  /* of the file of a unix `source` */
	int64_t timeout;              /* nanoseconds for look-up and attempts together, or CLOCK_NEVER */
	int64_t attempt_delay;        /* nanoseconds */
	bool unconnected; /* for datagrams to a group or a broadcast address, so that answers of all its members are
			     heard */
	bool first_bytes; /* there are bytes to be sent at once, in the SYN even (SOCKOPT_FAST_OPEN) */
	const struct trace *trace;
};

struct dial_attempt {
	struct watch watch; /* fd -1: free */
	struct address to;
	bool running; /* connect(2) has not had its answer yet */
	bool waiting; /* unix: the listener's backlog is full (EAGAIN), asked again by the clock */
};

struct dial {
	struct machine machine;
	const struct dial_plan *plan;
	struct resolve_job *job;
	struct watch lookup;
	struct address_list found;
	size_t next;                 /* the first address that was not tried */
	struct dial_attempt *racers; /* as many as addresses were found; owned */
	size_t racers_count;
	int64_t begun, limit, next_attempt;
	int64_t resolved; /* when the look-up ended */
	/* The outcome, when machine.finished: */
	int fd;                  /* non-blocking, the caller's now; or -1 and `error` */
	bool connected;          /* or `peer` is whom to send to */
	struct address peer;     /* who won */
	struct triple triple;    /* with the family that won */
	struct path_claim claim; /* the file of a unix socket's own name; the caller's to release, if someone won */
	bool deferred;           /* the peer may not have been asked yet: the first bytes will do (SOCKOPT_FAST_OPEN) */
	struct error error;
};

/* Begins. The plan, and all it points to, must outlive the dial. The machine may be finished on return already. */
void dial_start(struct dial *dial, const struct dial_plan *plan);

/* Gives back all but the descriptor that was won. Safe at any time after dial_start; the machine must be out of the
 * loop. */
void dial_stop(struct dial *dial);

#endif
