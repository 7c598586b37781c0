/* tunnel: a descriptor that is connected to a proxy becomes one that is connected to the target. A machine: it looks up
 * what the proxy cannot, and talks with the proxy (net/proxy.h) within the limit of the dial. Not a byte is read that
 * is the target's. */
#ifndef SKT_NET_TUNNEL_H
#define SKT_NET_TUNNEL_H

#include "base/watch.h"
#include "net/proxy.h"
#include "net/resolve.h"

struct tunnel_plan {
	const struct proxy *proxy;
	const struct endpoint *to;
	const struct address *at; /* the proxy's address, for messages */
	int64_t limit;            /* clock time, or CLOCK_NEVER */
	int64_t timeout;          /* the same as the span that was given, for the message */
	const struct trace *trace;
};

struct tunnel {
	struct machine machine;
	const struct tunnel_plan *plan;
	struct watch proxy, lookup;
	struct resolve_job *job;
	struct endpoint question; /* what is looked up */
	struct proxy_target target;
	struct proxy_talk talk;
	bool talking;
	uint64_t sent, received; /* not yet told to --trace */
	/* The outcome, when machine.finished: */
	bool open;
	struct error error;
};

/* Begins. The plan, and all it points to, must outlive the tunnel; fd is the caller's to close, whatever comes of it.
 * The machine may be finished on return already. */
void tunnel_start(struct tunnel *tunnel, const struct tunnel_plan *plan, int fd);

/* Gives back all but fd. The machine must be out of the loop. */
void tunnel_stop(struct tunnel *tunnel);

#endif
