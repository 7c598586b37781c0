/* dump: --hex-dump: what passes between us and the peer, as it is on the wire, as lines in a file or on standard error.
 */
#ifndef SKT_COMMANDS_DUMP_H
#define SKT_COMMANDS_DUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "relay/session.h"
#include "relay/tap.h"

struct context;
struct opened;
struct report;

struct dump {
	struct tap tap;              /* first: an end hands it back */
	const struct report *report; /* whose live line must make way on a terminal */
	struct session *session;     /* of the present connection */
	int fd;                      /* -1: nothing is asked for */
	char shown[200];             /* FILE, for messages */
	uint64_t offsets[2];         /* of the next byte received and sent */
	uint64_t datagrams[2];
	struct buffer lines; /* made, not yet written */
	bool failed;
};

/* Opens the FILE of --hex-dump for appending, before any socket is opened. Without that option, and with --quiet for
 * `-`, all that follows does nothing. -1: ERROR_LOCAL; ERROR_USAGE for `-` beside --json. */
int dump_open(struct dump *dump, const struct context *context, struct error *error);

/* A session over this socket was begun: a line that says with whom, and from now on all that passes. -1: it cannot be
 * written (ERROR_LOCAL); when that happens later the session ends with the error. */
int dump_attach(struct dump *dump, struct session *session, const struct opened *peer, bool serving,
		struct error *error);

/* Closes FILE. -1: what was written did not arrive (ERROR_LOCAL). */
int dump_close(struct dump *dump, struct error *error);

#endif
