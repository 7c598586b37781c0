/* session: two flows between near ends (standard input and output, or another socket) and a far one, and the policy by
 * which the whole comes to its end. A machine. */
#ifndef SKT_RELAY_SESSION_H
#define SKT_RELAY_SESSION_H

#include "base/watch.h"
#include "relay/flow.h"
#include "relay/gather.h"
#include "relay/tally.h"

enum session_direction { SESSION_OUT, SESSION_IN, SESSION_FLOWS };

enum session_shape {
	SESSION_STDIO, /* the near ends are standard input and output: the peer's end ends the session */
	SESSION_PAIR,  /* both ends are peers: each end is passed on, the session is over when both said it, or at once
			  when one breaks */
	SESSION_ECHO,  /* what the peer says it gets back */
};

struct session_plan {
	enum session_shape shape;
	bool answers;        /* what comes are but answers to our datagrams: enough of them end nothing before all is sent,
				and when all were returned by ICMP none is waited for */
	bool deliver_only;   /* --send-only: over when all that was sent, FIN included, is acknowledged */
	int64_t linger;      /* nanoseconds to wait for the peer after our FIN, or CLOCK_NEVER */
	int64_t idle;        /* nanoseconds without a byte either way, or CLOCK_NEVER */
	int64_t answer_by;   /* clock time by which the far end must have accepted the connection, or CLOCK_NEVER; 0: it has */
	struct pipes *pipes; /* for the flows to share, or NULL */
	const struct trace *trace;
};

struct session {
	struct machine machine;
	const struct session_plan *plan;
	struct end near_in, near_out, far; /* SESSION_PAIR: near_in is the other peer; near_out is not used */
	struct flow flows[SESSION_FLOWS];  /* SESSION_OUT: near_in to far; SESSION_IN: far to near_out */
	bool closed[SESSION_FLOWS];        /* the end of that flow was seen to */
	bool shut;                         /* our FIN is out */
	bool stopped;                      /* session_stop was called */
	bool lingered;                     /* the limit of --linger is over */
	int64_t begun, moved, said_at;     /* clock times: the start, the last byte, all said */
	int64_t first_byte;                /* when the first byte came from the far end; 0: none yet */
	int64_t answer_by;                 /* as in the plan, until then */
	int64_t check_at, check_pause;     /* waiting for the last acknowledgements */
	struct gather gather[SESSION_FLOWS];
	struct tally tally;
	const struct error *error; /* kept until session_end; NULL: all went well */
};

/* Takes the ends as the caller opened them (near_in, near_out, far are filled before this) and makes the two flows; the
 * caller may then set filters, limits and the flows' ending rules before the session goes into a loop. */
void session_begin(struct session *session, const struct session_plan *plan);

/* From within a step (a tap), when it cannot go on: nothing more is taken from the far end; what came is still written,
 * then the session ends with this error. */
void session_stop(struct session *session, const struct error *error);

/* Orderly end, after success as after an error: FIN if none was sent, what lies unread is taken so that no RST destroys
 * our last bytes. The descriptor of the far end stays open and is the caller's. The machine must be out of the loop. */
void session_end(struct session *session);

#endif
