/* broker: what one member says, all others hear. A machine a member, which reads what it says into the talk (talk.h)
 * and writes to it what the others said, each at its own speed. Memory is bounded: nobody is further behind than
 * `limit`. Who is so far behind has a moment, in which nobody is read, to make up for half of it; else it is dropped,
 * and the rest goes on. */
#ifndef SKT_RELAY_BROKER_H
#define SKT_RELAY_BROKER_H

#include "base/watch.h"
#include "relay/end.h"
#include "relay/loop.h"
#include "relay/talk.h"
#include "relay/tally.h"

struct broker_member;

struct broker {
	struct machine machine; /* the moment that those who are too far behind have */
	struct loop *loop;
	struct talk talk;
	uint64_t limit; /* bytes that one may be behind */
	int64_t idle;   /* nanoseconds that a client may neither say nor hear anything, or CLOCK_NEVER */
	const struct trace *trace;
	struct broker_member *first, *standard; /* the latter may be NULL */
	size_t clients;                         /* those in the list that came by a socket of ours */
	size_t speaking;                        /* members whose words have not ended */
	size_t hearing;                         /* clients that hear */
	size_t late;                            /* members that are too far behind, and for which all wait ... */
	int64_t until;                          /* ... until then */
	bool nobody_comes;
	bool last_call; /* what lies ready is the last that is read */
};

/* What of a member that is no client of ours (standard input and output) failed; the other half goes on. */
enum broker_half { BROKER_SPEAKING, BROKER_HEARING, BROKER_BEHIND };

struct broker_member {
	struct machine machine; /* `done` and `owner` are the caller's: finished when it neither speaks nor hears, and
				   when all is over and it has heard everything */
	struct broker *broker;
	struct broker_member *next, **back;
	struct end in, out; /* a client is `in` alone */
	struct end *sink;
	struct talk_reader reader;
	bool client;
	bool speaks, hears;
	bool blocked; /* it takes nothing more at the moment */
	bool late;    /* broker->late counts it */
	bool broken;  /* `error` ends it */
	uint64_t sent, received;
	int64_t moved; /* clock time of the last byte */
	struct tally tally;
	const struct error *error; /* kept until broker_leave; NULL: all went well */
	/* For who is no client; a failure of a client ends it. */
	void (*failed)(struct broker_member *member, enum broker_half half, const struct error *error);
};

/* -1: no memory. The limit is at least 1. */
int broker_begin(struct broker *broker, struct loop *loop, uint64_t limit, int64_t idle, const struct trace *trace);

/* All members have left. */
void broker_end(struct broker *broker);

/* A client, whose socket was opened as `in`, takes part; the member was zeroed else. */
void broker_join(struct broker *broker, struct broker_member *member);

/* Standard input and output take part, as far as `in` and `out`, which were opened, are not END_CLOSED or END_NOTHING.
 * They are read when there is a client to hear it. */
void broker_join_standard(struct broker *broker, struct broker_member *member);

/* Takes a member out, and out of the loop. A client's socket stays open and is the caller's; but for a `cut` it is told
 * the end by FIN, and what it said unread is taken, so that no RST destroys what it was sent. */
void broker_leave(struct broker_member *member, bool cut);

/* No client comes any more: when nobody is left who could say something, or nobody to hear it, all are finished once
 * they have heard everything. */
void broker_nobody_comes(struct broker *broker);

/* What lies ready is read, no more: all are finished once they have heard it. It may be said more than once. */
void broker_last_call(struct broker *broker);

#endif
