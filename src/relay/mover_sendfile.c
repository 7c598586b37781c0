/* The sendfile mover: from a regular file to a stream socket of ours. */
#include <errno.h>
#include <sys/sendfile.h>

#include "relay/flow.h"

enum { MOST = 4 * 1024 * 1024 }; /* bytes a call: the other direction wants its turn too */

static bool fits(const struct flow *flow)
{
	return flow->source->regular && flow->sink->kind == END_SOCKET && flow->sink->nonblocking && flow_is_plain(flow);
}

static enum flow_need refused(struct flow *flow, int number)
{
	if (number == EAGAIN || number == EINTR)
		return FLOW_SINK;
	if (number == EINVAL || number == ENOSYS || number == EOVERFLOW)
		return FLOW_OTHER_MOVER;
	bool by_file = number == EIO || number == ENOMEM || number == EBADF; /* sendfile(2) */
	return flow_fail(flow, !by_file, number);
}

static enum flow_need move(struct flow *flow)
{
	size_t most = flow_most(flow, MOST);
	if (flow_flush(flow))
		return flow->error ? FLOW_FAILED : FLOW_SINK;
	if (!flow->left || flow->source_ended)
		return flow_next(flow);
	ssize_t n = sendfile(flow->sink->fd, flow->source->fd, NULL, most);
	if (n < 0)
		return refused(flow, errno);
	flow_took(flow, (size_t)n);
	flow->given += (size_t)n;
	return flow->source_ended || !flow->left ? flow_next(flow) : FLOW_SINK;
}

const struct mover mover_sendfile = { "sendfile", fits, move };
