/* The heap of deadlines: soonest first, and each machine knows its place in it. */
#include "relay/timers.h"

#include <stdlib.h>

#include "base/clock.h"

#include "test.h"

enum { MANY = 300 };

static struct timers timers;
static struct machine machines[MANY];

/* The heap's promise, and that every machine's place is its own. */
static void check_heap(void)
{
	for (size_t place = 1; place <= timers.count; place++) {
		const struct machine *machine = timers.heap[place - 1];
		if (!CHECK_EQUAL_INT(machine->timer, place) ||
		    !CHECK(place == 1 || timers.heap[place / 2 - 1]->due <= machine->due))
			return;
	}
}

static int64_t soonest(void)
{
	const struct machine *first = timers_first(&timers);
	return first ? first->due : CLOCK_NEVER;
}

static void test_few(void)
{
	CHECK(!timers_first(&timers));
	CHECK_EQUAL_INT(timers_set(&timers, &machines[0], CLOCK_NEVER), 0); /* not in: nothing to take out */
	CHECK(!timers_first(&timers));
	CHECK_EQUAL_INT(timers_set(&timers, &machines[0], 50), 0);
	CHECK_EQUAL_INT(timers_set(&timers, &machines[1], 30), 0);
	CHECK_EQUAL_INT(timers_set(&timers, &machines[2], 40), 0);
	CHECK(timers_first(&timers) == &machines[1]);
	CHECK_EQUAL_INT(timers_set(&timers, &machines[1], 60), 0); /* later */
	CHECK(timers_first(&timers) == &machines[2]);
	CHECK_EQUAL_INT(timers_set(&timers, &machines[0], 10), 0); /* sooner */
	CHECK(timers_first(&timers) == &machines[0]);
	CHECK_EQUAL_INT(timers_set(&timers, &machines[0], 10), 0); /* the same */
	CHECK_EQUAL_INT(timers.count, 3);
	CHECK_EQUAL_INT(timers_set(&timers, &machines[0], CLOCK_NEVER), 0);
	CHECK_EQUAL_INT(machines[0].timer, 0);
	CHECK(timers_first(&timers) == &machines[2]);
	CHECK_EQUAL_INT(timers_set(&timers, &machines[2], CLOCK_NEVER), 0);
	CHECK_EQUAL_INT(timers_set(&timers, &machines[1], CLOCK_NEVER), 0);
	CHECK(!timers_first(&timers));
}

/* Against a plain array, with deadlines that collide. */
static void test_many(void)
{
	static int64_t due[MANY];
	unsigned random = 1;
	for (size_t i = 0; i < MANY; i++)
		due[i] = CLOCK_NEVER;
	for (int round = 0; round < 20000; round++) {
		random = random * 1103515245 + 12345;
		size_t i = (random >> 16) % MANY;
		random = random * 1103515245 + 12345;
		due[i] = (random >> 16) % 4 ? (int64_t)((random >> 18) % 500) : CLOCK_NEVER;
		CHECK_EQUAL_INT(timers_set(&timers, &machines[i], due[i]), 0);
		int64_t least = CLOCK_NEVER;
		size_t count = 0;
		for (size_t j = 0; j < MANY; j++) {
			least = due[j] < least ? due[j] : least;
			count += due[j] != CLOCK_NEVER;
		}
		if (!CHECK_EQUAL_INT(soonest(), least) || !CHECK_EQUAL_INT(timers.count, count))
			return;
		if (round % 97 == 0)
			check_heap();
	}
	check_heap();
	int64_t before = 0;
	for (struct machine *first; (first = timers_first(&timers)) && CHECK(first->due >= before);) {
		before = first->due;
		timers_set(&timers, first, CLOCK_NEVER);
	}
	for (size_t i = 0; i < MANY; i++)
		CHECK_EQUAL_INT(machines[i].timer, 0);
}

int main(void)
{
	test_few();
	test_many();
	timers_free(&timers);
	CHECK(!timers.heap && !timers.count);
	return test_result();
}
