#include "relay/batch.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>

#include "base/clock.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum {
	SEGMENTS = 64,    /* datagrams a message: what every kernel with UDP_SEGMENT takes */
	RUN_MOST = 65000, /* bytes a message */
	RECORD_PARTS = 2, /* a header and what follows it */
};

void batch_begin(struct batch *batch, struct framing *framing, uint64_t sent)
{
	struct framing_stamp *stamp = framing->stamp;
	batch->count = batch->parts_used = batch->headers_used = 0;
	batch->records = batch->bytes = 0;
	if (!stamp)
		return;
	int64_t now = clock_now();
	batch->header = (struct sequence_header){ stamp->run, sent, stamp->begun ? (uint64_t)(now - stamp->begun) : 0 };
}

static bool extends(const struct batch_run *run, const struct framing *framing, size_t size)
{
	bool equal = run->bytes == run->size * run->records && size && size <= run->size;
	return framing->segments && equal && run->records < SEGMENTS && run->bytes + size <= RUN_MOST;
}

static bool has_room(const struct batch *batch)
{
	return batch->parts_used + RECORD_PARTS <= BATCH_PARTS && batch->headers_used < BATCH_HEADERS;
}

/* What lies behind the last part makes that one longer. */
static void add_part(struct batch *batch, struct batch_run *run, const char *bytes, size_t n)
{
	struct iovec *last = run->parts ? &batch->parts[batch->parts_used - 1] : NULL;
	if (last && (const char *)last->iov_base + last->iov_len == bytes) {
		last->iov_len += n;
		return;
	}
	/* An iovec is not const; sending only reads. */
	batch->parts[batch->parts_used++] = (struct iovec){ (void *)(uintptr_t)bytes, n };
	run->parts++;
}

static void add_header(struct batch *batch, struct framing_stamp *stamp, struct batch_run *run)
{
	char *bytes = batch->headers[batch->headers_used++];
	if (!stamp->begun)
		stamp->begun = clock_now();
	batch->header.number++;
	sequence_write(bytes, &batch->header);
	add_part(batch, run, bytes, SEQUENCE_HEADER);
}

bool batch_add(struct batch *batch, struct framing *framing, const struct record *record)
{
	struct batch_run *run = batch->count ? &batch->runs[batch->count - 1] : NULL;
	size_t size = record->size + (framing->stamp ? SEQUENCE_HEADER : 0);
	if (!has_room(batch))
		return false;
	if (!run || !extends(run, framing, size)) {
		if (batch->count == BATCH_MESSAGES)
			return false;
		run = &batch->runs[batch->count++];
		run->size = size;
		run->bytes = run->consumed = run->records = run->parts = 0;
	}
	if (framing->stamp)
		add_header(batch, framing->stamp, run);
	add_part(batch, run, record->bytes, record->size);
	run->bytes += size;
	run->consumed += record->consumed;
	run->records++;
	batch->records++;
	batch->bytes += size;
	return true;
}

static void segment(struct msghdr *message, struct batch_run *run)
{
	uint16_t size = (uint16_t)run->size;
	struct cmsghdr *header = (struct cmsghdr *)(void *)run->control;
	message->msg_control = run->control;
	message->msg_controllen = sizeof run->control;
	*header = (struct cmsghdr){ .cmsg_level = SOL_UDP, .cmsg_type = UDP_SEGMENT, .cmsg_len = CMSG_LEN(sizeof size) };
	memcpy(CMSG_DATA(header), &size, sizeof size);
}

void batch_address(struct batch *batch, const struct framing *framing)
{
	struct framing_peer *to = framing->heard;
	struct iovec *part = batch->parts;
	for (unsigned i = 0; i < batch->count; i++) {
		struct batch_run *run = &batch->runs[i];
		struct msghdr *message = &batch->messages[i].msg_hdr;
		*message = (struct msghdr){ .msg_name = to ? &to->address : NULL,
					    .msg_namelen = to ? to->length : 0,
					    .msg_iov = part,
					    .msg_iovlen = run->parts };
		part += run->parts;
		if (run->records > 1)
			segment(message, run);
	}
}
