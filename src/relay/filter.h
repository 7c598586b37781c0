/* filter: a change of the bytes of a flow on their way. Filters stand in a chain: what one makes the next one gets, and
 * the last one fills what the flow holds for its sink. While a flow has any, only movers that see the bytes fit. */
#ifndef SKT_RELAY_FILTER_H
#define SKT_RELAY_FILTER_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

struct flow;

struct filter {
	/* Takes n bytes and appends what is to go on to `out`; at the end of the source it is called once more with n
	 * 0. It may take itself out of the flow, set what is left to take, or end it (flow_unfilter, flow_limit,
	 * flow_enough). -1: error is filled, the flow fails once what was made before is delivered. */
	int (*pass)(struct filter *filter, struct flow *flow, const char *bytes, size_t n, struct buffer *out,
		    struct error *error);
	struct filter *next; /* NULL: it is the last one */
};

/* Lets n bytes, or with n 0 the end, pass the chain that begins here (NULL: there is none), into `out`; `between` is
 * for what they hand to one another, and empty again afterwards. -1: a filter failed; what all had made until then is
 * in `out`. */
int filter_run(struct filter *first, struct flow *flow, const char *bytes, size_t n, struct buffer between[static 2],
	       struct buffer *out, struct error *error);

/* A failure to get memory, for a filter to return. */
int filter_no_memory(struct error *error);

#endif
