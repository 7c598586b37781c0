/* filter_limit: --max-bytes where filters stand before it: so many bytes are delivered, however many were taken for
 * them. */
#ifndef SKT_RELAY_FILTER_LIMIT_H
#define SKT_RELAY_FILTER_LIMIT_H

#include <stdint.h>

#include "relay/filter.h"

struct filter_limit {
	struct filter filter; /* first: the chain hands it back */
	uint64_t left;
};

/* At most `most` (> 0) bytes pass, then the flow has had enough. It is the last of its chain. */
void filter_limit_begin(struct filter_limit *limit, uint64_t most);

#endif
