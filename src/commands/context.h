/* context: a subcommand as a row, and one run of it. */
#ifndef SKT_COMMANDS_CONTEXT_H
#define SKT_COMMANDS_CONTEXT_H

#include "cli/option.h"
#include "cli/parse.h"
#include "commands/gate.h"
#include "commands/program.h"
#include "commands/report.h"
#include "commands/settings.h"
#include "net/md5.h"
#include "net/proxy.h"
#include "net/triple.h"
#include "relay/loop.h"

enum { WORDS_SPACE = 600 };

struct context;
struct dump;

struct command {
	struct syntax syntax;
	struct triple triple; /* the default one */
	/* Checks the words, before any socket opens: 0, or -1 with ERROR_USAGE, or what is wrong with a command. */
	int (*check)(struct context *context, struct error *error);
	int (*run)(struct context *context, struct error *error);
};

struct context {
	const struct command *command;
	const struct settings *settings;
	const struct arguments *arguments;
	struct report report;
	struct dump *dump; /* of --hex-dump; does nothing where it is not given */
	struct loop loop;
	struct endpoint endpoint; /* what the words ask for */
	struct endpoint upstream; /* of --forward */
	struct proxy proxy;       /* of --proxy; the kind is PROXY_NONE without */
	struct endpoint proxy_at; /* where it is */
	bool tunnel;              /* the endpoint is reached through the proxy */
	struct md5_key md5;       /* of --md5-file; empty without */
	struct program program;   /* of --exec or -- COMMAND */
	struct gate gate;         /* who may come */
	char upstream_split[WORDS_SPACE];
	char split[WORDS_SPACE]; /* HOST and PORT of a word that holds both */
	uint64_t expected;       /* bytes that the peer announced; 0: none, or not yet */
	bool sandboxed;          /* confine_enter was here */
	bool progress_usual;     /* --progress is the default of this run, on a terminal */
	bool stdin_used_up;      /* -k: standard input ended with an earlier client */
};

#endif
