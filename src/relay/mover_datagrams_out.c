/* Datagrams out: bytes are read, cut into records, and each record leaves as one datagram, as many a call as lie ready
 * (batch.h). */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "relay/batch.h"
#include "relay/flow.h"

enum {
	TRIES = 64,
	ROOM_PAUSE = 1, /* milliseconds */
};

static bool fits(const struct flow *flow)
{
	return flow->sink->records && flow->framing;
}

/* There may be one more: always a first, for the pace to be asked only when there is something to send. */
static bool has_room(const struct flow *flow, const struct batch *batch)
{
	const struct framing *framing = flow->framing;
	return flow->datagrams + batch->records < framing->count &&
	       (!batch->records || pace_admits(&framing->pace, batch->records, batch->bytes));
}

/* Cuts what is held into records: 0, or -1 when one is too long (those before it are in the batch). */
static int cut(struct flow *flow, struct batch *batch)
{
	struct record record;
	struct error error;
	size_t at = 0;
	bool ended = flow->source_ended || !flow->left;
	batch_begin(batch, flow->framing, flow->datagrams);
	if (flow->source->kind == END_NOTHING)
		return 0; /* there is no input, which is not the same as an empty one */
	while (has_room(flow, batch)) {
		size_t n = buffer_held(&flow->held) - at;
		const char *bytes = n ? buffer_head(&flow->held) + at : NULL;
		int result = framing_cut(flow->framing, bytes, n, ended, &record, &error);
		if (result < 0)
			return flow_fail_as(flow, false, &error), -1;
		if (!result)
			return 0;
		if (!batch_add(batch, flow->framing, &record)) {
			flow->framing->records--; /* cut again for the next batch */
			return 0;
		}
		at += record.consumed;
	}
	return 0;
}

/* A connected socket hands on earlier ICMP errors in place of sending: such a datagram was not sent, and is sent again.
 * Each try takes one pending error, of which there are not many. */
static int send_some(struct flow *flow, struct mmsghdr *messages, unsigned count)
{
	for (int tries = 0;; tries++) {
		int n = sendmmsg(flow->sink->fd, messages, count, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n >= 0 || errno == EAGAIN || errno == ENOBUFS)
			return n;
		bool passing =
		    flow->sink->internet && (errno == ECONNREFUSED || errno == EHOSTUNREACH || errno == ENETUNREACH);
		if (errno != EINTR && (!passing || tries >= TRIES))
			return n;
		if (passing)
			flow->framing->complaint = errno;
	}
}

/* Who was heard last cannot be answered (any more): what is to be said waits for the next. */
static bool lost_peer(struct flow *flow, int number)
{
	struct framing_peer *heard = flow->framing->heard;
	if (!heard || flow->sink->internet || number == EMSGSIZE)
		return false;
	heard->length = 0;
	if (heard->news)
		heard->news(heard, number);
	return true;
}

enum outcome { ALL_SENT, FULL, AGAIN, BROKEN, HELD_BACK };

/* A datagram socket that is not connected does not tell when the one who is answered can take more (unix(7)): the clock
 * does. */
static enum outcome full(struct flow *flow)
{
	if (!flow->framing->heard || flow->sink->internet)
		return FULL;
	flow->framing->pace.resume = clock_now() + ROOM_PAUSE * CLOCK_MS;
	return HELD_BACK;
}

/* The batch stops at this run: what is left of it will be cut again. */
static void put_back(struct framing *framing, const struct batch *batch, unsigned done)
{
	for (unsigned i = done; i < batch->count; i++)
		framing->records -= batch->runs[i].records;
}

static enum outcome stopped(struct flow *flow, const struct batch *batch, unsigned done, int number)
{
	const struct batch_run *run = &batch->runs[done];
	struct framing *framing = flow->framing;
	struct error error;
	put_back(framing, batch, done);
	if (number == EAGAIN || number == ENOBUFS)
		return full(flow);
	if (lost_peer(flow, number))
		return FULL;
	/* The path cannot segment, or not so large ones: one by one, from here on. Nothing of the run has left. */
	if (run->records > 1 && (number == EINVAL || number == EIO || number == EMSGSIZE || number == EOPNOTSUPP)) {
		framing->segments = false;
		return AGAIN;
	}
	if (number != EMSGSIZE)
		return flow_fail(flow, true, number), BROKEN;
	error_system(&error, ERROR_LOCAL, number, "record %llu (%zu bytes)", (unsigned long long)framing->records + 1,
		     run->size);
	return flow_fail_as(flow, true, &error), BROKEN;
}

/* The parts of a message, put together, for who looks on. Where memory is short, that one sees less. */
static void show(const struct flow *flow, const struct batch *batch, unsigned number)
{
	const struct msghdr *message = &batch->messages[number].msg_hdr;
	struct buffer whole = { 0 };
	if (!flow->sink->tap)
		return;
	for (unsigned i = 0; i < batch->runs[number].parts; i++)
		if (buffer_append(&whole, message->msg_iov[i].iov_base, message->msg_iov[i].iov_len))
			break;
	const struct tap_piece shown = { .bytes = buffer_head(&whole),
					 .n = buffer_held(&whole),
					 .sent = true,
					 .datagram = true,
					 .peer = message->msg_name,
					 .length = message->msg_namelen };
	tap_see_run(flow->sink->tap, &shown, batch->runs[number].size);
	buffer_free(&whole);
}

static enum outcome send_batch(struct flow *flow, struct batch *batch)
{
	unsigned done = 0;
	batch_address(batch, flow->framing);
	while (done < batch->count) {
		int n = send_some(flow, batch->messages + done, batch->count - done);
		if (n < 0)
			return stopped(flow, batch, done, errno);
		for (int i = 0; i < n; i++, done++) {
			const struct batch_run *run = &batch->runs[done];
			show(flow, batch, done);
			flow->given += run->bytes;
			flow->datagrams += run->records;
			pace_sent(&flow->framing->pace, run->records, run->bytes);
			buffer_consumed(&flow->held, run->consumed);
		}
	}
	return ALL_SENT;
}

/* Sends all complete records that are held, as far as the pace allows. */
static enum outcome send_held(struct flow *flow)
{
	struct framing *framing = flow->framing;
	struct batch batch;
	for (;;) {
		bool may = pace_allows(&framing->pace, clock_now());
		int bad = cut(flow, &batch);
		if (batch.count && !may) {
			put_back(framing, &batch, 0);
			return HELD_BACK;
		}
		enum outcome outcome = send_batch(flow, &batch);
		if (outcome != ALL_SENT && outcome != AGAIN)
			return outcome;
		if (outcome == ALL_SENT && (bad || !batch.count))
			return bad ? BROKEN : ALL_SENT;
	}
}

/* Reads a piece of the source: 1 something came, or its end; 0 nothing now; -1 the flow failed. */
static int take(struct flow *flow)
{
	struct replay *replay = flow->framing->replay;
	size_t most = flow_most(flow, FLOW_PIECE);
	struct error error;
	if (buffer_reserve(&flow->held, most))
		return flow_fail(flow, false, errno), -1;
	char *room = buffer_tail(&flow->held);
	ssize_t n = replay ? replay_read(replay, flow->source, room, most) : end_read(flow->source, room, most);
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n < 0 && errno == ESPIPE) {
		error_set(&error, ERROR_LOCAL, ESPIPE, "%s is longer than %d MiB, and no file that could be read again",
			  flow->source->name, REPLAY_KEPT >> 20);
		return flow_fail_as(flow, false, &error), -1;
	}
	if (n < 0)
		return flow_fail(flow, false, errno), -1;
	if (replay && !n)
		replay->seamless = !buffer_held(&flow->held);
	buffer_added(&flow->held, (size_t)n);
	flow_took(flow, (size_t)n);
	return 1;
}

/* The source is at its end, and all of it was sent: over, unless there is another pass. One that had no datagram will
 * have none in the next. */
static enum flow_need pass_over(struct flow *flow)
{
	struct replay *replay = flow->framing->replay;
	int again = replay && flow->datagrams ? replay_again(replay, flow->source) : 0;
	if (again < 0)
		return flow_fail(flow, false, errno);
	flow->source_ended = !again;
	framing_again(flow->framing);
	return again ? FLOW_SINK : FLOW_ENDED;
}

static enum flow_need move(struct flow *flow)
{
	static const enum flow_need needs[] = { [FULL] = FLOW_SINK, [BROKEN] = FLOW_FAILED, [HELD_BACK] = FLOW_PACE };
	const struct framing *framing = flow->framing;
	enum outcome outcome = send_held(flow);
	if (outcome == ALL_SENT && !flow->source_ended && flow->datagrams < framing->count) {
		int came = take(flow);
		if (came <= 0)
			return came ? FLOW_FAILED : FLOW_SOURCE;
		outcome = send_held(flow);
	}
	if (outcome != ALL_SENT)
		return needs[outcome];
	flow->enough = flow->datagrams == framing->count;
	if (flow->enough)
		return FLOW_ENDED;
	if (flow->source_ended)
		return pass_over(flow);
	return framing->replay && framing->replay->again ? FLOW_SINK : FLOW_SOURCE;
}

const struct mover mover_datagrams_out = { "datagrams-out", fits, move };
