#include "relay/record.h"

#include <errno.h>
#include <string.h>

enum { LEAST = 65536 };

/* With SO_PASSCRED each message carries its sender's credentials, and an end carries none. */
static bool read_credentials(struct msghdr *message, struct ucred *who)
{
	bool found = false;
	*who = (struct ucred){ 0 };
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) {
			memcpy(who, CMSG_DATA(c), sizeof *who);
			found = true;
		}
	return found;
}

/* 1: it is worth another try, for the errors of a unix socket come before what was received earlier and is still there;
 * 0: nothing there now; -1: the flow failed. */
static int failed(struct flow *flow, int number)
{
	bool again = number == ECONNRESET && flow->source->kind == END_SOCKET && !flow->doomed;
	if (number == EAGAIN || number == EINTR)
		return 0;
	flow_fail(flow, false, number);
	flow->doomed |= again;
	return again ? 1 : -1;
}

static ssize_t receive(const struct flow *flow, const struct buffer *into, size_t room, struct record_in *in, bool *end)
{
	/* For no more than the credentials: descriptors that come beside a message (SCM_RIGHTS) are not taken. */
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred))];
	struct iovec part = { buffer_tail(into), room };
	struct msghdr message = { .msg_name = &in->from,
				  .msg_namelen = sizeof in->from,
				  .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof control };
	ssize_t n = recvmsg(flow->source->fd, &message, MSG_DONTWAIT);
	if (n < 0)
		return n;
	bool known = read_credentials(&message, &in->who);
	in->size = (size_t)n;
	*end = !n && !known && flow->source->kind == END_SOCKET && end_hung_up(flow->source);
	in->truncated = message.msg_flags & MSG_TRUNC;
	in->from_length = message.msg_namelen;
	return n;
}

int record_take(struct flow *flow, struct buffer *into, struct record_in *in)
{
	size_t room = end_pending(flow->source);
	if (room < LEAST)
		room = LEAST;
	if (buffer_reserve(into, room))
		return flow_fail(flow, false, errno), -1;
	for (;;) {
		bool end = false;
		ssize_t n = receive(flow, into, room, in, &end);
		int again = n < 0 ? failed(flow, errno) : 0;
		if (again > 0)
			continue;
		if (end)
			flow_took(flow, 0);
		return n < 0 ? again : !end;
	}
}
