#include "base/clock.h"

#include <time.h>

int64_t clock_now(void)
{
	struct timespec now;
	if (clock_gettime(CLOCK_MONOTONIC, &now))
		return 0; /* cannot fail with this clock and a valid pointer */
	return (int64_t)now.tv_sec * CLOCK_S + now.tv_nsec;
}

int64_t clock_after(int64_t from, int64_t span)
{
	return span > CLOCK_NEVER - from ? CLOCK_NEVER : from + span;
}
