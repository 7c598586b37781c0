/* gate: who may come to a server, by address or by the user behind a unix socket, and what is told at the door. */
#ifndef SKT_COMMANDS_GATE_H
#define SKT_COMMANDS_GATE_H

#include <sys/types.h>

#include "cli/option.h"
#include "net/access.h"
#include "net/acceptor.h"

struct context;

struct gate {
	struct access access; /* --allow, --deny, --allow-file */
	uid_t users[OPTION_LIST_MOST];
	gid_t groups[OPTION_LIST_MOST];
	size_t user_count, group_count;
};

/* Whether the options about who may come make sense for sockets of this triple. -1:
 * ERROR_USAGE. */
int gate_check(const struct context *context, const struct triple *triple, struct error *error);

/* Whether the settings say who is allowed (not only who is denied). */
bool gate_chooses(const struct context *context);

/* Reads the lists and their files, and looks up what names are in them, all within the connect limit, into
 * context->gate. -1: ERROR_USAGE for what is no SPEC and for an unknown user or group, ERROR_LOCAL for a file,
 * ERROR_RESOLVE for a name; nothing is held then. */
int gate_open(struct context *context, struct error *error);

/* Lets the acceptor ask here, and tell of its troubles. The context must outlive it. */
void gate_guard(struct context *context, struct acceptor *acceptor);

/* Whether what comes from this address, on a socket of this triple, is wanted; else it is told under --verbose. */
bool gate_admits(const struct context *context, int fd, const struct triple *triple, const struct address *peer);

/* Who sends to an unconnected socket. */
struct gate_senders {
	const struct context *context;
	int fd;
	const struct triple *triple;
	struct address refused; /* whom it was told of last: once, until it is another one */
};

/* gate_admits for datagrams, as struct framing wants it: porter is a struct gate_senders. */
bool gate_hears(void *porter, const struct sockaddr *from, socklen_t length);

void gate_close(struct gate *gate);

#endif
