#include "relay/filter_limit.h"

#include "relay/flow.h"

static int pass(struct filter *filter, struct flow *flow, const char *bytes, size_t n, struct buffer *out,
		struct error *error)
{
	struct filter_limit *limit = (struct filter_limit *)filter;
	size_t part = n < limit->left ? n : (size_t)limit->left;
	limit->left -= part;
	if (!limit->left)
		flow_enough(flow);
	return buffer_append(out, bytes, part) ? filter_no_memory(error) : 0;
}

void filter_limit_begin(struct filter_limit *limit, uint64_t most)
{
	*limit = (struct filter_limit){ .filter.pass = pass, .left = most };
}
