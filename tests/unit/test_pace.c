/* The buckets of --rate and --pps and the pause of --interval under a clock of our own: the rate holds, no burst is
 * large, the wait is named. */
#include "relay/pace.h"

#include <stdlib.h>

#include "base/clock.h"

#include "test.h"

enum { START = 1000 }; /* no clock begins with 0 */

/* What a source that always has bytes may give in `span`, when it is asked at once, then whenever it was told to come
 * back, and at most `late` after that. `most`: the largest burst. */
static double run(uint64_t rate, int64_t span, int64_t late, uint64_t *most)
{
	struct pace pace = { .bytes.rate = rate };
	double total = 0;
	unsigned seed = 1;
	*most = 0;
	for (int64_t now = START; now < START + span;) {
		uint64_t burst = 0;
		int times = 0;
		while (pace_allows(&pace, now)) {
			size_t part = pace_part(&pace, SIZE_MAX);
			if (!CHECK(part > 0))
				return 0;
			pace_took(&pace, part);
			burst += part;
			if (!CHECK(++times < 10)) /* it has no end */
				return 0;
		}
		total += (double)burst;
		*most = burst > *most ? burst : *most;
		if (!CHECK(pace.resume > now))
			return 0;
		now = pace.resume;
		if (late)
			now += (int64_t)((unsigned)rand_r(&seed) % (unsigned)late);
	}
	return total;
}

static void check_rate(uint64_t rate, int64_t seconds, int64_t late)
{
	uint64_t most, slice = rate >= 50 ? rate / 50 : 1;
	double wanted = (double)rate * (double)seconds, total = run(rate, seconds * CLOCK_S, late, &most);
	/* Half a slice of rounding, where the rate is but a few bytes. */
	bool held = total >= wanted * 0.98 - (double)slice && total <= wanted * 1.02 + (double)slice;
	bool small = most <= 2 * slice;
	if (!CHECK(held) || !CHECK(small))
		fprintf(stderr, "rate %llu: %.0f in %lld s, largest burst %llu, late by %lld\n", (unsigned long long)rate, total,
			(long long)seconds, (unsigned long long)most, (long long)late);
}

static void test_rates(void)
{
	static const uint64_t rates[] = { 1, 2, 7, 49, 50, 51, 99, 1000, 1024, 4096, 65536, 1 << 20, 123456789,
					  (uint64_t)1 << 30 };
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
		check_rate(rates[i], 10, 0);
		check_rate(rates[i], 10, 4 * CLOCK_MS);
	}
}

/* Other things wake the loop, too: that must change nothing. */
static void test_asked_often(void)
{
	static const uint64_t rates[] = { 3, 1000, 65536, 10 << 20 };
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
		struct pace pace = { .bytes.rate = rates[i] };
		double total = 0, wanted = 5.0 * (double)rates[i];
		uint64_t whole = rates[i] / 50;
		double slice = whole ? (double)whole : 1;
		for (int64_t now = START; now < START + 5 * CLOCK_S; now += 37 * 1000) {
			bool allowed = pace_allows(&pace, now);
			size_t part = pace_part(&pace, 1 << 30);
			CHECK(allowed == !pace.resume);
			if (!allowed && (!CHECK_EQUAL_INT(part, 0) || !CHECK(pace.resume > now)))
				return;
			pace_took(&pace, part);
			total += (double)part;
		}
		CHECK(total >= wanted * 0.98 - slice);
		CHECK(total <= wanted * 1.02 + slice);
	}
}

static void test_one_byte_a_second(void)
{
	struct pace pace = { .bytes.rate = 1 };
	CHECK(pace_allows(&pace, START));
	CHECK_EQUAL_INT(pace_part(&pace, 100), 1);
	pace_took(&pace, 1);
	CHECK(!pace_allows(&pace, START));
	CHECK(pace.resume >= START + CLOCK_S);
	CHECK(pace.resume <= START + CLOCK_S + CLOCK_MS);
	CHECK(!pace_allows(&pace, START + CLOCK_S - 1000));
	CHECK(pace_allows(&pace, START + CLOCK_S));
	CHECK_EQUAL_INT(pace_part(&pace, 100), 1);
}

/* A source that was silent for long does not make up for it. */
static void test_no_savings(void)
{
	struct pace pace = { .bytes.rate = 1000 };
	CHECK(pace_allows(&pace, START));
	CHECK(pace_part(&pace, 1 << 20) <= 40);
	CHECK(pace_allows(&pace, START + 3600 * CLOCK_S));
	CHECK_EQUAL_INT(pace_part(&pace, 1 << 20), 40);
	pace_took(&pace, 40);
	CHECK(!pace_allows(&pace, START + 3600 * CLOCK_S));
	/* What is not used up stays, but does not grow. */
	CHECK(pace_allows(&pace, START + 3601 * CLOCK_S));
	pace_took(&pace, 10);
	CHECK(pace_allows(&pace, START + 3601 * CLOCK_S));
	CHECK_EQUAL_INT(pace_part(&pace, 1 << 20), 30);
	CHECK_EQUAL_INT(pace_part(&pace, 7), 7);
}

static void test_huge(void)
{
	static const uint64_t rates[] = { (uint64_t)1 << 40, (uint64_t)1 << 62, INT64_MAX, UINT64_MAX - 1, UINT64_MAX };
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
		struct pace pace = { .bytes.rate = rates[i] };
		for (int64_t now = START; now < START + CLOCK_S; now += CLOCK_MS) {
			CHECK(pace_allows(&pace, now));
			CHECK_EQUAL_INT(pace_part(&pace, 1 << 20), 1 << 20);
			pace_took(&pace, 1 << 20);
			CHECK((uint64_t)pace.bytes.credit <= rates[i] / 50 * 2);
		}
		CHECK(pace_allows(&pace, INT64_MAX / 2)); /* a pause of 146 years */
		CHECK((uint64_t)pace.bytes.credit <= rates[i] / 50 * 2);
	}
}

static void test_no_limit(void)
{
	struct pace pace = { 0 };
	for (int64_t now = START; now < START + 10; now++) {
		CHECK(pace_allows(&pace, now));
		CHECK_EQUAL_INT(pace_part(&pace, SIZE_MAX), SIZE_MAX);
		pace_took(&pace, SIZE_MAX);
		CHECK_EQUAL_INT(pace.resume, 0);
	}
}

/* A sender that always has datagrams of `size` bytes, woken when it was told to come back and at most `late` after that.
 * Returns how many left in `span`; *largest: of one burst. */
static uint64_t send_for(struct pace *pace, size_t size, int64_t span, int64_t late, uint64_t *largest)
{
	uint64_t total = 0;
	unsigned seed = 7;
	*largest = 0;
	for (int64_t now = START; now < START + span;) {
		uint64_t burst = 0;
		while (pace_allows(pace, now)) {
			uint64_t n = 1;
			while (n < 4096 && pace_admits(pace, n, n * size))
				n++;
			CHECK(pace_admits(pace, 0, 0));
			pace_sent(pace, n, n * size);
			burst += n;
			if (!CHECK(burst < 1 << 20))
				return 0;
		}
		total += burst;
		*largest = burst > *largest ? burst : *largest;
		if (!CHECK(pace->resume > now))
			return 0;
		now = pace->resume + (late ? (int64_t)((unsigned)rand_r(&seed) % (unsigned)late) : 0);
	}
	return total;
}

static void test_datagrams(void)
{
	static const uint64_t rates[] = { 1, 3, 10, 99, 100, 250, 999, 1000, 1001, 5000, 20000, 123456, 1000000 };
	static const int64_t late[] = { 0, 1200 * 1000, 30 * CLOCK_MS };
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++)
		for (size_t l = 0; l < sizeof late / sizeof late[0]; l++) {
			if (late[l] > 2 * CLOCK_MS && rates[i] > 100000)
				continue; /* a batch is not enough to make up for it */
			struct pace pace = { .datagrams.rate = rates[i], .fine = true };
			uint64_t largest, slice = rates[i] < 1000 ? 1 : rates[i] / 1000, most = rates[i] / 10;
			double wanted = 5.0 * (double)rates[i];
			double sent = (double)send_for(&pace, 100, 5 * CLOCK_S, late[l], &largest);
			most = most > 4096 ? 4096 : most;
			most = most > 2 * slice ? most : 2 * slice;
			bool held = sent >= wanted * 0.98 - 1 && sent <= wanted * 1.02 + (double)slice;
			if (!CHECK(held) || !CHECK(largest <= most))
				fprintf(stderr, "%llu a second: %.0f in 5 s, largest burst %llu, late by %lld\n",
					(unsigned long long)rates[i], sent, (unsigned long long)largest, (long long)late[l]);
			if (!late[l])
				CHECK(largest <= slice); /* evenly, not in bursts */
		}
}

/* Whole datagrams may be larger than what a slice holds: what they owe is waited for. */
static void test_bytes_of_datagrams(void)
{
	static const uint64_t rates[] = { 100, 1000, 65536, 1 << 20, 100 << 20 };
	static const size_t sizes[] = { 0, 1, 64, 1400, 65507 };
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++)
		for (size_t k = 1; k < sizeof sizes / sizeof sizes[0]; k++) {
			struct pace pace = { .bytes.rate = rates[i], .fine = true };
			uint64_t largest;
			int64_t span = 10 * CLOCK_S;
			double wanted = 10.0 * (double)rates[i];
			double sent = (double)(send_for(&pace, sizes[k], span, 0, &largest) * sizes[k]);
			CHECK(sent >= wanted * 0.98 - (double)sizes[k]);
			CHECK(sent <= wanted * 1.02 + (double)sizes[k] + (double)rates[i] / 1000);
			CHECK(largest <= rates[i] / 1000 / sizes[k] + 2);
		}
}

/* Who was late makes up for it with no more than a batch. */
static void test_late_bytes(void)
{
	static const uint64_t rates[] = { 1 << 20, 10 << 20, 100 << 20 };
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
		struct pace pace = { .bytes.rate = rates[i], .fine = true };
		uint64_t largest, most = rates[i] / 10 > 4 << 20 ? 4 << 20 : rates[i] / 10;
		double wanted = 5.0 * (double)rates[i];
		double sent = (double)(send_for(&pace, 1400, 5 * CLOCK_S, 30 * CLOCK_MS, &largest) * 1400);
		CHECK(sent >= wanted * 0.98 && sent <= wanted * 1.02);
		CHECK(largest * 1400 <= most + 1400);
	}
	struct pace pace = { .bytes.rate = 100 << 20, .fine = true };
	CHECK(pace_allows(&pace, START));
	pace_sent(&pace, 1, 1 << 20);
	CHECK(!pace_allows(&pace, START));
	CHECK(pace_allows(&pace, START + CLOCK_S));
	CHECK_EQUAL_INT(pace.bytes.credit, 4 << 20);
}

/* Who paused by himself does not make up for it. */
static void test_pause_of_datagrams(void)
{
	struct pace pace = { .datagrams.rate = 1000, .fine = true };
	CHECK(pace_allows(&pace, START));
	pace_sent(&pace, 1, 0);
	CHECK(pace_allows(&pace, START + CLOCK_S));
	CHECK(pace_admits(&pace, 9, 0));
	CHECK(!pace_admits(&pace, 10, 0));
}

static void test_both_buckets(void)
{
	uint64_t largest;
	struct pace by_bytes = { .bytes.rate = 10000, .datagrams.rate = 1000, .fine = true };
	uint64_t n = send_for(&by_bytes, 100, 10 * CLOCK_S, 0, &largest);
	CHECK(n >= 990 && n <= 1010);
	struct pace by_number = { .bytes.rate = 10000, .datagrams.rate = 10, .fine = true };
	n = send_for(&by_number, 100, 10 * CLOCK_S, 0, &largest);
	CHECK(n >= 98 && n <= 102);
}

/* Never less than the pause, however late the one before it left. */
static void test_interval(void)
{
	struct pace pace = { .interval = 100 * CLOCK_MS };
	CHECK(pace_allows(&pace, START));
	CHECK(pace_admits(&pace, 0, 0));
	CHECK(!pace_admits(&pace, 1, 10));
	pace_sent(&pace, 1, 10);
	CHECK(!pace_allows(&pace, START));
	CHECK_EQUAL_INT(pace.resume, START + 100 * CLOCK_MS);
	CHECK(!pace_allows(&pace, START + 100 * CLOCK_MS - 1));
	CHECK(pace_allows(&pace, START + 130 * CLOCK_MS));
	pace_sent(&pace, 1, 10);
	CHECK(!pace_allows(&pace, START + 229 * CLOCK_MS));
	CHECK(pace_allows(&pace, START + 230 * CLOCK_MS));
	/* Nothing was sent for long: the first goes at once, and only that. */
	CHECK(pace_allows(&pace, START + 3600 * CLOCK_S));
	CHECK(!pace_admits(&pace, 1, 0));
}

/* When the next one may leave, the last one having left `after` the beginning. */
static int64_t next_after(struct pace *pace, int64_t after)
{
	CHECK(pace_allows(pace, START + after));
	pace_sent(pace, 1, 10);
	CHECK(!pace_allows(pace, START + after));
	return pace->resume - START;
}

/* Of datagrams: lateness does not add up, but no two are much nearer than the pause. */
static void test_interval_of_datagrams(void)
{
	enum { US = 1000 };
	struct pace pace = { .interval = 100 * CLOCK_MS, .fine = true };
	struct pace quick = { .interval = CLOCK_MS, .fine = true };
	CHECK_EQUAL_INT(next_after(&pace, 0), 100 * CLOCK_MS);
	CHECK_EQUAL_INT(next_after(&pace, 100 * CLOCK_MS + 300 * US), 200 * CLOCK_MS);
	CHECK_EQUAL_INT(next_after(&pace, 202 * CLOCK_MS), 301 * CLOCK_MS); /* 1 ms is owed */
	CHECK_EQUAL_INT(next_after(&pace, 301 * CLOCK_MS), 400 * CLOCK_MS);
	CHECK_EQUAL_INT(next_after(&pace, 400 * CLOCK_MS), 500 * CLOCK_MS);
	/* A source that paused by itself is not made up for. */
	CHECK(pace_allows(&pace, START + 650 * CLOCK_MS));
	CHECK_EQUAL_INT(next_after(&pace, 650 * CLOCK_MS), 750 * CLOCK_MS);
	CHECK_EQUAL_INT(next_after(&quick, 0), 1000 * US);
	CHECK_EQUAL_INT(next_after(&quick, 1100 * US), 2000 * US);
	CHECK_EQUAL_INT(next_after(&quick, 2300 * US), 3200 * US);
	CHECK_EQUAL_INT(next_after(&quick, 3200 * US), 4100 * US);
	CHECK_EQUAL_INT(next_after(&quick, 4100 * US), 5000 * US);
	CHECK_EQUAL_INT(next_after(&quick, 5000 * US), 6000 * US);
}

/* However late the timer, within reason, the pace holds. */
static void test_pace_of_intervals(void)
{
	static const int64_t intervals[] = { 500000, CLOCK_MS, 10 * CLOCK_MS, 100 * CLOCK_MS };
	for (size_t i = 0; i < sizeof intervals / sizeof intervals[0]; i++) {
		struct pace pace = { .interval = intervals[i], .fine = true };
		int64_t now = 0, last = -intervals[i];
		unsigned seed = 3, late = intervals[i] > 10 * CLOCK_MS ? 1500000 : (unsigned)(intervals[i] / 8);
		int n = 0;
		for (; now < 5 * CLOCK_S; n++) {
			int64_t next = next_after(&pace, now);
			CHECK(now - last >= intervals[i] - intervals[i] / 10);
			last = now;
			now = next + (int64_t)((unsigned)rand_r(&seed) % late);
		}
		double wanted = 5.0 * CLOCK_S / (double)intervals[i];
		CHECK(n >= wanted * 0.98 && n <= wanted * 1.001 + 1);
	}
}

int main(void)
{
	test_rates();
	test_asked_often();
	test_one_byte_a_second();
	test_no_savings();
	test_huge();
	test_no_limit();
	test_datagrams();
	test_bytes_of_datagrams();
	test_late_bytes();
	test_both_buckets();
	test_pause_of_datagrams();
	test_interval();
	test_interval_of_datagrams();
	test_pace_of_intervals();
	return test_result();
}
