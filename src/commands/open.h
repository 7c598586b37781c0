/* open: an endpoint and the settings to descriptors, with retries, limits and the news that a server is ready. */
#ifndef SKT_COMMANDS_OPEN_H
#define SKT_COMMANDS_OPEN_H

#include "commands/context.h"
#include "net/dial.h"
#include "net/serve.h"

/* What dial takes from the settings. */
struct dial_plan open_dial_plan(const struct context *context);

/* Fills in what --source and --source-port ask for, whose form was checked with the words; `source` is where the
 * address is kept. -1: error. */
int open_source(const struct context *context, struct dial_plan *plan, struct address *source, struct error *error);

/* A connected socket, or one for datagrams to a group. */
struct opened {
	int fd;
	bool connected;
	struct triple triple; /* what it became */
	struct address peer;
	int64_t begun, looked_up; /* clock times */
	int64_t answer_by;        /* clock time by which the peer must answer the first bytes; 0: it has answered */
	struct path_claim claim;  /* our own name, where it is a path */
	struct server *server;    /* that it came to; or NULL */
};

/* Closes it, and removes its own path if that is still ours. */
void open_close(const struct context *context, const struct opened *opened);

/* Runs a dial to its end and tells of it. Retries as --retry says. -1: error. */
int open_dial(struct context *context, const struct dial_plan *plan, struct opened *opened, struct error *error);

/* A single try of open_dial; whether what came of it is worth another one (nobody there, no way, no answer, and the
 * whole run has time left); and the pause before that, in which the error is told under --verbose. */
int open_once(struct context *context, const struct dial_plan *plan, struct opened *opened, struct error *error);
bool open_worth_a_retry(const struct context *context, const struct error *error);
int open_wait(struct context *context, int64_t span, struct error *error);

/* The addresses of an endpoint; `passive`: to bind. The list is the caller's to free. -1: error. */
int open_resolve(struct context *context, const struct endpoint *endpoint, bool passive, struct address_list *list,
		 struct error *error);

/* The addresses of an endpoint to connect to, within `span` nanoseconds (else ERROR_TIMEOUT). */
int open_resolve_within(struct context *context, const struct endpoint *endpoint, int64_t span,
			struct address_list *list, struct error *error);

/* What --join and --join-source ask for. */
struct group_plan open_groups(const struct settings *settings);

/* Resolves what is to be bound, binds and listens, and tells that it is ready. -1: error. */
int open_server(struct context *context, struct server *server, struct error *error);

/* Until when (clock time) open sessions may go on after a signal that came just now: --drain, and the limit of the
 * whole run. */
int64_t open_drained(const struct context *context);

/* Waits for a client, and tells of it. -1: error. */
int open_client(struct context *context, struct server *server, struct opened *client, struct error *error);

#endif
