/* chance: numbers by chance that are the same on every machine (xorshift64*). */
#ifndef SKT_TESTS_UNIT_CHANCE_H
#define SKT_TESTS_UNIT_CHANCE_H

#include <stdint.h>

static uint64_t chance_seed = 5062;

/* From 0 up to `below`, which is not among them. */
static inline uint64_t chance(uint64_t below)
{
	chance_seed ^= chance_seed >> 12;
	chance_seed ^= chance_seed << 25;
	chance_seed ^= chance_seed >> 27;
	return (chance_seed * UINT64_C(2685821657736338717) >> 16) % below;
}

#endif
