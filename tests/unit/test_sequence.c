/* Headers written and read, and what is made of those that come: loss, duplicates, order, jitter. */
#include "relay/sequence.h"

#include <netinet/in.h>
#include <stdlib.h>

#include "chance.h"
#include "test.h"

#define BEGUN INT64_C(1795428499000000000)
enum { RUN = 7, MS = 1000000 };

static struct sequence sequence;

static void begin(void)
{
	sequence_free(&sequence);
	sequence.begun = BEGUN;
}

/* `number` of a run, sent and come so many nanoseconds after the beginning. */
static void hear_timed(uint32_t run, uint64_t number, int64_t sent, int64_t came)
{
	char bytes[SEQUENCE_HEADER + 1] = "";
	const struct sockaddr_in from = { .sin_family = AF_INET, .sin_port = (in_port_t)run };
	const struct sequence_header header = { run, number, (uint64_t)sent };
	sequence_write(bytes, &header);
	CHECK_EQUAL_INT(sequence_hear(&sequence, bytes, sizeof bytes, BEGUN + came, (const struct sockaddr *)&from,
				      sizeof from),
			1);
}

static void hear(uint32_t run, uint64_t number)
{
	hear_timed(run, number, (int64_t)number, (int64_t)number + 100);
}

/* Numbers of one run, 0 ends them. */
#define HEAR(...) hear_all((const uint64_t[]){ __VA_ARGS__, 0 })

static void hear_all(const uint64_t *numbers)
{
	begin();
	for (; *numbers; numbers++)
		hear(RUN, *numbers);
}

/* "received lost duplicated reordered" */
static const char *total(void)
{
	static char out[120];
	struct sequence_count count;
	sequence_total(&sequence, &count);
	snprintf(out, sizeof out, "%llu %llu %llu %llu", (unsigned long long)count.received,
		 (unsigned long long)count.lost, (unsigned long long)count.duplicated,
		 (unsigned long long)count.reordered);
	return out;
}

static void test_header(void)
{
	static const struct sequence_header header = { 0x01020304, 0x1122334455667788, 0x99aabbccddeeff00 };
	static const char expected[] =
	    "\xf5skt\1\2\3\4\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff";
	char bytes[SEQUENCE_HEADER];
	struct sequence_header read;
	sequence_write(bytes, &header);
	CHECK_EQUAL_BYTES(bytes, sizeof bytes, expected, SEQUENCE_HEADER);
	CHECK(sequence_read(bytes, sizeof bytes, &read));
	CHECK(read.run == header.run && read.number == header.number && read.time == header.time);
	for (size_t n = 0; n < sizeof bytes; n++)
		CHECK(!sequence_read(bytes, n, &read));
	memset(bytes + 8, 0, 8); /* there is no number 0 */
	CHECK(!sequence_read(bytes, sizeof bytes, &read));
}

static void test_foreign(void)
{
	begin();
	CHECK_EQUAL_INT(sequence_hear(&sequence, "", 0, BEGUN, NULL, 0), 0);
	CHECK_EQUAL_INT(sequence_hear(&sequence, "skt, but not a header at all", 28, BEGUN, NULL, 0), 0);
	CHECK_EQUAL_INT(sequence.foreign, 2);
	CHECK_EQUAL_STRING(total(), "0 0 0 0");
}

static void test_order(void)
{
	HEAR(1, 2, 3);
	CHECK_EQUAL_STRING(total(), "3 0 0 0");
	HEAR(1, 3, 4);
	CHECK_EQUAL_STRING(total(), "3 1 0 0");
	HEAR(3, 4); /* we listened before it began to send */
	CHECK_EQUAL_STRING(total(), "2 2 0 0");
	HEAR(1, 1, 2, 2, 2);
	CHECK_EQUAL_STRING(total(), "5 0 3 0");
	HEAR(2, 1, 3);
	CHECK_EQUAL_STRING(total(), "3 0 0 1");
	HEAR(1, 3, 2, 2, 3); /* late, then late again: a duplicate */
	CHECK_EQUAL_STRING(total(), "5 0 2 1");
	HEAR(1, 5, 2, 3, 4);
	CHECK_EQUAL_STRING(total(), "5 0 0 3");
	HEAR(1, 4, 3);
	CHECK_EQUAL_STRING(total(), "3 1 0 1");
	HEAR(64, 63, 65, 128, 127, 64);
	CHECK_EQUAL_STRING(total(), "6 123 1 2");
}

static void test_late_begin(void)
{
	begin();
	hear_timed(RUN, 1000, 5000 * (int64_t)MS, 10 * MS); /* it sends for 5 s, and we listen for 10 ms */
	CHECK_EQUAL_STRING(total(), "1 0 0 0");
	hear_timed(RUN, 1002, 5002 * (int64_t)MS, 12 * MS);
	CHECK_EQUAL_STRING(total(), "2 1 0 0");
	hear_timed(RUN, 998, 4998 * (int64_t)MS, 13 * MS); /* from before: it was not missed */
	CHECK_EQUAL_STRING(total(), "3 1 0 1");
	hear_timed(RUN, 998, 4998 * (int64_t)MS, 14 * MS);
	CHECK_EQUAL_STRING(total(), "4 1 1 1");
	hear_timed(RUN, 1001, 5001 * (int64_t)MS, 15 * MS);
	CHECK_EQUAL_STRING(total(), "5 0 1 2");
}

static void test_gaps(void)
{
	HEAR(1, 1000000);
	CHECK_EQUAL_STRING(total(), "2 999998 0 0");
	hear(RUN, 2); /* behind the window, where much is missing */
	CHECK_EQUAL_STRING(total(), "3 999997 0 1");
	hear(RUN, 1000000 - SEQUENCE_WINDOW + 64); /* in the window */
	hear(RUN, 1000000 - SEQUENCE_WINDOW + 64);
	CHECK_EQUAL_STRING(total(), "5 999996 1 2");
	begin();
	for (uint64_t i = 1; i <= SEQUENCE_WINDOW + 1000; i++)
		hear(RUN, i);
	hear(RUN, 1); /* behind the window, where nothing is missing */
	CHECK_EQUAL_STRING(total(), "263145 0 1 0");
	/* The largest numbers that a header can hold */
	HEAR(1, UINT64_MAX - 1, UINT64_MAX, UINT64_MAX, 5);
	CHECK_EQUAL_STRING(total(), "5 18446744073709551611 1 1");
	hear_timed(RUN + 1, UINT64_MAX, 0, 1); /* a sum that does not fit */
	CHECK_EQUAL_STRING(total(), "6 18446744073709551615 1 1");
	begin();
	hear_timed(RUN, UINT64_MAX, INT64_MAX, 0);
	hear_timed(RUN, UINT64_MAX - 1, INT64_MAX, 0);
	CHECK_EQUAL_STRING(total(), "2 0 0 1");
}

static void test_runs(void)
{
	struct sequence_count count;
	socklen_t length;
	begin();
	for (uint64_t i = 1; i < 4; i++) {
		hear(1, i);
		hear(2, 2 * i);
	}
	hear(3, 1); /* a sender that began anew */
	hear(1, 3);
	CHECK_EQUAL_STRING(total(), "8 3 1 0");
	CHECK_EQUAL_INT(sequence.count, 3);
	const struct sockaddr_in *from = (const struct sockaddr_in *)(const void *)sequence_run(&sequence, 1, &count, &length);
	CHECK_EQUAL_INT(length, sizeof *from);
	CHECK_EQUAL_INT(from->sin_port, 2);
	CHECK_EQUAL_INT(count.received, 3);
	CHECK_EQUAL_INT(count.lost, 3);
}

/* However many come, memory is bounded, and the sums hold. */
static void test_many_runs(void)
{
	begin();
	for (uint32_t run = 1; run <= 2 * SEQUENCE_RUNS; run++) {
		hear(run, 1);
		hear(run, 3);
		hear(1, run + 3); /* heard again and again: it stays */
	}
	CHECK_EQUAL_INT(sequence.count, SEQUENCE_RUNS);
	CHECK_EQUAL_INT(sequence.gone, SEQUENCE_RUNS);
	CHECK_EQUAL_STRING(total(), "1536 512 0 0");
	hear(2, 9); /* it had to make room: what it sent meanwhile is not known to be lost */
	CHECK_EQUAL_STRING(total(), "1537 512 0 0");
	CHECK_EQUAL_INT(sequence.gone, SEQUENCE_RUNS + 1);
}

static double jitter(void)
{
	struct sequence_count count;
	sequence_total(&sequence, &count);
	return count.jitter;
}

static bool near(double a, double b)
{
	return a - b < 1e-6 && b - a < 1e-6;
}

static void test_jitter(void)
{
	begin();
	for (int i = 1; i < 100; i++)
		hear_timed(RUN, (uint64_t)i, i * MS, i * MS + 30 * MS);
	CHECK(jitter() == 0); /* a delay that stays is none */
	hear_timed(RUN, 100, 100 * MS, 100 * MS + 46 * MS);
	CHECK(near(jitter(), 1.0 * MS));
	hear_timed(RUN, 100, 100 * MS, 100 * MS + 460 * MS); /* a duplicate says nothing */
	CHECK(near(jitter(), 1.0 * MS));
	hear_timed(RUN, 101, 101 * MS, 101 * MS + 30 * MS); /* 16 ms less */
	CHECK(near(jitter(), (1.0 + 15.0 / 16) * MS));
	for (int i = 102; i < 2000; i++) /* it comes to the mean deviation */
		hear_timed(RUN, (uint64_t)i, (int64_t)i * MS, (int64_t)i * MS + (i % 2 ? 30 : 32) * MS);
	CHECK(near(jitter(), 2.0 * MS));
	begin(); /* clocks that jump to where no clock goes are no reason to break */
	hear_timed(RUN, 1, INT64_MAX, 0);
	hear_timed(RUN, 2, INT64_MIN, 0);
	CHECK(jitter() >= 0);
}

/* A path that loses, doubles and delays at random keeps its own account, which must be ours. */
static void test_random_path(void)
{
	enum { SENT = 3000, HELD = 40 };
	static bool came[SENT + 1];
	uint64_t held[HELD], count = 0, highest = 0, expected[4] = { 0 };
	char text[120];
	memset(came, 0, sizeof came);
	begin();
	for (uint64_t number = 1; number <= SENT || count;) {
		bool take = number <= SENT && count < HELD - 1 && chance(3);
		if (take) {
			held[count++] = number++;
			count -= !chance(8); /* lost */
			continue;
		}
		if (!count)
			continue;
		uint64_t which = chance(4) ? 0 : chance(count), next = held[which];
		hear(RUN, next);
		expected[0]++;
		expected[2] += came[next];
		expected[3] += !came[next] && next < highest;
		came[next] = true;
		highest = next > highest ? next : highest;
		if (chance(6)) /* else it stays, and comes again */
			memmove(&held[which], &held[which + 1], (--count - which) * sizeof *held);
	}
	for (uint64_t number = 1; number < highest; number++)
		expected[1] += !came[number];
	snprintf(text, sizeof text, "%llu %llu %llu %llu", (unsigned long long)expected[0],
		 (unsigned long long)expected[1], (unsigned long long)expected[2], (unsigned long long)expected[3]);
	CHECK_EQUAL_STRING(total(), text);
}

int main(void)
{
	test_header();
	test_foreign();
	test_order();
	test_late_begin();
	test_gaps();
	test_runs();
	test_many_runs();
	test_jitter();
	for (int i = 0; i < 200; i++)
		test_random_path();
	sequence_free(&sequence);
	return test_result();
}
