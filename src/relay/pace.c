#include "relay/pace.h"

#include "base/clock.h"

/* How often a second a bucket is filled, and what part of a second its credit stands for at most: two slices; for
 * datagrams a hundredth, or a tenth when it was the pace that was waited for, so that a late wake-up loses nothing. */
enum { SLICES = 50, FINE_SLICES = 1000, BURSTS = 100, LATE_BURSTS = 10 };
/* By what a pause between datagrams is shorter, at most, while lateness is made up for: a tenth, and a millisecond. And
 * how much lateness that is, at most, of all so far: as LATE_BURSTS. */
enum { PART_OF_PAUSE = 10, SHORTER = 1000000 };
enum { OWED = 100000000 };
enum { BATCH = 4096, BATCH_BYTES = 4 << 20 }; /* datagrams, and bytes, that leave in one call at most */

static int64_t slice(const struct pace *pace, const struct pace_bucket *bucket)
{
	uint64_t slices = pace->fine ? FINE_SLICES : SLICES;
	return bucket->rate / slices ? (int64_t)(bucket->rate / slices) : 1;
}

static int64_t most(const struct pace *pace, const struct pace_bucket *bucket)
{
	int64_t least = 2 * slice(pace, bucket), burst = 0, batch = bucket == &pace->datagrams ? BATCH : BATCH_BYTES;
	if (pace->fine)
		burst = (int64_t)(bucket->rate / (pace->resume ? LATE_BURSTS : BURSTS));
	if (burst > batch)
		burst = batch;
	return burst > least ? burst : least;
}

static double span_of(const struct pace_bucket *bucket, int64_t units)
{
	return (double)units * (double)CLOCK_S / (double)bucket->rate;
}

/* Fills one bucket. 0: it has credit; else when it will. */
static int64_t fill(const struct pace *pace, struct pace_bucket *bucket, int64_t now)
{
	if (!bucket->rate)
		return 0;
	double gained = (double)(now - bucket->filled) * (double)bucket->rate / (double)CLOCK_S;
	int64_t full = most(pace, bucket);
	if (!bucket->filled) {
		bucket->filled = now;
		bucket->credit = slice(pace, bucket);
	} else if (gained >= (double)(full - bucket->credit)) {
		bucket->credit = full;
		bucket->filled = now;
	} else if (gained >= 1) {
		bucket->credit += (int64_t)gained;
		/* What is less than a unit stays in the clock. */
		bucket->filled += (int64_t)(span_of(bucket, (int64_t)gained) + 0.999999);
	}
	if (bucket->credit > 0)
		return 0;
	/* From when the bucket was filled, not from now: a late wake-up is not paid twice. */
	return bucket->filled + (int64_t)span_of(bucket, slice(pace, bucket) - bucket->credit) + 1;
}

static bool has_limit(const struct pace *pace)
{
	return pace->bytes.rate || pace->datagrams.rate || pace->interval;
}

bool pace_allows(struct pace *pace, int64_t now)
{
	if (!has_limit(pace)) { /* as nearly always */
		pace->resume = 0;
		return true;
	}
	const int64_t times[] = { fill(pace, &pace->bytes, now), fill(pace, &pace->datagrams, now),
				  pace->sent ? clock_after(pace->sent, pace->interval) : 0 };
	pace->now = now;
	pace->waited = pace->resume;
	pace->resume = 0;
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
		if (times[i] > now && times[i] > pace->resume)
			pace->resume = times[i];
	return !pace->resume;
}

size_t pace_part(const struct pace *pace, size_t n)
{
	int64_t credit = pace->bytes.credit > 0 ? pace->bytes.credit : 0;
	return pace->bytes.rate && (uint64_t)credit < n ? (size_t)credit : n;
}

void pace_took(struct pace *pace, size_t n)
{
	if (pace->bytes.rate)
		pace->bytes.credit -= (int64_t)n;
}

static bool has_room(const struct pace_bucket *bucket, uint64_t units)
{
	return !bucket->rate || (bucket->credit > 0 && (uint64_t)bucket->credit > units);
}

bool pace_admits(const struct pace *pace, uint64_t datagrams, uint64_t bytes)
{
	return (!pace->interval || !datagrams) && has_room(&pace->datagrams, datagrams) &&
	       has_room(&pace->bytes, bytes);
}

/* When a datagram counts as sent that was sent now. Timers wake late, which would add up. */
static int64_t time_sent(struct pace *pace)
{
	int64_t part = pace->interval / PART_OF_PAUSE, late = pace->now - clock_after(pace->sent, pace->interval);
	bool counts = pace->fine && pace->sent && pace->waited && late >= 0;
	pace->owed = counts ? pace->owed + late : 0;
	if (pace->owed > OWED)
		pace->owed = OWED;
	part = part < SHORTER ? part : SHORTER;
	part = part < pace->owed ? part : pace->owed;
	pace->owed -= part;
	return pace->now - part;
}

void pace_sent(struct pace *pace, uint64_t datagrams, uint64_t bytes)
{
	if (pace->bytes.rate)
		pace->bytes.credit -= (int64_t)bytes;
	if (pace->datagrams.rate)
		pace->datagrams.credit -= (int64_t)datagrams;
	if (datagrams)
		pace->sent = time_sent(pace);
}
