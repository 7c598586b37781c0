/* flow: one direction, written once and used twice: a source, a sink, a mover, what is held between them, and how it
 * ended. What a flow waits for is what its mover answered, nothing else. */
#ifndef SKT_RELAY_FLOW_H
#define SKT_RELAY_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "relay/end.h"
#include "relay/filter.h"
#include "relay/framing.h"
#include "relay/pace.h"
#include "relay/pipes.h"

/* A mover's answer: what it needs to go on. */
enum flow_need {
	FLOW_START,       /* nothing yet: the next step may move */
	FLOW_SOURCE,      /* the source to be readable */
	FLOW_SINK,        /* the sink to be writable */
	FLOW_PACE,        /* the pace of its datagrams or lines to allow one more */
	FLOW_BACK,        /* the source to be writable: something goes back there */
	FLOW_OTHER_MOVER, /* the kernel refused this one before it moved a byte */
	FLOW_ENDED,       /* the source is at its end (or enough was taken) and all that was held is delivered */
	FLOW_FAILED,      /* flow->error is filled */
};

struct flow;

struct mover {
	const char *name;
	bool (*fits)(const struct flow *flow);
	enum flow_need (*move)(struct flow *flow); /* a bounded amount, never blocking */
};

struct flow {
	struct end *source, *sink;
	const struct mover *mover; /* NULL: to be chosen at the next step */
	size_t row;                /* of the mover in the table */
	enum flow_need need;
	struct filter *filter;    /* the first of the chain, or NULL; not owned */
	struct framing *framing;  /* for datagrams: how bytes and datagrams relate; not owned */
	struct buffer held;       /* taken from the source, filtered, not yet given to the sink */
	struct buffer raw;        /* what a filter reads from, and what is not yet due */
	struct buffer between[2]; /* what filters hand to one another */
	int pipe[2];              /* of our own, taken when bytes come, given back when idle; -1: none */
	struct pipes *pipes;      /* where they come from; NULL: made for this flow alone */
	size_t piped;             /* bytes in it: taken from the source, not yet given to the sink */
	size_t piece;             /* bytes a move asks for; 0: the mover's own choice */
	uint64_t left;            /* bytes that may still be taken from the source */
	uint64_t taken, given;    /* bytes so far */
	uint64_t datagrams;
	struct pace pace;          /* how fast the source may be read; for datagrams and lines there is framing->pace */
	size_t aside;              /* bytes of our own (flow_interject) behind the last ones of the source */
	int64_t taken_at;          /* when something last came from the source, 0: never yet */
	bool half_close;           /* shut the sink down for writing after the end */
	bool shut;                 /* ... which is done: nothing more can be given */
	bool until_other;          /* the end of the session's other flow ends this one, but for what lies ready */
	bool last_call;            /* ... which has happened */
	bool source_ended;         /* nothing more comes from the source: end of file, FIN, or flow_end */
	bool dismissed;            /* ... by flow_end: the source itself may have more to say, to somebody else */
	bool doomed;               /* the filter failed: `error` counts once what is held is delivered */
	bool enough;               /* ended because nothing more may be taken */
	bool at_sink;              /* FLOW_FAILED: it was the sink */
	bool bulk;                 /* between sockets: what came last was large */
	bool undelayed;            /* between sockets: TCP_NODELAY is set on the sink */
	bool leaving;              /* the end of a line is in what is held */
	bool grown;                /* the pipe at one end was made larger, or cannot be */
	bool record;               /* between sockets with boundaries: a message is held, be it empty */
	const struct error *error; /* kept (error_free); NULL: none */
};

enum { FLOW_PIECE = 256 * 1024, FLOW_PIPE = 1024 * 1024 };

/* Sets up a flow between two ends; it is ready for its first step. */
void flow_begin(struct flow *flow, struct end *source, struct end *sink);

/* Lets the mover move, if what it needs is there. Returns whether it was called. */
bool flow_step(struct flow *flow, int64_t now);

/* Adds what this flow waits for to the ends' watches (their `want` was cleared before). */
void flow_interest(const struct flow *flow);

/* Of what is held: bytes of our own, which are the last of it. */
static inline size_t flow_own(const struct flow *flow)
{
	return buffer_held(&flow->held) < flow->aside ? buffer_held(&flow->held) : flow->aside;
}

/* Bytes that were taken and are still on their way. */
static inline size_t flow_held(const struct flow *flow)
{
	return buffer_held(&flow->held) - flow_own(flow) + buffer_held(&flow->raw) + flow->piped;
}

/* How many bytes the next move may take from the source: what --buffer-size says or is usual for the mover, or what is
 * left. */
static inline size_t flow_most(const struct flow *flow, size_t usual)
{
	size_t piece = flow->piece ? flow->piece : usual;
	return pace_part(&flow->pace, flow->left < piece ? (size_t)flow->left : piece);
}

/* n bytes were taken from the source, 0: its end. */
void flow_took(struct flow *flow, size_t n);

/* The answer of a mover that holds nothing: the source, or the end. */
enum flow_need flow_next(struct flow *flow);

/* Until when a pace holds it back; CLOCK_NEVER: none does. */
int64_t flow_resumes(const struct flow *flow);

/* Ended or failed. */
static inline bool flow_over(const struct flow *flow)
{
	return flow->need == FLOW_ENDED || flow->need == FLOW_FAILED;
}

/* At most n more bytes are taken from the source. */
void flow_limit(struct flow *flow, uint64_t n);

/* Puts a filter behind those that are there. It must live as long as the flow, or until it is taken out. */
void flow_filter(struct flow *flow, struct filter *filter);

/* The filter has done its work: what comes now passes the others; with the last one gone, as it is by the fastest
 * mover.
 */
void flow_unfilter(struct flow *flow, struct filter *filter);

/* Nobody needs to see the bytes: there is no filter, nor a tap at an end. */
static inline bool flow_is_plain(const struct flow *flow)
{
	return !flow->filter && !flow->source->tap && !flow->sink->tap;
}

/* n bytes of the source, or with n 0 its end, pass the filters and are held then. When a filter fails the flow is
 * doomed: what is held is still delivered. */
void flow_pass(struct flow *flow, const char *bytes, size_t n);

/* Bytes of our own (a filter's answers) go to the sink of this flow, between two pieces of what its source gives, and
 * also when that has ended. Dropped where the sink takes nothing more, and when too many wait already. */
void flow_interject(struct flow *flow, const void *bytes, size_t n);

/* Nothing more is to come from the source, though it did not say so: what waits goes on its way at the next step. */
void flow_end(struct flow *flow);

/* Nothing more is taken; what is held is still delivered, then the flow is over. */
void flow_enough(struct flow *flow);

/* Writes what is held, for movers that hold bytes: 0 all of it is out, 1 the sink is full, -1 it failed (flow_fail was
 * called). */
int flow_flush(struct flow *flow);

/* A failure of the source or sink with this errno: fills the error; returns FLOW_FAILED for a mover to return. */
enum flow_need flow_fail(struct flow *flow, bool at_sink, int number);

/* As flow_fail, with an error of the caller's making. */
enum flow_need flow_fail_as(struct flow *flow, bool at_sink, const struct error *error);

void flow_free(struct flow *flow);

/* The movers, fastest first, ended by one that fits whatever the others do not. NULL ends the table. */
extern const struct mover *const flow_movers[];
extern const struct mover mover_copy, mover_records, mover_datagrams_out, mover_datagrams_in, mover_lines, mover_drop,
    mover_splice, mover_sendfile, mover_pipe, mover_pipe_relay;

#endif
