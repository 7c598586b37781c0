/* clock: monotonic time in nanoseconds, the one unit of time inside skt. */
#ifndef SKT_BASE_CLOCK_H
#define SKT_BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_NEVER INT64_MAX
#define CLOCK_MS    INT64_C(1000000)
#define CLOCK_S     INT64_C(1000000000)

/* Now, on the clock that no one sets (CLOCK_MONOTONIC). */
int64_t clock_now(void);

/* The time of day: nanoseconds since 1970 (CLOCK_REALTIME). For showing, never for waiting. */
int64_t clock_date(void);

/* `from` plus `span`, CLOCK_NEVER where that would overflow or where span is CLOCK_NEVER. Neither is negative. */
int64_t clock_after(int64_t from, int64_t span);

#endif
