/* The lines mover (--interval): what is read waits until it is due, and leaves a line at a time, with a pause behind
 * each. Not more is read than fills the time until then. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "relay/flow.h"

enum { LINE_MOST = 64 * 1024 }; /* what is longer leaves in parts, without a pause between them */

static bool fits(const struct flow *flow)
{
	return flow->framing && flow->framing->pace.interval && flow->sink->kind != END_DATAGRAM;
}

static bool ended(const struct flow *flow)
{
	return flow->source_ended || !flow->left;
}

/* How much of what waits leaves next: a line, or the last one without a newline; 0: more has to come. */
static size_t next_line(const struct flow *flow)
{
	size_t n = buffer_held(&flow->raw);
	const char *newline = n ? memchr(buffer_head(&flow->raw), '\n', n) : NULL;
	if (newline)
		return (size_t)(newline - buffer_head(&flow->raw)) + 1;
	return ended(flow) || n >= LINE_MOST ? n : 0;
}

/* As take() of the copy mover, into what waits. */
static int take(struct flow *flow)
{
	size_t most = flow_most(flow, LINE_MOST);
	if (buffer_reserve(&flow->raw, most))
		return flow_fail(flow, false, errno), -1;
	ssize_t n = end_read(flow->source, buffer_tail(&flow->raw), most);
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n < 0)
		return flow_fail(flow, false, errno), -1;
	flow_took(flow, (size_t)n);
	buffer_added(&flow->raw, (size_t)n);
	if (!n && !buffer_held(&flow->raw))
		flow_pass(flow, "", 0);
	return 1;
}

/* Lets so much of what waits pass; behind the last of it comes the end. */
static void release(struct flow *flow, size_t n)
{
	const char *bytes = buffer_head(&flow->raw);
	flow->leaving = bytes[n - 1] == '\n';
	flow_pass(flow, bytes, n);
	buffer_consumed(&flow->raw, n);
	if (flow->source_ended && !buffer_held(&flow->raw) && !flow->doomed)
		flow_pass(flow, "", 0);
}

/* The pause counts from the last byte of a line that is out. */
static int flush(struct flow *flow)
{
	struct pace *pace = &flow->framing->pace;
	int full = flow_flush(flow);
	if (!full && flow->leaving) {
		(void)pace_allows(pace, clock_now());
		pace_sent(pace, 1, 0); /* how many bytes may leave was decided when they were taken */
		flow->leaving = false;
	}
	return full;
}

static enum flow_need move(struct flow *flow)
{
	int full = flush(flow);
	if (!full && !flow->doomed) {
		if (!next_line(flow) && !ended(flow)) {
			int came = take(flow);
			if (came <= 0)
				return came ? FLOW_FAILED : FLOW_SOURCE;
		}
		size_t n = next_line(flow);
		if (n && !pace_allows(&flow->framing->pace, clock_now()))
			return FLOW_PACE;
		if (n) {
			release(flow, n);
			full = flush(flow);
		}
	}
	if (full)
		return full < 0 ? FLOW_FAILED : FLOW_SINK;
	if (flow->doomed)
		return FLOW_FAILED;
	return next_line(flow) ? FLOW_SINK : flow_next(flow);
}

const struct mover mover_lines = { "lines", fits, move };
