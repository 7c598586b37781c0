#include "relay/timers.h"

#include <stdlib.h>

#include "base/clock.h"

/* Places count from 1, as machine->timer does: 0 is nowhere. */
static void put(struct timers *timers, size_t place, struct machine *machine)
{
	timers->heap[place - 1] = machine;
	machine->timer = place;
}

static struct machine *at(const struct timers *timers, size_t place)
{
	return timers->heap[place - 1];
}

static void rise(struct timers *timers, size_t place, struct machine *machine)
{
	for (; place > 1 && at(timers, place / 2)->due > machine->due; place /= 2)
		put(timers, place, at(timers, place / 2));
	put(timers, place, machine);
}

static void sink(struct timers *timers, size_t place, struct machine *machine)
{
	for (;;) {
		size_t child = place * 2;
		if (child > timers->count)
			break;
		if (child < timers->count && at(timers, child + 1)->due < at(timers, child)->due)
			child++;
		if (at(timers, child)->due >= machine->due)
			break;
		put(timers, place, at(timers, child));
		place = child;
	}
	put(timers, place, machine);
}

static void take_out(struct timers *timers, struct machine *machine)
{
	size_t place = machine->timer;
	struct machine *last = at(timers, timers->count--);
	machine->timer = 0;
	if (last == machine)
		return;
	rise(timers, place, last);
	sink(timers, last->timer, last);
}

static int grow(struct timers *timers)
{
	size_t size = timers->size ? timers->size * 2 : 16;
	struct machine **heap = realloc(timers->heap, size * sizeof *heap);
	if (!heap)
		return -1;
	timers->heap = heap;
	timers->size = size;
	return 0;
}

int timers_set(struct timers *timers, struct machine *machine, int64_t due)
{
	if (!machine->timer) {
		if (due == CLOCK_NEVER)
			return 0;
		if (timers->count == timers->size && grow(timers))
			return -1;
		machine->due = due;
		rise(timers, ++timers->count, machine);
		return 0;
	}
	if (due == CLOCK_NEVER) {
		take_out(timers, machine);
		return 0;
	}
	if (due == machine->due)
		return 0;
	machine->due = due;
	rise(timers, machine->timer, machine);
	sink(timers, machine->timer, machine);
	return 0;
}

struct machine *timers_first(const struct timers *timers)
{
	return timers->count ? timers->heap[0] : NULL;
}

void timers_free(struct timers *timers)
{
	free(timers->heap);
	*timers = (struct timers){ 0 };
}
