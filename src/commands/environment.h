/* environment: what a command finds in its environment about the socket it was started for. */
#ifndef SKT_COMMANDS_ENVIRONMENT_H
#define SKT_COMMANDS_ENVIRONMENT_H

#include "net/address.h"
#include "net/triple.h"

enum { ENVIRONMENT_VARIABLES = 8, ENVIRONMENT_LINE = ADDRESS_TEXT + 24 };

struct environment {
	char **all; /* for execve(2) */
	char lines[ENVIRONMENT_VARIABLES][ENVIRONMENT_LINE];
	size_t count;
};

/* Our own environment with SKT_PROTOCOL, SKT_LOCAL_ADDRESS, SKT_LOCAL_PORT, SKT_PEER_ADDRESS and SKT_PEER_PORT; for a
 * unix socket the peer is SKT_PEER_PID, SKT_PEER_UID and SKT_PEER_GID, and the local address is `path` (NULL: it has
 * none). What an outer skt left of them is gone. -1: no memory. */
int environment_make(struct environment *environment, int fd, const struct triple *triple, const struct address *peer,
		     const char *path);

void environment_free(struct environment *environment);

#endif
