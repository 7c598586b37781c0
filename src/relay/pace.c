#include "relay/pace.h"

#include "base/clock.h"

enum { SLICES = 50 }; /* a second: so often the bucket is filled, and no burst is larger than two such slices */

static uint64_t slice(const struct pace *pace)
{
	return pace->rate / SLICES ? pace->rate / SLICES : 1;
}

bool pace_allows(struct pace *pace, int64_t now)
{
	if (!pace->rate)
		return true;
	double gained = (double)(now - pace->filled) * (double)pace->rate / (double)CLOCK_S;
	uint64_t most = 2 * slice(pace);
	if (!pace->filled) {
		pace->filled = now;
		pace->credit = slice(pace);
	} else if (gained >= (double)most) {
		pace->credit = most;
		pace->filled = now;
	} else if (gained >= 1) {
		pace->credit += (uint64_t)gained;
		/* What is less than a byte stays in the clock. */
		pace->filled += (int64_t)((double)(uint64_t)gained * (double)CLOCK_S / (double)pace->rate + 0.999999);
		if (pace->credit > most)
			pace->credit = most;
	}
	/* From when the bucket was filled, not from now: a late wake-up is not paid twice. */
	int64_t next = pace->filled + (int64_t)((double)slice(pace) * (double)CLOCK_S / (double)pace->rate) + 1;
	pace->resume = pace->credit ? 0 : next;
	return pace->credit;
}

size_t pace_part(const struct pace *pace, size_t n)
{
	return pace->rate && pace->credit < n ? (size_t)pace->credit : n;
}

void pace_took(struct pace *pace, size_t n)
{
	if (pace->rate)
		pace->credit -= n < pace->credit ? n : pace->credit;
}
