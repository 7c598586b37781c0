/* record: one message from a socket that keeps boundaries, whole, and told from the end of the peer. */
#ifndef SKT_RELAY_RECORD_H
#define SKT_RELAY_RECORD_H

#include <sys/socket.h>

#include "relay/flow.h"

struct record_in {
	size_t size; /* bytes; they lie behind what the buffer held before (buffer_added is the caller's) */
	bool truncated;
	struct sockaddr_storage from;
	socklen_t from_length; /* 0: connected, or a sender without a name */
	struct ucred who;      /* the sender, where the socket asks for that (SO_PASSCRED, unix(7)); pid 0: not known */
};

/* Receives the next message of flow->source into the buffer, which is made large enough. A reset is kept in
 * flow->error, with flow->doomed set, and what lies behind it is still delivered: the kernel hands it out first. 1: *in
 * is filled; 0: nothing there now, or never again (the end of the peer is taken as the flow's); -1: the flow failed. */
int record_take(struct flow *flow, struct buffer *into, struct record_in *in);

#endif
