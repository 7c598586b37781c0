/* tap: one who sees the bytes that pass an end, as the kernel took or gave them: before filters of what is received,
 * behind those of what is sent. An end with a tap is served by movers that see the bytes only. */
#ifndef SKT_RELAY_TAP_H
#define SKT_RELAY_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct tap_piece {
	const void *bytes;
	size_t n;
	bool sent;                   /* else received */
	bool datagram;               /* the bytes are one, and may be none */
	const struct sockaddr *peer; /* of the datagram; NULL: the socket is connected */
	socklen_t length;
};

struct tap {
	/* Must not fail: who cannot use the bytes says so elsewhere (session_stop). */
	void (*see)(struct tap *tap, const struct tap_piece *piece);
};

/* Datagrams of one size, but for a shorter last one, that lie one behind the other: each is seen. `size` 0: the n bytes
 * are one. */
void tap_see_run(struct tap *tap, const struct tap_piece *run, size_t size);

#endif
