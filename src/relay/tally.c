#include "relay/tally.h"

#include <inttypes.h>

#include "base/clock.h"

enum { PAUSE = 100 }; /* milliseconds */

void tally_flush(struct tally *tally, int64_t now)
{
	const char *call = tally->direction ? "recv" : "send";
	if (!tally->calls)
		return;
	if (tally->calls == 1)
		trace_line(tally->trace, "%s(...) = %" PRIu64, call, tally->bytes);
	else
		trace_line(tally->trace, "%s(...) = %" PRIu64 ", the sum of %" PRIu64 " calls", call, tally->bytes,
			   tally->calls);
	tally->told[tally->direction] = now;
	tally->bytes = tally->calls = 0;
}

void tally_add(struct tally *tally, int direction, uint64_t bytes, int64_t now)
{
	if (direction != tally->direction)
		tally_flush(tally, now);
	tally->direction = direction;
	tally->bytes += bytes;
	tally->calls++;
	if (now >= tally_due(tally))
		tally_flush(tally, now);
}

int64_t tally_due(const struct tally *tally)
{
	int64_t told = tally->told[tally->direction];
	return tally->calls ? told + (told ? PAUSE * CLOCK_MS : 0) : CLOCK_NEVER;
}
