#include "relay/flow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { ASIDE_MOST = 64 * 1024 }; /* of our own bytes that wait for the sink */

const struct mover *const flow_movers[] = {
	&mover_records,  &mover_datagrams_out, &mover_datagrams_in, &mover_lines, &mover_drop, &mover_splice,
	&mover_sendfile, &mover_pipe,          &mover_pipe_relay,   &mover_copy,  NULL
};

void flow_begin(struct flow *flow, struct end *source, struct end *sink)
{
	*flow = (struct flow){ .source = source, .sink = sink, .left = UINT64_MAX, .pipe = { -1, -1 } };
	flow->source_ended = source->kind == END_NOTHING || source->kind == END_CLOSED;
	flow->need = flow->source_ended ? FLOW_START : FLOW_SOURCE;
}

#ifdef SKT_TESTING
/* Test builds can force a mover: SKT_MOVER names the only one beside copy and those of datagrams that may be used. */
static bool allowed(const struct mover *mover)
{
	const char *only = getenv("SKT_MOVER");
	bool needed = mover == &mover_copy || mover == &mover_lines || mover == &mover_records ||
		      mover == &mover_datagrams_out || mover == &mover_datagrams_in;
	return !only || needed || !strcmp(only, mover->name);
}
#else
static bool allowed(const struct mover *mover)
{
	(void)mover;
	return true;
}
#endif

static void choose(struct flow *flow)
{
	while (!allowed(flow_movers[flow->row]) || !flow_movers[flow->row]->fits(flow))
		flow->row++; /* the last one fits */
	flow->mover = flow_movers[flow->row];
}

/* ICMP errors, of which a datagram socket hears: survived, and told in the end. */
static void note_errors(struct flow *flow, const struct end *end)
{
	int number = end_take_errors(end, &flow->framing->returned);
	if (number)
		flow->framing->complaint = number;
}

/* The other side of the sink is gone while nothing is on its way there: writing is what tells why. */
static void sink_broke(struct flow *flow)
{
	int number = end_socket_error(flow->sink);
	if (number)
		flow->need = flow_fail(flow, true, number);
	else if (flow->sink->name)
		flow->need = flow_fail(flow, true, EPIPE);
	else
		flow->last_call = true;
}

static bool ready(const struct flow *flow, int64_t now)
{
	if (flow->need == FLOW_SOURCE)
		return flow->source->watch.ready & WATCH_READ;
	if (flow->need == FLOW_SINK)
		return flow->sink->watch.ready & WATCH_WRITE;
	if (flow->need == FLOW_PACE)
		return now >= flow->framing->pace.resume;
	if (flow->need == FLOW_BACK)
		return flow->source->watch.ready & WATCH_WRITE;
	return flow->need == FLOW_START;
}

/* There is nobody yet whom the datagrams could go to. */
static bool nobody_heard(const struct flow *flow)
{
	bool sends = flow->framing && flow->sink->kind == END_DATAGRAM;
	return sends && flow->framing->heard && !flow->framing->heard->length;
}

/* Bytes that the pace no longer holds back, our own among them. Of datagrams there are none: they leave at once. */
static bool has_given(const struct flow *flow)
{
	return buffer_held(&flow->held) && !flow->sink->records;
}

/* The sink is not written to now: it can break unnoticed. */
static bool nothing_to_write(const struct flow *flow)
{
	bool held_back = flow->need == FLOW_PACE || flow->pace.resume;
	return flow->need == FLOW_SOURCE || (held_back && !has_given(flow));
}

/* While the pace lets nothing begin, what has begun still goes on. */
static bool finish_given(struct flow *flow)
{
	if (!has_given(flow) || !(flow->sink->watch.ready & WATCH_WRITE))
		return false;
	if (flow_flush(flow) < 0)
		flow->need = FLOW_FAILED;
	return true;
}

bool flow_step(struct flow *flow, int64_t now)
{
	if (flow_over(flow))
		return false;
	if (flow->sink->kind == END_DATAGRAM && flow->sink->watch.ready & WATCH_BREAK)
		note_errors(flow, flow->sink);
	else if (flow->source->kind == END_DATAGRAM && flow->source->watch.ready & WATCH_BREAK)
		note_errors(flow, flow->source);
	else if (nothing_to_write(flow) && flow->sink->watch.ready & WATCH_BREAK &&
		 !(flow->sink->watch.want & WATCH_READ)) /* who reads there hears of it after the last bytes */
		sink_broke(flow);
	if (nobody_heard(flow))
		return false;
	if (!pace_allows(&flow->pace, now))
		return finish_given(flow);
	if (!ready(flow, now))
		return false;
	do {
		if (!flow->mover)
			choose(flow);
		flow->need = flow->mover->move(flow);
		if (flow->need == FLOW_OTHER_MOVER) {
			flow->mover = NULL;
			flow->row++;
		}
	} while (flow->need == FLOW_OTHER_MOVER);
	return true;
}

void flow_interest(const struct flow *flow)
{
	if (flow_over(flow) || nobody_heard(flow))
		return;
	if (flow->need == FLOW_SOURCE && !flow->pace.resume)
		flow->source->watch.want |= WATCH_READ;
	if (flow->need == FLOW_SINK && (!flow->pace.resume || has_given(flow)))
		flow->sink->watch.want |= WATCH_WRITE;
	if (flow->need == FLOW_BACK)
		flow->source->watch.want |= WATCH_WRITE;
	/* At the last call a broken sink is no news, and hang-ups cannot be masked. */
	if (flow->sink->kind != END_FILE && !flow->last_call)
		flow->sink->watch.want |= WATCH_BREAK;
}

int64_t flow_resumes(const struct flow *flow)
{
	int64_t resume = flow->need == FLOW_PACE ? flow->framing->pace.resume : flow->pace.resume;
	return resume && !flow_over(flow) ? resume : CLOCK_NEVER;
}

void flow_limit(struct flow *flow, uint64_t n)
{
	flow->left = n;
	if (!n && flow->need == FLOW_SOURCE)
		flow->need = FLOW_START; /* nothing to wait for */
}

/* The movers are asked again, from the fastest on. */
static void choose_again(struct flow *flow)
{
	flow->mover = NULL;
	flow->row = 0;
}

void flow_filter(struct flow *flow, struct filter *filter)
{
	struct filter **last = &flow->filter;
	while (*last)
		last = &(*last)->next;
	filter->next = NULL;
	*last = filter;
	choose_again(flow);
}

void flow_unfilter(struct flow *flow, struct filter *filter)
{
	struct filter **at = &flow->filter;
	while (*at && *at != filter)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = filter->next;
	choose_again(flow);
}

void flow_pass(struct flow *flow, const char *bytes, size_t n)
{
	struct error error;
	flow->doomed = filter_run(flow->filter, flow, bytes, n, flow->between, &flow->held, &error);
	if (flow->doomed)
		(void)flow_fail_as(flow, false, &error);
	if (n)
		flow->aside = 0;
}

void flow_interject(struct flow *flow, const void *bytes, size_t n)
{
	bool gone = flow->shut || flow->need == FLOW_FAILED;
	if (gone || flow_own(flow) + n > ASIDE_MOST || buffer_append(&flow->held, bytes, n))
		return;
	flow->aside += n;
	flow->need = FLOW_SINK;
}

void flow_end(struct flow *flow)
{
	flow->source_ended = flow->dismissed = true;
	if (!buffer_held(&flow->raw))
		flow_pass(flow, "", 0); /* else the mover lets the end follow the last of it */
	flow->need = nobody_heard(flow) ? FLOW_ENDED : FLOW_START;
}

void flow_enough(struct flow *flow)
{
	flow->left = 0;
	flow->enough = true;
}

enum flow_need flow_fail(struct flow *flow, bool at_sink, int number)
{
	struct error error;
	end_failed(at_sink ? flow->sink : flow->source, at_sink, number, &error);
	return flow_fail_as(flow, at_sink, &error);
}

enum flow_need flow_fail_as(struct flow *flow, bool at_sink, const struct error *error)
{
	error_free(flow->error);
	flow->at_sink = at_sink;
	flow->error = error_keep(error);
	return FLOW_FAILED;
}

void flow_took(struct flow *flow, size_t n)
{
	flow->source_ended = n == 0;
	flow->taken += n;
	pace_took(&flow->pace, n);
	if (flow->left != UINT64_MAX)
		flow->left -= n;
}

enum flow_need flow_next(struct flow *flow)
{
	flow->enough |= !flow->left;
	return flow->source_ended || !flow->left ? FLOW_ENDED : FLOW_SOURCE;
}

int flow_flush(struct flow *flow)
{
	while (buffer_held(&flow->held)) {
		size_t held = buffer_held(&flow->held);
		ssize_t n = flow->sink->kind == END_NOTHING ? (ssize_t)held
							    : end_write(flow->sink, buffer_head(&flow->held), held);
		if (n < 0 && errno == EAGAIN)
			return 1;
		if (n < 0)
			return flow_fail(flow, true, errno), -1;
		buffer_consumed(&flow->held, (size_t)n);
		flow->given += (size_t)n;
	}
	return 0;
}

void flow_free(struct flow *flow)
{
	buffer_free(&flow->held);
	buffer_free(&flow->raw);
	buffer_free(&flow->between[0]);
	buffer_free(&flow->between[1]);
	error_free(flow->error);
	flow->error = NULL;
	pipes_give(flow->pipes, flow->pipe, !flow->piped);
}
