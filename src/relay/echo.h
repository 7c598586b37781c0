/* echo: datagrams that go back to where they came from (udp-recv --echo), held until the socket takes them. */
#ifndef SKT_RELAY_ECHO_H
#define SKT_RELAY_ECHO_H

#include <stdint.h>

#include "base/buffer.h"
#include "relay/framing.h"

/* All zero is an empty one. */
struct echo {
	struct buffer queue; /* of items with their bytes behind them */
	uint64_t waiting;    /* datagrams in it */
	uint64_t failed;     /* that the kernel refused to send: a sender with no way back ends nothing */
	int complaint;       /* errno of the last one of these */
};

/* Appends a copy. -1: no memory (errno). */
int echo_add(struct echo *echo, const struct datagram *datagram);

/* Sends what waits: 0 nothing is left, 1 the socket is full. */
int echo_flush(struct echo *echo, int fd);

void echo_free(struct echo *echo);

#endif
