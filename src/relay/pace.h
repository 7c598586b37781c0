/* pace: a limit on how fast a flow takes bytes (--rate): a small bucket that time fills. All zero: no limit. */
#ifndef SKT_RELAY_PACE_H
#define SKT_RELAY_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pace {
	uint64_t rate;   /* bytes a second; 0: no limit */
	uint64_t credit; /* bytes that may be taken now */
	int64_t filled;  /* when the credit was last added to */
	int64_t resume;  /* the credit is used up until then; 0: it is not */
};

/* Adds what the time brought. False: nothing may be taken before pace->resume. */
bool pace_allows(struct pace *pace, int64_t now);

/* How many of n bytes may be taken now. */
size_t pace_part(const struct pace *pace, size_t n);

void pace_took(struct pace *pace, size_t n);

#endif
