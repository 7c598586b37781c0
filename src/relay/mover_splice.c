/* The splice mover: between a pipe and a stream socket of ours, without a copy through user space. */
#include <errno.h>
#include <fcntl.h>

#include "relay/flow.h"
#include "relay/pipes.h"

static bool fits(const struct flow *flow)
{
	bool out = flow->source->kind == END_PIPE && flow->sink->kind == END_SOCKET && flow->sink->nonblocking;
	bool in = flow->sink->kind == END_PIPE && flow->source->kind == END_SOCKET && flow->source->nonblocking;
	return (out || in) && flow_is_plain(flow);
}

/* EAGAIN does not say which side it was: not the one that was waited for, so the other is waited for next. */
static enum flow_need refused(struct flow *flow, int number)
{
	if (number == EAGAIN || number == EINTR)
		return flow->need == FLOW_SOURCE ? FLOW_SINK : FLOW_SOURCE;
	if (number == EINVAL || number == ENOSYS)
		return FLOW_OTHER_MOVER;
	/* Nor does it say whose error it is: of these two only the socket has any, but for a pipe without a reader. */
	return flow_fail(flow, number == EPIPE || flow->sink->kind == END_SOCKET, number);
}

static enum flow_need move(struct flow *flow)
{
	if (flow_flush(flow)) /* what a filter left */
		return flow->error ? FLOW_FAILED : FLOW_SINK;
	if (!flow->grown) {
		pipes_grow(flow->source->kind == END_PIPE ? flow->source->fd : flow->sink->fd, FLOW_PIPE);
		flow->grown = true;
	}
	if (flow->left && !flow->source_ended) {
		ssize_t n = splice(flow->source->fd, NULL, flow->sink->fd, NULL, flow_most(flow, FLOW_PIPE),
				   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
		if (n < 0)
			return refused(flow, errno);
		flow_took(flow, (size_t)n);
		flow->given += (size_t)n;
	}
	return flow_next(flow);
}

const struct mover mover_splice = { "splice", fits, move };
