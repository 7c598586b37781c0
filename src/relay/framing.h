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
#include "relay/pace.h"
#include "relay/replay.h"

struct echo;
struct sequence;

enum frame {
	FRAME_DEFAULT, /* line when sending, raw when receiving */
	FRAME_LINE,
	FRAME_SIZE,   /* sending only */
	FRAME_LENGTH, /* 4 bytes, the most significant first, before each datagram */
	FRAME_ALL,    /* sending only: all of the input is one datagram, an empty input an empty one */
	FRAME_RAW,    /* these three: receiving only */
	FRAME_HEX,
	FRAME_JSON, /* an object a datagram, a line each */
};

enum { FRAMING_SENDER = 600 }; /* room for a sender as text */

/* Who an unconnected datagram socket heard last: whom it answers. */
struct framing_peer {
	socklen_t length; /* 0: nobody yet, or one who cannot be answered */
	struct sockaddr_storage address;
	struct ucred who; /* as the kernel knows it (unix(7)); pid 0: not at all */
	/* Called when another one was heard than before, one without a name too (length 0); and with an errno when the
	 * last one turned out not to be answerable. Or NULL. */
	void (*news)(struct framing_peer *peer, int number);
};

/* What the headers of sent datagrams begin with, and since when they count. */
struct framing_stamp {
	uint32_t run;
	int64_t begun; /* clock time of the first one; 0: not yet */
};

struct framing {
	enum frame frame;
	size_t size;   /* FRAME_SIZE: bytes a datagram */
	size_t most;   /* bytes a datagram can have */
	bool segments; /* sending: the socket is UDP, and the kernel may be asked to segment runs (UDP_SEGMENT) */
	bool chomp;    /* FRAME_LINE, sending: without the newline */
	bool from; /* receiving: the sender before each payload, but not with FRAME_LENGTH; FRAME_JSON has it anyway */
	uint64_t count;        /* datagrams to move at most, UINT64_MAX for no limit */
	struct pace pace;      /* sending: how fast they may leave, or the lines of a stream */
	struct replay *replay; /* sending: the source gone through several times; NULL: once */
	/* Writes a sender as text (net/ knows how): "ADDRESS PORT " as a prefix, else "ADDRESS:PORT"; needed with
	 * `from` and FRAME_JSON. */
	void (*sender)(char out[static FRAMING_SENDER], const struct sockaddr *address, socklen_t length, bool prefix);
	struct framing_peer
	    *heard; /* receiving on an unconnected socket: filled; sending: to whom; NULL: it is connected */
	/* Receiving: whether a sender is heard; else what it sent is as if it had never come. NULL: all are. */
	bool (*admits)(void *porter, const struct sockaddr *address, socklen_t length);
	void *porter;
	struct framing_stamp *stamp; /* sending: each datagram gets a header (sequence.h), not counted in `most`; NULL: none */
	struct sequence *sequence; /* receiving: headers are taken off and counted; NULL: they are not looked for */
	struct echo *echo;         /* receiving: all go back there; NULL: they do not */
	/* What happened: */
	uint64_t records;   /* cut so far: the number of the present line */
	uint64_t before;    /* of these, in earlier passes over the input */
	uint64_t truncated; /* datagrams that did not fit into the buffer */
	uint64_t dropped;   /* by the kernel, for want of room in the socket (SO_RXQ_OVFL) */
	int complaint;      /* errno of the last ICMP error that was survived, 0 none */
	uint64_t returned;  /* datagrams that an ICMP error came for, as far as it was heard */
};

struct record {
	const char *bytes; /* into what was given */
	size_t size;       /* of the datagram */
	size_t consumed;   /* of the input, newline or length included */
};

/* Cuts the next record from n bytes, of which more may come unless `ended`: 1 *record is filled; 0 not yet complete (or
 * nothing left); -1 it is longer than framing->most, or the input has ended inside it (FRAME_LENGTH): ERROR_LOCAL, the
 * text names its number. bytes may be NULL where n is 0. */
int framing_cut(struct framing *framing, const char *bytes, size_t n, bool ended, struct record *record,
		struct error *error);

/* The input begins anew, for another pass over it. */
void framing_again(struct framing *framing);

/* A datagram that came. */
struct datagram {
	const char *bytes;
	size_t size;
	const struct sockaddr *from; /* with its length; unused unless the sender is written */
	socklen_t length;
	int64_t time; /* nanoseconds since 1970; unused unless framing_is_timed */
};

/* Receiving: a datagram is written as it came, nothing is done beside, and the sender does not matter. */
bool framing_is_bare(const struct framing *framing);

/* Receiving: when a datagram came is asked for. */
bool framing_is_timed(const struct framing *framing);

/* Appends a datagram that came. -1: no memory (errno). */
int framing_write(const struct framing *framing, const struct datagram *datagram, struct buffer *out);

#endif
