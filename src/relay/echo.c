#include "relay/echo.h"

#include <errno.h>
#include <string.h>

enum { BATCH = 32 }; /* datagrams a call */

struct item {
	size_t size;
	socklen_t length;
	struct sockaddr_storage to;
};

int echo_add(struct echo *echo, const struct datagram *datagram)
{
	struct item item = { .size = datagram->size, .length = datagram->length };
	if (buffer_reserve(&echo->queue, sizeof item + datagram->size))
		return -1;
	memcpy(&item.to, datagram->from, item.length);
	echo->waiting++;
	return buffer_append(&echo->queue, &item, sizeof item) ||
		       buffer_append(&echo->queue, datagram->bytes, datagram->size)
		   ? -1
		   : 0;
}

struct batch {
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	struct item items[BATCH]; /* copies: in the queue they lie where the bytes before them end */
	unsigned count;
};

static void collect(const struct echo *echo, struct batch *batch)
{
	char *at = buffer_head(&echo->queue);
	for (batch->count = 0; batch->count < BATCH && batch->count < echo->waiting; batch->count++) {
		struct item *item = &batch->items[batch->count];
		struct iovec *part = &batch->parts[batch->count];
		memcpy(item, at, sizeof *item);
		*part = (struct iovec){ at + sizeof *item, item->size };
		batch->messages[batch->count].msg_hdr = (struct msghdr){
			.msg_name = &item->to, .msg_namelen = item->length, .msg_iov = part, .msg_iovlen = 1
		};
		at += sizeof *item + item->size;
	}
}

static void done(struct echo *echo, const struct item *item)
{
	buffer_consumed(&echo->queue, sizeof *item + item->size);
	echo->waiting--;
}

int echo_flush(struct echo *echo, int fd)
{
	struct batch batch;
	while (echo->waiting) {
		collect(echo, &batch);
		int n = sendmmsg(fd, batch.messages, batch.count, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && (errno == EAGAIN || errno == ENOBUFS))
			return 1;
		for (int i = 0; i < n; i++)
			done(echo, &batch.items[i]);
		if (n >= 0 || errno == EINTR)
			continue;
		/* It is the first one that is refused. */
		echo->complaint = errno;
		echo->failed++;
		done(echo, &batch.items[0]);
	}
	return 0;
}

void echo_free(struct echo *echo)
{
	buffer_free(&echo->queue);
	echo->waiting = 0;
}
