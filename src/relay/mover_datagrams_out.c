/* Datagrams out: bytes are read, cut into records, and each record leaves as one datagram, as many a call as lie ready.
 */
#include <errno.h>
#include <sys/socket.h>

#include "relay/flow.h"

enum { BATCH = 64, TRIES = 64 };

static bool fits(const struct flow *flow)
{
	return flow->sink->kind == END_DATAGRAM;
}

struct batch {
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	size_t consumed[BATCH];
	unsigned count;
};

/* Cuts what is held into records: 0, or -1 when one is too long (those before it are in the batch). */
static int cut(struct flow *flow, struct batch *batch)
{
	struct record record;
	struct error error;
	size_t at = 0;
	int result = 0;
	batch->count = 0;
	while (batch->count < BATCH && flow->datagrams + batch->count < flow->framing->count) {
		const char *bytes = buffer_head(&flow->held) + at;
		bool ended = flow->source_ended || !flow->left;
		result = framing_cut(flow->framing, bytes, buffer_held(&flow->held) - at, ended, &record, &error);
		if (result <= 0)
			break;
		unsigned i = batch->count++;
		/* An iovec is not const; sendmmsg only reads. */
		batch->parts[i] = (struct iovec){ (void *)(uintptr_t)record.bytes, record.size };
		batch->messages[i].msg_hdr = (struct msghdr){ .msg_iov = &batch->parts[i], .msg_iovlen = 1 };
		batch->consumed[i] = record.consumed;
		at += record.consumed;
	}
	if (result < 0)
		flow_fail_as(flow, false, &error);
	return result < 0 ? -1 : 0;
}

/* A connected socket hands on earlier ICMP errors in place of sending: such a datagram was not sent, and is sent again.
 * Each try takes one pending error, of which there are not many. */
static int send_some(struct flow *flow, struct mmsghdr *messages, unsigned count)
{
	for (int tries = 0;; tries++) {
		int n = sendmmsg(flow->sink->fd, messages, count, MSG_DONTWAIT | MSG_NOSIGNAL);
		bool passing = errno == ECONNREFUSED || errno == EHOSTUNREACH || errno == ENETUNREACH;
		if (n >= 0 || errno == EAGAIN || errno == ENOBUFS)
			return n;
		if (errno != EINTR && (!passing || tries >= TRIES))
			return n;
		if (passing)
			flow->framing->complaint = errno;
	}
}

/* The batch cannot go on now (1), or not at all (-1): what is left of it will be cut again. */
static int stopped(struct flow *flow, unsigned left, size_t size, int number)
{
	struct error error;
	flow->framing->records -= left;
	if (number == EAGAIN || number == ENOBUFS)
		return 1;
	if (number != EMSGSIZE)
		return flow_fail(flow, true, number), -1;
	error_system(&error, ERROR_LOCAL, number, "record %llu (%zu bytes)",
		     (unsigned long long)flow->framing->records + 1, size);
	return flow_fail_as(flow, true, &error), -1;
}

/* Sends the batch: 0 all of it, 1 the socket is full, -1 failed. */
static int send_batch(struct flow *flow, struct batch *batch)
{
	unsigned done = 0;
	while (done < batch->count) {
		int n = send_some(flow, batch->messages + done, batch->count - done);
		if (n < 0)
			return stopped(flow, batch->count - done, batch->parts[done].iov_len, errno);
		for (int i = 0; i < n; i++, done++) {
			flow->given += batch->parts[done].iov_len;
			flow->datagrams++;
			buffer_consumed(&flow->held, batch->consumed[done]);
		}
	}
	return 0;
}

/* Sends all complete records that are held: 0 none is left, 1 the socket is full, -1 failed. */
static int send_held(struct flow *flow)
{
	struct batch batch;
	int bad;
	do {
		bad = cut(flow, &batch);
		int result = send_batch(flow, &batch);
		if (result)
			return result;
	} while (!bad && batch.count);
	return bad;
}

static enum flow_need over(struct flow *flow)
{
	flow->enough = flow->datagrams == flow->framing->count;
	return FLOW_ENDED;
}

static enum flow_need move(struct flow *flow)
{
	size_t most = flow_most(flow, FLOW_PIECE);
	int result = send_held(flow);
	if (!result && !flow->source_ended && flow->datagrams < flow->framing->count) {
		if (buffer_reserve(&flow->held, most))
			return flow_fail(flow, false, errno);
		ssize_t n = end_read(flow->source, buffer_tail(&flow->held), most);
		if (n < 0)
			return errno == EAGAIN ? FLOW_SOURCE : flow_fail(flow, false, errno);
		buffer_added(&flow->held, (size_t)n);
		flow_took(flow, (size_t)n);
		result = send_held(flow);
	}
	if (result)
		return result < 0 ? FLOW_FAILED : FLOW_SINK;
	return flow->source_ended || flow->datagrams == flow->framing->count ? over(flow) : FLOW_SOURCE;
}

const struct mover mover_datagrams_out = { "datagrams-out", fits, move };
