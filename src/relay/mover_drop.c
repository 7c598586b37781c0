/* The drop mover: what comes by TCP and goes nowhere is not even copied out of the kernel (MSG_TRUNC, tcp(7)). */
#include <errno.h>
#include <sys/socket.h>

#include "relay/flow.h"

static bool fits(const struct flow *flow)
{
	bool nowhere = flow->sink->kind == END_NOTHING || flow->sink->null_device;
	return nowhere && flow->source->tcp && flow_is_plain(flow);
}

static enum flow_need move(struct flow *flow)
{
	if (flow_flush(flow)) /* what a filter left */
		return flow->error ? FLOW_FAILED : FLOW_SINK;
	if (flow->left && !flow->source_ended) {
		ssize_t n = recv(flow->source->fd, NULL, flow_most(flow, FLOW_PIPE), MSG_TRUNC | MSG_DONTWAIT);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? FLOW_SOURCE : flow_fail(flow, false, errno);
		flow_took(flow, (size_t)n);
		flow->given += (size_t)n;
	}
	return flow_next(flow);
}

const struct mover mover_drop = { "drop", fits, move };
