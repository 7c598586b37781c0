/* timers: the machines that have a deadline, soonest first. A binary heap; each machine knows its place in it. */
#ifndef SKT_RELAY_TIMERS_H
#define SKT_RELAY_TIMERS_H

#include "base/watch.h"

struct timers {
	struct machine **heap; /* owned */
	size_t count, size;
};

/* Sets, moves or (due CLOCK_NEVER) takes out the machine's deadline. -1: no memory; the old one holds. */
int timers_set(struct timers *timers, struct machine *machine, int64_t due);

/* The machine whose deadline comes first, or NULL. */
struct machine *timers_first(const struct timers *timers);

void timers_free(struct timers *timers);

#endif
