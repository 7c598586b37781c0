/* The copy mover: read into memory, write from it. Fits everything that is a stream of bytes on both sides; the only
 * one that serves filters, terminals and descriptors that are not ours. */
#include <errno.h>

#include "relay/flow.h"

static bool fits(const struct flow *flow)
{
	(void)flow;
	return true;
}

/* Takes up to a piece from the source: 1 something came, 0 nothing now, -1 the flow failed. */
static int take(struct flow *flow)
{
	size_t most = flow_most(flow, FLOW_PIECE);
	struct buffer *into = flow->filter ? &flow->raw : &flow->held;
	if (buffer_reserve(into, most))
		return flow_fail(flow, false, errno), -1;
	ssize_t n = end_read(flow->source, buffer_tail(into), most);
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n < 0)
		return flow_fail(flow, false, errno), -1;
	flow_took(flow, (size_t)n);
	if (flow->filter)
		flow_pass(flow, buffer_tail(into), (size_t)n);
	else
		buffer_added(into, (size_t)n);
	return 1;
}

static enum flow_need move(struct flow *flow)
{
	int full = flow_flush(flow);
	if (!full && !flow->source_ended && !flow->doomed && flow->left) {
		int came = take(flow);
		if (came < 0)
			return FLOW_FAILED;
		if (!came)
			return FLOW_SOURCE;
		full = flow_flush(flow);
	}
	if (full)
		return full < 0 ? FLOW_FAILED : FLOW_SINK;
	return flow->doomed ? FLOW_FAILED : flow_next(flow);
}

const struct mover mover_copy = { "copy", fits, move };
