/* What --trace tells of the calls that move data: a line a direction every 100 ms, and at each change of direction. */
#include "relay/tally.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"

#include "test.h"

enum { SENT, RECEIVED, START = 1000 };

static char told[4000];
static int lines;

static void line(void *context, const char *text)
{
	(void)context;
	size_t used = strlen(told);
	snprintf(told + used, sizeof told - used, "%s\n", text);
	lines++;
}

static const struct trace trace = { .line = line };

static struct tally begin(void)
{
	told[0] = '\0';
	lines = 0;
	return (struct tally){ .trace = &trace };
}

/* A first call is told at once; what follows within 100 ms is summed. */
static void test_one_direction(void)
{
	struct tally tally = begin();
	CHECK_EQUAL_INT(tally_due(&tally), CLOCK_NEVER);
	tally_add(&tally, SENT, 3, START);
	CHECK_EQUAL_STRING(told, "send(...) = 3\n");
	CHECK_EQUAL_INT(tally_due(&tally), CLOCK_NEVER);
	tally_add(&tally, SENT, 10, START + CLOCK_MS);
	tally_add(&tally, SENT, 20, START + 99 * CLOCK_MS);
	CHECK_EQUAL_INT(lines, 1);
	CHECK_EQUAL_INT(tally_due(&tally), START + 100 * CLOCK_MS);
	tally_add(&tally, SENT, 30, START + 100 * CLOCK_MS);
	CHECK_EQUAL_STRING(told, "send(...) = 3\nsend(...) = 60, the sum of 3 calls\n");
}

static void test_change(void)
{
	struct tally tally = begin();
	tally_add(&tally, SENT, 1, START);
	tally_add(&tally, SENT, 2, START + 1);
	tally_add(&tally, RECEIVED, 136, START + 2);
	CHECK_EQUAL_STRING(told, "send(...) = 1\nsend(...) = 2\nrecv(...) = 136\n");
	tally_add(&tally, RECEIVED, 4, START + 3);
	tally_add(&tally, RECEIVED, 5, START + 4);
	CHECK_EQUAL_INT(lines, 3);
	tally_flush(&tally, START + 5);
	CHECK_EQUAL_INT(lines, 4);
	CHECK(strstr(told, "recv(...) = 9, the sum of 2 calls\n") != NULL);
	tally_flush(&tally, START + 6); /* nothing is left to tell */
	CHECK_EQUAL_INT(lines, 4);
	CHECK_EQUAL_INT(tally_due(&tally), CLOCK_NEVER);
}

/* However often something is moved: a few lines a second, and not a byte is forgotten. */
static void test_many(void)
{
	struct tally tally = begin();
	uint64_t bytes = 0, calls = 0, more;
	for (int64_t now = START; now <= START + CLOCK_S; now += CLOCK_MS / 2)
		tally_add(&tally, RECEIVED, UINT64_C(10000000000), now);
	tally_flush(&tally, START + CLOCK_S + 1);
	CHECK(lines >= 10 && lines <= 12);
	char *rest = told;
	for (char *one; (one = strsep(&rest, "\n")) && *one;) {
		CHECK(!strncmp(one, "recv(...) = ", 12));
		bytes += strtoull(one + 12, NULL, 10);
		const char *sum = strstr(one, "the sum of ");
		more = sum ? strtoull(sum + 11, NULL, 10) : 1;
		calls += more;
	}
	CHECK_EQUAL_INT(calls, 2001);
	CHECK_EQUAL_INT(bytes, UINT64_C(20010000000000));
}

/* Nobody listens: nothing happens. */
static void test_nobody(void)
{
	struct tally tally = { .trace = NULL };
	begin();
	tally_add(&tally, SENT, 1, START);
	tally_flush(&tally, START + 1);
	CHECK_EQUAL_INT(lines, 0);
}

int main(void)
{
	test_one_direction();
	test_change();
	test_many();
	test_nobody();
	return test_result();
}
