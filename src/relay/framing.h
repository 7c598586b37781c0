/* framing: how a stream of bytes and datagrams relate. Sending cuts bytes into records; receiving writes datagrams as
 * bytes. The cutting and the writing are pure; the movers of datagrams call them. */
#ifndef SKT_RELAY_FRAMING_H
#define SKT_RELAY_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/buffer.h"
#include "base/error.h"

enum frame { FRAME_DEFAULT, FRAME_LINE, FRAME_SIZE, FRAME_RAW }; /* default: line when sending, raw when receiving */

/* Who an unconnected datagram socket heard last: whom it answers. */
struct framing_peer {
	socklen_t length; /* 0: nobody yet */
	struct sockaddr_storage address;
};

struct framing {
	enum frame frame;
	size_t size;    /* FRAME_SIZE: bytes a datagram */
	size_t most;    /* bytes a datagram can have */
	bool segments;  /* sending: the socket is UDP, and the kernel may be asked to segment runs (UDP_SEGMENT) */
	bool chomp;     /* FRAME_LINE, sending: without the newline */
	bool from;      /* receiving: the sender before each payload */
	uint64_t count; /* datagrams to move at most, UINT64_MAX for no limit */
	/* Writes a sender as "ADDRESS PORT " to out (net/ knows how); needed with `from`. */
	int (*sender)(struct buffer *out, const struct sockaddr *address, socklen_t length);
	struct framing_peer
	    *heard; /* receiving on an unconnected socket: filled; sending: to whom; NULL: it is connected */
	/* What happened: */
	uint64_t records;   /* cut so far: the number of the present line */
	uint64_t truncated; /* datagrams that did not fit into the buffer */
	uint64_t dropped;   /* by the kernel, for want of room in the socket (SO_RXQ_OVFL) */
	uint64_t unread;    /* that lay in the socket when we ended early */
	int complaint;      /* errno of the last ICMP error that was survived, 0 none */
};

struct record {
	const char *bytes; /* into what was given */
	size_t size;       /* of the datagram */
	size_t consumed;   /* of the input, newline included */
};

/* Cuts the next record from n bytes, of which more may come unless `ended`: 1 *record is filled; 0 not yet complete (or
 * nothing left); -1 it is longer than framing->most: ERROR_LOCAL, the text names its number. */
int framing_cut(struct framing *framing, const char *bytes, size_t n, bool ended, struct record *record,
		struct error *error);

/* Receiving: a payload is written as it came, and nothing beside it. */
bool framing_is_bare(const struct framing *framing);

/* Appends a datagram that came. -1: no memory (errno). */
int framing_write(const struct framing *framing, const char *bytes, size_t n, const struct sockaddr *from,
		  socklen_t length, struct buffer *out);

#endif
