/* gather: lets a bulk stream that comes by TCP lie in the kernel until a good piece of it is there (SO_RCVLOWAT,
 * socket(7)), which saves wake-ups on both sides. Only after several large moves in a row, and never for longer than a
 * moment without news: a stream that pauses is not kept waiting for bytes that do not come. */
#ifndef SKT_RELAY_GATHER_H
#define SKT_RELAY_GATHER_H

#include <stdbool.h>
#include <stdint.h>

#include "relay/flow.h"

struct gather {
	uint8_t large; /* large moves in a row */
	bool raised;   /* the low-water mark is up */
	int64_t until; /* ... but not beyond this time */
};

/* A move took so many bytes from the flow's source. */
void gather_moved(struct gather *gather, const struct flow *flow, uint64_t bytes, int64_t now);

/* Lowers the mark when its time is over. */
void gather_check(struct gather *gather, const struct flow *flow, int64_t now);

/* When gather_check wants to be called, or CLOCK_NEVER. */
int64_t gather_due(const struct gather *gather);

#endif
