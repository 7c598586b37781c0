/* probe: one port of a scan. A stream is dialled (net/dial.h) and closed again, nothing is sent; a datagram socket
 * sends one datagram and waits for what it brings: an answer, an ICMP error or silence. */
#ifndef SKT_COMMANDS_PROBE_H
#define SKT_COMMANDS_PROBE_H

#include "commands/report.h"
#include "net/dial.h"
#include "relay/loop.h"

/* The first three are the scan's own: a port that nobody asked for, one to be asked, one that is being asked. */
enum probe_state {
	PROBE_NONE,
	PROBE_TO_DO,
	PROBE_ASKED,
	PROBE_OPEN,
	PROBE_CLOSED,
	PROBE_FILTERED, /* a stream: no answer in time, or no way there */
	PROBE_UNKNOWN,  /* datagrams: silence, or no way there */
	PROBE_FAILED,   /* it is our own fault: error */
};

struct probe;

/* What all probes of a scan share. */
struct probe_plan {
	struct dial_plan dial; /* `to` and `known` are each probe's own */
	const struct endpoint *to;
	const struct address_list *addresses; /* of the host, in the order to try; the ports in it are of no matter */
	const void *payload;                  /* of the datagram */
	size_t payload_size;
	int64_t silence; /* nanoseconds: how long an answer to a datagram is waited for */
	struct loop *loop;
	const struct report *report;
	void (*done)(struct probe *probe); /* the outcome is there; may be called by probe_start already */
	void *owner;
};

struct probe {
	struct machine machine; /* first; a datagram's: waits for the answer */
	struct watch watch;
	struct dial dial;
	struct dial_plan dial_plan;
	struct endpoint to;
	char service[8];
	const struct probe_plan *plan;
	uint32_t port;
	int64_t limit;
	bool dialling;
	struct probe *next; /* the scan's own: another that is free */
	/* The outcome: */
	enum probe_state state;
	size_t address;     /* which of the addresses it is about */
	struct error error; /* why it is not open */
};

/* Begins to ask a port. The probe must be all zero, or done. */
void probe_start(struct probe *probe, const struct probe_plan *plan, uint32_t port);

/* Gives up what is under way. Safe at any time for a probe that was once all zero. */
void probe_stop(struct probe *probe);

#endif
