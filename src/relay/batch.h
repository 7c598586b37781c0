/* batch: records as the messages of one sendmmsg(2). Records of one size that follow each other are one message, which
 * the kernel cuts (UDP_SEGMENT, udp(7)), wherever they lie: between two there may be what is not sent, and before each a
 * header. */
#ifndef SKT_RELAY_BATCH_H
#define SKT_RELAY_BATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "relay/framing.h"
#include "relay/sequence.h"

enum {
	BATCH_MESSAGES = 64,
	BATCH_PARTS = 1024,
	BATCH_HEADERS = 512,
};

/* A message of `records` datagrams, all of `size` bytes but for a shorter last one. */
struct batch_run {
	size_t size, bytes, consumed; /* consumed: of the input */
	unsigned records, parts;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(uint16_t))];
};

struct batch {
	unsigned count; /* messages */
	uint64_t records, bytes;
	struct sequence_header header; /* the next one */
	unsigned parts_used, headers_used;
	struct mmsghdr messages[BATCH_MESSAGES];
	struct batch_run runs[BATCH_MESSAGES]; /* of each message */
	struct iovec parts[BATCH_PARTS];
	char headers[BATCH_HEADERS][SEQUENCE_HEADER];
};

/* Empties it; `sent` datagrams have left before. */
void batch_begin(struct batch *batch, struct framing *framing, uint64_t sent);

/* Puts a record into the last message, or into one of its own; false: the batch is full. */
bool batch_add(struct batch *batch, struct framing *framing, const struct record *record);

/* Makes the messages, to whom the framing says, once all are added. */
void batch_address(struct batch *batch, const struct framing *framing);

#endif
