/* tally: the data-moving calls of --trace, summed: a line a direction every 100 ms at most, and at each change of
 * direction. */
#ifndef SKT_RELAY_TALLY_H
#define SKT_RELAY_TALLY_H

#include <stdint.h>

#include "base/trace.h"

struct tally {
	const struct trace *trace;
	int direction; /* of what is summed: 0 sent, 1 received */
	uint64_t bytes, calls;
	int64_t told[2]; /* when a line of that direction was last told */
};

/* One step moved so many bytes. */
void tally_add(struct tally *tally, int direction, uint64_t bytes, int64_t now);

/* Tells what is summed, if anything. Before any other socket call of the session is told. */
void tally_flush(struct tally *tally, int64_t now);

/* When the next line is due (clock time), or CLOCK_NEVER. */
int64_t tally_due(const struct tally *tally);

#endif
