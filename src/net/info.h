/* info: what the kernel knows of a connection. */
#ifndef SKT_NET_INFO_H
#define SKT_NET_INFO_H

#include <stdbool.h>
#include <stdint.h>

struct info {
	bool known;               /* it is TCP, and the kernel told */
	uint32_t rtt;             /* smoothed round trip time, microseconds */
	uint32_t rtt_variation;   /* microseconds */
	uint32_t retransmissions; /* segments sent again */
};

/* Whether a connected MPTCP socket speaks but plain TCP: the other end knew no better. */
bool info_fell_back(int fd);

/* TCP_INFO (tcp(7)) of a socket that is still open. */
void info_read(struct info *info, int fd);

#endif
