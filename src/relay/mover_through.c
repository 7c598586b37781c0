/* The through mover: from a stream socket of ours to a file, spliced through a pipe of the flow's own. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "relay/flow.h"
#include "relay/pipes.h"

enum { FLAGS = SPLICE_F_MOVE | SPLICE_F_NONBLOCK };

static bool fits(const struct flow *flow)
{
	bool file = flow->sink->kind == END_FILE && !flow->sink->append;
	return flow->source->kind == END_SOCKET && !flow->source->name && file && !flow->filter;
}

/* The sink does not take splice: what is in the pipe goes on as held bytes. */
static enum flow_need hand_over(struct flow *flow)
{
	while (flow->piped) {
		if (buffer_reserve(&flow->held, flow->piped))
			return flow_fail(flow, false, errno);
		ssize_t n = read(flow->pipe[0], buffer_tail(&flow->held), flow->piped);
		if (n <= 0)
			return flow_fail(flow, false, n ? errno : EIO);
		buffer_added(&flow->held, (size_t)n);
		flow->piped -= (size_t)n;
	}
	pipes_give(flow->pipe);
	return FLOW_OTHER_MOVER;
}

/* Empties the pipe into the sink: FLOW_SOURCE when it is empty. */
static enum flow_need put(struct flow *flow)
{
	while (flow->piped) {
		ssize_t n = splice(flow->pipe[0], NULL, flow->sink->fd, NULL, flow->piped, FLAGS);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return FLOW_SINK;
		if (n < 0 && (errno == EINVAL || errno == ENOSYS))
			return hand_over(flow);
		if (n <= 0)
			return flow_fail(flow, true, n ? errno : EIO);
		flow->piped -= (size_t)n;
		flow->given += (size_t)n;
	}
	return FLOW_SOURCE;
}

/* Fills the pipe from the source: FLOW_SINK when there is something to put, or the end was seen. */
static enum flow_need take(struct flow *flow)
{
	if (flow->pipe[0] < 0 && pipes_take(flow->pipe, FLOW_PIPE))
		return FLOW_OTHER_MOVER; /* no descriptors left: memory will do */
	ssize_t n = splice(flow->source->fd, NULL, flow->pipe[1], NULL, flow_most(flow, FLOW_PIPE), FLAGS);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return FLOW_SOURCE;
	if (n < 0 && (errno == EINVAL || errno == ENOSYS))
		return hand_over(flow);
	if (n < 0)
		return flow_fail(flow, false, errno);
	flow_took(flow, (size_t)n);
	flow->piped = (size_t)n;
	return FLOW_SINK;
}

static enum flow_need move(struct flow *flow)
{
	if (flow_flush(flow)) /* what a filter left */
		return flow->error ? FLOW_FAILED : FLOW_SINK;
	enum flow_need need = put(flow);
	if (need == FLOW_SOURCE && flow->left && !flow->source_ended) {
		need = take(flow);
		if (need == FLOW_SINK)
			need = put(flow);
		else if (need == FLOW_SOURCE)
			return need;
	}
	return need == FLOW_SOURCE ? flow_next(flow) : need;
}

const struct mover mover_through = { "through", fits, move };
