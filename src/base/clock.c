#include "base/clock.h"

#include <time.h>

static int64_t read_clock(clockid_t clock)
{
	struct timespec now;
	if (clock_gettime(clock, &now))
		return 0; /* cannot fail with these clocks and a valid pointer */
	return (int64_t)now.tv_sec * CLOCK_S + now.tv_nsec;
}

int64_t clock_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_date(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t clock_after(int64_t from, int64_t span)
{
	return span > CLOCK_NEVER - from ? CLOCK_NEVER : from + span;
}
