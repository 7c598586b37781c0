/* pace: limits on how fast a flow moves: small buckets of bytes and of datagrams that time fills, and a pause between
 * two datagrams, or lines. What has no limit is zero. A stream asks how many of its bytes may be taken (pace_part); datagrams are
 * whole: one may leave while there is credit left, and its size may leave a debt (pace_admits). Knows no clock. */
#ifndef SKT_RELAY_PACE_H
#define SKT_RELAY_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pace_bucket {
	uint64_t rate;  /* units a second; 0: no limit */
	int64_t credit; /* units that may be moved now; below 0: a debt */
	int64_t filled; /* when the credit was last added to; 0: never yet */
};

struct pace {
	struct pace_bucket bytes;     /* --rate */
	struct pace_bucket datagrams; /* --pps */
	int64_t interval;             /* nanoseconds from one datagram or line to the next; 0: no pause */
	/* For datagrams: filled every millisecond, as they want to be spaced, and not fifty times a second; and a pause
	 * that was longer, for the timer was late, makes the next ones shorter. */
	bool fine;
	bool waited;       /* it was the pace that was waited for, not the source */
	int64_t owed;      /* by how much pauses were longer, and what was not made up for yet */
	int64_t now, sent; /* when it was asked last, when the last datagram or line left or should have (0: none yet) */
	int64_t resume;    /* the credit is used up until then; 0: it is not */
};

/* Adds what the time brought. False: nothing may be moved before pace->resume. */
bool pace_allows(struct pace *pace, int64_t now);

/* How many of n bytes of a stream may be taken now. */
size_t pace_part(const struct pace *pace, size_t n);

void pace_took(struct pace *pace, size_t n);

/* Whether a datagram may follow so many that are about to leave together, all of it since pace_allows said yes. */
bool pace_admits(const struct pace *pace, uint64_t datagrams, uint64_t bytes);

/* So many left, in the moment that pace_allows was told. */
void pace_sent(struct pace *pace, uint64_t datagrams, uint64_t bytes);

#endif
