/* Datagrams in: as many as lie ready are received at once, written as bytes by the frame, and given to the sink before
 * the next are taken: a slow sink never merges, cuts or loses what was accepted from the kernel. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "relay/flow.h"

enum { BATCH = 16, ROOM = 65536 };

static bool fits(const struct flow *flow)
{
	return flow->source->kind == END_DATAGRAM;
}

/* The payloads of one batch lie one behind the other in flow->raw, ROOM bytes each. */
struct batch {
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	struct sockaddr_storage senders[BATCH];
	char control[BATCH][CMSG_SPACE(sizeof(uint32_t))];
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

/* The kernel counts, over the life of the socket, what it dropped for want of room (SO_RXQ_OVFL, socket(7)). */
static void note_drops(struct flow *flow, struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL)
			flow->framing->dropped = *(uint32_t *)(void *)CMSG_DATA(c);
}

static int deliver(struct flow *flow, struct batch *batch, int n)
{
	for (int i = 0; i < n; i++) {
		struct msghdr *message = &batch->messages[i].msg_hdr;
		size_t size = batch->messages[i].msg_len;
		if (size > flow->left)
			size = (size_t)flow->left;
		note_drops(flow, message);
		flow->framing->truncated += (message->msg_flags & MSG_TRUNC) != 0;
		if (framing_write(flow->framing, batch->parts[i].iov_base, size, message->msg_name,
				  message->msg_namelen, &flow->held))
			return -1;
		flow->taken += size;
		flow->datagrams++;
		if (flow->left != UINT64_MAX)
			flow->left -= size;
	}
	return 0;
}

/* Receives what lies ready: 1 something, 0 nothing, -1 failed. ICMP errors, which a connected socket hands on, are
 * survived. */
static int take(struct flow *flow)
{
	struct batch batch;
	uint64_t wanted = flow->framing->count - flow->datagrams;
	unsigned count = wanted < BATCH ? (unsigned)wanted : BATCH;
	if (flow->left != UINT64_MAX)
		count = 1; /* --max-bytes: not one datagram more than needed */
	if (buffer_reserve(&flow->raw, (size_t)BATCH * ROOM))
		return flow_fail(flow, false, errno), -1;
	prepare(flow, &batch, count);
	int n = recvmmsg(flow->source->fd, batch.messages, count, MSG_DONTWAIT, NULL);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0 && (errno == ECONNREFUSED || errno == EHOSTUNREACH || errno == ENETUNREACH)) {
		flow->framing->complaint = errno;
		return 0;
	}
	if (n < 0 || deliver(flow, &batch, n))
		return flow_fail(flow, false, errno), -1;
	return 1;
}

static bool satisfied(const struct flow *flow)
{
	return !flow->left || flow->datagrams >= flow->framing->count;
}

static enum flow_need move(struct flow *flow)
{
	int full = flow_flush(flow);
	if (!full && !satisfied(flow)) {
		int came = take(flow);
		if (came <= 0)
			return came ? FLOW_FAILED : FLOW_SOURCE;
		full = flow_flush(flow);
	}
	if (full)
		return full < 0 ? FLOW_FAILED : FLOW_SINK;
	flow->enough = satisfied(flow);
	return flow->enough ? FLOW_ENDED : FLOW_SOURCE;
}

const struct mover mover_datagrams_in = { "datagrams-in", fits, move };
