/* Datagrams in: as many as lie ready are received at once, written as bytes by the frame, and given to the sink before
 * the next are taken: a slow sink never merges, cuts or loses what was accepted from the kernel. With UDP_GRO (udp(7))
 * the kernel hands over runs of one size in one piece, which are parted here: boundaries are always the sender's. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "relay/echo.h"
#include "relay/flow.h"
#include "relay/record.h"
#include "relay/sequence.h"

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

enum {
	BATCH = 32,
	ROOM = 65536,
	CONTROL = CMSG_SPACE(sizeof(uint32_t)) + CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct timespec)),
};

static bool fits(const struct flow *flow)
{
	return flow->source->records && flow->framing;
}

/* The payloads of one batch lie in flow->raw, ROOM bytes each. */
struct batch {
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	struct sockaddr_storage senders[BATCH];
	_Alignas(struct cmsghdr) char control[BATCH][CONTROL];
};

static void prepare(struct flow *flow, struct batch *batch, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		batch->parts[i] = (struct iovec){ flow->raw.data + (size_t)i * ROOM, ROOM };
		batch->messages[i].msg_hdr = (struct msghdr){ .msg_name = &batch->senders[i],
							      .msg_namelen = sizeof batch->senders[i],
							      .msg_iov = &batch->parts[i],
							      .msg_iovlen = 1,
							      .msg_control = batch->control[i],
							      .msg_controllen = sizeof batch->control[i] };
	}
}

/* What the kernel says beside a message: when it came (SO_TIMESTAMPNS), what was dropped over the life of the socket
 * for want of room (SO_RXQ_OVFL, socket(7)); and the size of each datagram of a run, which is the result, 0 where the
 * message is one datagram. */
static size_t read_control(struct flow *flow, struct msghdr *message, int64_t *time)
{
	size_t size = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		uint32_t dropped;
		int segment;
		struct timespec came;
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
			memcpy(&dropped, CMSG_DATA(c), sizeof dropped);
			flow->framing->dropped = dropped;
		} else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) {
			memcpy(&came, CMSG_DATA(c), sizeof came);
			*time = (int64_t)came.tv_sec * CLOCK_S + came.tv_nsec;
		} else if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
			memcpy(&segment, CMSG_DATA(c), sizeof segment);
			size = segment > 0 ? (size_t)segment : 0;
		}
	}
	return size;
}

/* Sends it back and takes its header off, where that is asked for. -1: no memory. */
static int look_at(const struct framing *framing, struct datagram *datagram)
{
	if (framing->echo && echo_add(framing->echo, datagram))
		return -1;
	if (!framing->sequence)
		return 0;
	int has_header = sequence_hear(framing->sequence, datagram->bytes, datagram->size, datagram->time,
				       datagram->from, datagram->length);
	if (has_header > 0) {
		datagram->bytes += SEQUENCE_HEADER;
		datagram->size -= SEQUENCE_HEADER;
	}
	return has_header < 0 ? -1 : 0;
}

/* A datagram, as far as it is wanted. */
static int deliver(struct flow *flow, struct datagram datagram)
{
	if (look_at(flow->framing, &datagram))
		return -1;
	if (datagram.size > flow->left)
		datagram.size = (size_t)flow->left;
	if (framing_write(flow->framing, &datagram, &flow->held))
		return -1;
	flow->taken += datagram.size;
	flow->datagrams++;
	if (flow->left != UINT64_MAX)
		flow->left -= datagram.size;
	return 0;
}

static bool satisfied(const struct flow *flow)
{
	return !flow->left || flow->datagrams >= flow->framing->count;
}

/* A run of datagrams of `size` bytes, the last of which may be shorter; 0: it is one. Bare payloads need no parting,
 * but counting. */
static int deliver_run(struct flow *flow, const struct datagram *run, size_t size)
{
	size_t n = run->size;
	uint64_t pieces = size ? (n + size - 1) / size : 1;
	bool bare = framing_is_bare(flow->framing) && flow->left == UINT64_MAX;
	struct datagram piece = *run;
	if (bare && pieces <= flow->framing->count - flow->datagrams) {
		flow->taken += n;
		flow->datagrams += pieces;
		return buffer_append(&flow->held, run->bytes, n);
	}
	if (!size)
		return deliver(flow, piece);
	for (; n && !satisfied(flow); piece.bytes += piece.size, n -= piece.size) {
		piece.size = n < size ? n : size;
		if (deliver(flow, piece))
			return -1;
	}
	return 0;
}

static bool is_heard(const struct framing *framing, const struct datagram *datagram)
{
	return !framing->admits || framing->admits(framing->porter, datagram->from, datagram->length);
}

static void show(const struct flow *flow, const struct datagram *datagram, size_t size)
{
	const struct tap_piece run = { .bytes = datagram->bytes,
				       .n = datagram->size,
				       .datagram = true,
				       .peer = datagram->length ? datagram->from : NULL,
				       .length = datagram->length };
	if (flow->source->tap)
		tap_see_run(flow->source->tap, &run, size);
}

static void hear(struct framing_peer *heard, const struct datagram *datagram, const struct ucred *who)
{
	socklen_t length = datagram->length;
	if (length && length == heard->length && !memcmp(&heard->address, datagram->from, length))
		return;
	memcpy(&heard->address, datagram->from, length);
	heard->length = length;
	heard->who = *who;
	if (heard->news)
		heard->news(heard, 0);
}

/* A message of any size, from a socket that is not of the internet. */
static int take_record(struct flow *flow)
{
	struct record_in in;
	int came = record_take(flow, &flow->raw, &in);
	if (came <= 0)
		return came;
	const struct datagram datagram = { buffer_tail(&flow->raw), in.size, (struct sockaddr *)&in.from,
					   in.from_length, framing_is_timed(flow->framing) ? clock_date() : 0 };
	if (!is_heard(flow->framing, &datagram))
		return 1;
	if (flow->framing->heard)
		hear(flow->framing->heard, &datagram, &in.who);
	show(flow, &datagram, 0);
	flow->framing->truncated += in.truncated;
	if (deliver(flow, datagram))
		return flow_fail(flow, false, errno), -1;
	return 1;
}

/* How many messages to ask for. */
static unsigned batch_size(const struct flow *flow)
{
	uint64_t wanted = flow->framing->count - flow->datagrams;
	unsigned count = wanted < BATCH ? (unsigned)wanted : BATCH;
	if (flow->left != UINT64_MAX)
		return 1; /* --max-bytes: not one datagram more than needed */
	if (flow->piece && flow->piece / ROOM < count)
		count = flow->piece < ROOM ? 1 : (unsigned)(flow->piece / ROOM);
	return count;
}

/* Receives what lies ready: 1 something, 0 nothing, -1 failed. ICMP errors, which a connected socket hands on, are
 * survived. */
static int take_batch(struct flow *flow)
{
	static const struct ucred nobody = { 0 };
	struct batch batch;
	unsigned count = batch_size(flow);
	if (buffer_reserve(&flow->raw, (size_t)count * ROOM))
		return flow_fail(flow, false, errno), -1;
	prepare(flow, &batch, count);
	int n = recvmmsg(flow->source->fd, batch.messages, count, MSG_DONTWAIT, NULL);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0 && (errno == ECONNREFUSED || errno == EHOSTUNREACH || errno == ENETUNREACH)) {
		flow->framing->complaint = errno;
		return 0;
	}
	if (n < 0)
		return flow_fail(flow, false, errno), -1;
	int64_t now = framing_is_timed(flow->framing) ? clock_date() : 0;
	for (int i = 0; i < n; i++) {
		struct msghdr *message = &batch.messages[i].msg_hdr;
		struct datagram run = { batch.parts[i].iov_base, batch.messages[i].msg_len, message->msg_name,
					message->msg_namelen, now };
		size_t size = read_control(flow, message, &run.time);
		if (!is_heard(flow->framing, &run))
			continue;
		if (flow->framing->heard)
			hear(flow->framing->heard, &run, &nobody);
		show(flow, &run, size);
		flow->framing->truncated += (message->msg_flags & MSG_TRUNC) != 0;
		if (deliver_run(flow, &run, size))
			return flow_fail(flow, false, errno), -1;
	}
	return 1;
}

/* As take_batch, but message by message. */
static int take_records(struct flow *flow)
{
	int came = 0;
	for (int i = 0; i < BATCH && !satisfied(flow) && buffer_held(&flow->held) < FLOW_PIECE; i++) {
		int one = take_record(flow);
		if (one < 0)
			return -1;
		if (!one)
			break;
		came = 1;
	}
	return came;
}

/* Lets go of what is held: FLOW_START when all of it is. */
static enum flow_need let_go(struct flow *flow)
{
	struct echo *echo = flow->framing->echo;
	bool waiting = echo && echo_flush(echo, flow->source->fd);
	int full = flow_flush(flow);
	if (full)
		return full < 0 ? FLOW_FAILED : FLOW_SINK;
	return waiting ? FLOW_BACK : FLOW_START;
}

static enum flow_need move(struct flow *flow)
{
	enum flow_need need = let_go(flow);
	if (need == FLOW_START && !satisfied(flow) && !flow->source_ended) {
		int came = flow->source->internet ? take_batch(flow) : take_records(flow);
		if (came < 0 || (!came && !flow->source_ended))
			return came ? FLOW_FAILED : FLOW_SOURCE;
		need = let_go(flow);
	}
	if (need != FLOW_START)
		return need;
	if (flow->source_ended)
		return flow->doomed ? FLOW_FAILED : FLOW_ENDED;
	flow->enough = satisfied(flow);
	return flow->enough ? FLOW_ENDED : FLOW_SOURCE;
}

const struct mover mover_datagrams_in = { "datagrams-in", fits, move };
