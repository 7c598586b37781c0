/* The record mover: between two sockets that keep boundaries (or from one into nothing), message by message, whatever
 * its size: what was one message stays one, an empty one too. */
#include <errno.h>
#include <sys/socket.h>

#include "relay/flow.h"
#include "relay/record.h"

enum { BURST = 64 }; /* messages a move */

static bool fits(const struct flow *flow)
{
	return flow->source->records && !flow->framing;
}

/* 1: the message that is held is out; 0 the sink is full; -1 it failed. */
static int put(struct flow *flow)
{
	size_t size = buffer_held(&flow->held);
	ssize_t n =
	    flow->sink->kind == END_NOTHING ? (ssize_t)size : end_write(flow->sink, buffer_head(&flow->held), size);
	if (n < 0 && (errno == EAGAIN || errno == ENOBUFS))
		return 0;
	if (n < 0)
		return flow_fail(flow, true, errno), -1;
	buffer_consumed(&flow->held, size);
	flow->given += size;
	flow->datagrams++;
	flow->record = false;
	return 1;
}

/* 1: a message is held; 0: there is none now, or never again. */
static int take(struct flow *flow)
{
	struct record_in in;
	int came = record_take(flow, &flow->held, &in);
	if (came <= 0)
		return came;
	buffer_added(&flow->held, in.size);
	flow->taken += in.size;
	flow->record = true;
	return 1;
}

static enum flow_need move(struct flow *flow)
{
	for (int i = 0; i < BURST; i++) {
		if (!flow->record && !flow->source_ended) {
			int came = take(flow);
			if (came < 0)
				return FLOW_FAILED;
			if (!came && !flow->source_ended)
				return FLOW_SOURCE;
		}
		if (flow->source_ended && !flow->record)
			return flow->doomed ? FLOW_FAILED : FLOW_ENDED;
		int out = put(flow);
		if (out <= 0)
			return out ? FLOW_FAILED : FLOW_SINK;
	}
	return FLOW_SOURCE;
}

const struct mover mover_records = { "records", fits, move };
