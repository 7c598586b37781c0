/* option: what the command line of a command can hold, as rows. The parser, --help, the completions and the test that
 * holds the man pages to the program all read these rows. Knows offsets into a settings struct, not what they mean. */
#ifndef SKT_CLI_OPTION_H
#define SKT_CLI_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum option_kind {
	OPTION_FLAG,       /* bool: becomes true */
	OPTION_SET,        /* int: becomes row->value (-4: AF_INET) */
	OPTION_NUMBER,     /* uint64_t, decimal, within least..most */
	OPTION_ANY_NUMBER, /* uint64_t, decimal or 0x..., within least..most */
	OPTION_OCTAL,      /* uint64_t, within least..most */
	OPTION_SIZE,       /* uint64_t bytes (also RATE: bytes a second), within least..most */
	OPTION_DURATION,   /* int64_t nanoseconds */
	OPTION_TEXT,       /* const char *, not empty */
	OPTION_LIST,       /* struct option_list: may be given again and again; no item is empty */
	OPTION_WORD,       /* int: the value of the one of row->words that was given (prefixes are not taken) */
	OPTION_CUSTOM,     /* row->take reads it */
};

enum { OPTION_LIST_MOST = 128 };

struct option_list {
	const char *items[OPTION_LIST_MOST];
	size_t count;
};

struct option_word {
	const char *name; /* NULL ends the rows */
	int value;
};

struct option {
	const char *name;      /* long name without dashes; NULL: there is only the letter */
	char letter;           /* or 0 */
	enum option_kind kind;
	size_t offset;         /* of the field in the settings struct; its type follows from the kind */
	const char *argument;  /* "DURATION": for help and man page; NULL: takes none */
	const char *help;      /* one line, lower case, no full stop */
	int value;             /* OPTION_SET */
	uint64_t least, most;  /* numbers and sizes; most 0: no limit of its own */
	const struct option_word *words;  /* OPTION_WORD */
	/* The argument may be missing (--keep-alive[=...]): only the form with = gives one. Without it OPTION_CUSTOM is
	 * called with NULL, the other kinds leave the field alone. */
	bool optional;
	/* OPTION_CUSTOM: reads `word` (NULL when optional and missing) into the field; -1 fills error->text with what
	 * is wrong with it, as in "is not a DSCP name or a number from 0 to 255"; the parser puts option and word
	 * before it. */
	int (*take)(const char *word, void *field, struct error *error);
};

struct option_group {
	const char *title;     /* "Time limits": a heading in --help */
	const struct option *options;
	size_t count;
};

#define OPTION_GROUP(variable, heading, rows) \
	const struct option_group variable = { heading, rows, sizeof(rows) / sizeof((rows)[0]) }

enum option_rule_kind { OPTION_RULES_END, OPTION_CONFLICT, OPTION_NEEDS };

/* { OPTION_CONFLICT, "scan", "exec" }: not both. { OPTION_NEEDS, "replies", "wait" }: the first only with the second.
 * Options are named by their long name, letters-only ones as "4"; the word COMMAND stands for "-- COMMAND". A rule
 * that names an option the command does not have never applies, so commands can share a list. */
struct option_rule {
	enum option_rule_kind kind;
	const char *option, *other;
};

/* An option that people bring along from other tools and that is none here: what to do in its place. */
struct option_habit {
	const char *name; /* "l" is the letter; "ssl" stands for --ssl and all of --ssl-...; NULL ends the rows */
	const char *instead;
};

/* A command as its user sees it. */
struct syntax {
	const char *program;   /* "skt" */
	const char *name;      /* "connect" */
	const char *arguments; /* "HOST PORT" */
	const char *summary;   /* "talk to a server" */
	const struct option_group *const *groups;   /* NULL ends them */
	const struct option_rule *const *rules;     /* lists ended by OPTION_RULES_END; NULL ends them; may be NULL */
	const struct option_habit *habits;          /* or NULL */
	size_t most_words;     /* positional words at most */
	bool command;          /* takes "-- COMMAND ARG..." */
};

#endif
