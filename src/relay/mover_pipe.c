/* The pipe movers: from a stream socket of ours to a file or to another such socket, spliced through a pipe in between.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "relay/flow.h"
#include "relay/pipes.h"

enum { FLAGS = SPLICE_F_MOVE | SPLICE_F_NONBLOCK, SMALL = 16 * 1024 };

static bool from_socket(const struct flow *flow)
{
	return flow->source->kind == END_SOCKET && flow->source->nonblocking && flow_is_plain(flow);
}

static bool fits_file(const struct flow *flow)
{
	return from_socket(flow) && flow->sink->kind == END_FILE && !flow->sink->append;
}

static bool fits_socket(const struct flow *flow)
{
	return from_socket(flow) && flow->sink->kind == END_SOCKET && flow->sink->nonblocking;
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
	pipes_give(flow->pipes, flow->pipe, true);
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
	if (flow->pipe[0] < 0 && pipes_take(flow->pipes, flow->pipe, FLOW_PIPE))
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

static enum flow_need splice_on(struct flow *flow)
{
	enum flow_need need = put(flow);
	if (need == FLOW_SOURCE && flow->left && !flow->source_ended) {
		need = take(flow);
		if (need == FLOW_SOURCE)
			return need;
		if (need == FLOW_SINK)
			need = put(flow);
	}
	return need == FLOW_SOURCE ? flow_next(flow) : need;
}

static enum flow_need move_to_file(struct flow *flow)
{
	if (flow_flush(flow)) /* what a filter left */
		return flow->error ? FLOW_FAILED : FLOW_SINK;
	return splice_on(flow);
}

/* What we hand on came in pieces that its sender chose: the second of two must not wait for the first one's
 * acknowledgement, which its receiver delays (RFC 896 meets RFC 1122 4.2.3.2). The first one does not wait in any case.
 */
static void do_not_delay(struct flow *flow)
{
	int on = 1;
	if (flow->undelayed || !flow->given || !flow->sink->tcp)
		return;
	(void)setsockopt(flow->sink->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* refused, it is but slow */
	flow->undelayed = true;
}

/* A small message costs less when it is copied; one that fills the memory is the start of something larger. */
static enum flow_need copy_small(struct flow *flow)
{
	char bytes[SMALL];
	if (!flow->left || flow->source_ended)
		return flow_next(flow);
	ssize_t n =
	    recv(flow->source->fd, bytes, flow->left < sizeof bytes ? (size_t)flow->left : sizeof bytes, MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? FLOW_SOURCE : flow_fail(flow, false, errno);
	flow_took(flow, (size_t)n);
	flow->bulk = n == sizeof bytes;
	if (!n)
		return flow_next(flow);
	do_not_delay(flow);
	/* The last bytes wait for the end that is known to lie behind them, and share a segment with it. */
	bool last = !flow->bulk && flow->source->watch.ready & WATCH_END && flow->half_close;
	int more = last && flow->sink->tcp ? MSG_MORE : 0;
	ssize_t put = send(flow->sink->fd, bytes, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL | more);
	if (put < 0 && errno != EAGAIN && errno != EINTR)
		return flow_fail(flow, true, errno);
	put = put < 0 ? 0 : put;
	flow->given += (size_t)put;
	if (put == n)
		return flow_next(flow);
	return buffer_append(&flow->held, bytes + put, (size_t)(n - put)) ? flow_fail(flow, false, errno) : FLOW_SINK;
}

/* The last message, and the end behind it, which needs no wait of its own. */
static enum flow_need copy_last(struct flow *flow)
{
	enum flow_need need = copy_small(flow);
	return need == FLOW_SOURCE && !flow->bulk && flow->source->watch.ready & WATCH_END ? copy_small(flow) : need;
}

static enum flow_need move_to_socket(struct flow *flow)
{
	if (flow_flush(flow))
		return flow->error ? FLOW_FAILED : FLOW_SINK;
	if (flow->held.data)
		buffer_free(&flow->held); /* an idle session is small */
	/* Without a pipe to be had, piece by piece through memory. */
	bool piped = flow->bulk && (flow->pipe[0] >= 0 || !pipes_take(flow->pipes, flow->pipe, FLOW_PIPE));
	if (!piped)
		return copy_last(flow);
	uint64_t before = flow->taken;
	enum flow_need need = splice_on(flow);
	flow->bulk = flow->taken - before >= SMALL || flow->piped;
	if (!flow->piped)
		pipes_give(flow->pipes, flow->pipe, true);
	return need;
}

const struct mover mover_pipe = { "pipe", fits_file, move_to_file };
const struct mover mover_pipe_relay = { "pipe-relay", fits_socket, move_to_socket };
