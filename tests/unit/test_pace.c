/* The bucket of --rate under a clock of our own: the rate holds, no burst is large, the wait is named. */
#include "relay/pace.h"

#include <stdlib.h>

#include "base/clock.h"

#include "test.h"

enum { START = 1000 }; /* no clock begins with 0 */

/* What a source that always has bytes may give in `span`, when it is asked at once, then whenever it was told to come
 * back, and at most `late` after that. `most`: the largest burst. */
static double run(uint64_t rate, int64_t span, int64_t late, uint64_t *most)
{
	struct pace pace = { .rate = rate };
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
		struct pace pace = { .rate = rates[i] };
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
	struct pace pace = { .rate = 1 };
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
	struct pace pace = { .rate = 1000 };
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
		struct pace pace = { .rate = rates[i] };
		for (int64_t now = START; now < START + CLOCK_S; now += CLOCK_MS) {
			CHECK(pace_allows(&pace, now));
			CHECK_EQUAL_INT(pace_part(&pace, 1 << 20), 1 << 20);
			pace_took(&pace, 1 << 20);
			CHECK(pace.credit <= rates[i] / 50 * 2);
		}
		CHECK(pace_allows(&pace, INT64_MAX / 2)); /* a pause of 146 years */
		CHECK(pace.credit <= rates[i] / 50 * 2);
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

int main(void)
{
	test_rates();
	test_asked_often();
	test_one_byte_a_second();
	test_no_savings();
	test_huge();
	test_no_limit();
	return test_result();
}
