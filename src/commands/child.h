/* child: a process that has a socket as its standard input and output. A machine: finished when the process has ended
 * and was reaped. */
#ifndef SKT_COMMANDS_CHILD_H
#define SKT_COMMANDS_CHILD_H

#include "commands/context.h"
#include "commands/open.h"

enum { CHILD_GRACE = 1 }; /* seconds that a command has to end after SIGTERM, when we go */

struct child {
	struct machine machine;
	struct watch process; /* a pidfd */
	struct watch socket;  /* of a client, once its command has ended */
	int64_t look;         /* the process has no descriptor: when to ask again; then: when to wait no more */
	int fd;               /* a client's socket; or -1 */
	const struct trace *trace;
	struct address peer;
	pid_t pid;
	bool reaped, cut; /* cut: set by the owner when there is no time for a goodbye */
	int outcome;      /* as wait(2) tells it */
};

/* Finds the program of --exec or -- COMMAND, if there is one, for context->program; `serving`: it needs clients, and is
 * not offered to everybody by accident. -1: ERROR_USAGE, or the program cannot be found or executed. */
int child_check(struct context *context, bool serving, struct error *error);

/* Starts the context's program for a socket. `serving`: it is a client's, and the program gets a process group of its
 * own; when all of that has ended the client is told so by FIN, and what it said unread is taken, for a moment, so that
 * no RST destroys the last bytes. Else the socket is closed here, and the program's alone. -1: error, and the socket is
 * the caller's still. */
int child_start(struct child *child, struct context *context, const struct opened *socket, bool serving,
		struct error *error);

/* Gives back what watched the process; the machine must be out of the loop. */
void child_stop(struct child *child);

/* "closed PEER: the command ended with status N": under --verbose. */
void child_tell(const struct child *child, const struct report *report);

/* All of a client's run: starts the program and waits for its end, whose status becomes ours: 0, or -1 with
 * ERROR_STATUS. A signal that comes to us is passed on. The socket is closed in any case. */
int child_run(struct context *context, const struct opened *socket, struct error *error);

#endif
