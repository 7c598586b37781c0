/* range: the part of a page that was asked for, held against the part that came (RFC 9110 14). Pure. */
#ifndef SKT_HTTP_RANGE_H
#define SKT_HTTP_RANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "http/head.h"

struct range {
	bool suffix;          /* -N: the last `first` bytes */
	uint64_t first, last; /* A-B; last UINT64_MAX: A- */
};

/* What a word that passed request_check_range means. */
struct range range_of(const char *word);

/* Holds the head of a 206 against what was asked for: 1: that is all of it; 0: it is less, which servers may do; -1,
 * ERROR_PROTOCOL: another part, none named, or a length that does not fit to it. A body without a length of its own
 * gets the one that Content-Range tells, so that a cut is seen. */
int range_check(const struct range *range, struct head *head, struct error *error);

#endif
