/* command: a subcommand as a row, and what all of them share while they run: parse, open, pump, report. */
#ifndef SKT_COMMANDS_COMMAND_H
#define SKT_COMMANDS_COMMAND_H

#include "cli/option.h"
#include "cli/parse.h"
#include "commands/report.h"
#include "commands/settings.h"
#include "net/dial.h"
#include "net/serve.h"
#include "relay/loop.h"
#include "relay/session.h"

struct context;

struct command {
	struct syntax syntax;
	struct triple triple; /* the default one */
	int (*check)(struct context *context,
		     struct error *error); /* the words, before any socket opens: ERROR_USAGE */
	int (*run)(struct context *context, struct error *error);
};

/* One run of a command. */
struct context {
	const struct command *command;
	const struct settings *settings;
	const struct arguments *arguments;
	struct report report;
	struct loop loop;
	struct endpoint endpoint; /* what the words ask for */
	char split[600];          /* HOST and PORT of a word that holds both */
	bool stdin_used_up;       /* -k: standard input ended with an earlier client */
};

extern const struct command *const command_rows[]; /* NULL ends them */
extern const struct command command_connect, command_listen, command_udp_send, command_udp_recv, command_unix,
    command_http_get;

/* All of a run: argv as main got it. The exit status. */
int command_main(int argc, char **argv);

/* The words HOST PORT, HOST:PORT or [v6]:PORT, and with `bind` also PORT alone, into context->endpoint, with the triple
 * from the settings; literals and numbers are checked. -1: ERROR_USAGE. */
int command_words(struct context *context, bool bind, struct error *error);

/* The word PATH likewise. */
int command_path(struct context *context, struct error *error);

/* What dial takes from the settings. */
struct dial_plan command_dial_plan(const struct context *context);

/* Runs a dial to its end: the descriptor, connected to `dial->triple`; or -1. Retries as --retry says. */
int command_dial(struct context *context, const struct dial_plan *plan, struct triple *triple, struct error *error);

/* Resolves what is to be bound, binds and listens, and tells that it is ready. -1: error. */
int command_serve(struct context *context, struct server *server, struct error *error);

/* Waits for a client: its descriptor, or -1. */
int command_accept(struct context *context, const struct server *server, struct error *error);

/* Pipes standard input and output through a connected stream by the settings, and closes it. -1: error, with what could
 * be delivered delivered. `serving`: the descriptor came from a listener. */
int command_pump(struct context *context, int fd, const struct triple *triple, bool serving, struct error *error);

/* Runs a session that was begun; it is out of the loop afterwards, whatever happened. The loop's error goes before the
 * session's. */
int command_run_session(struct context *context, struct session *session, struct error *error);

/* The idle limit: --idle-timeout, or -w. */
int64_t command_idle(const struct settings *settings);

#endif
