/* parse: the words of the command line into a settings struct, by the rows of a struct syntax. */
#ifndef SKT_CLI_PARSE_H
#define SKT_CLI_PARSE_H

#include "cli/option.h"

enum { PARSE_WORDS_MOST = 8 };

struct arguments {
	const char *words[PARSE_WORDS_MOST]; /* the positional ones; point into argv */
	size_t count;
	char **command;                      /* what stands behind "--" where that is a command, NULL-terminated */
};

/* Reads argv[0..argc) (without program and command name; argv[argc] is NULL) into *settings, which holds the defaults
 * already, and *arguments. Long options: --name VALUE, --name=VALUE, any unambiguous prefix (an exact name wins).
 * Letters: bundled (-kv), value attached or next (-w5, -w 5). A value is never taken for an option. "-" is a
 * positional word. Behind "--" all is COMMAND where the command takes one, positional words elsewhere. A single-value
 * option given twice: the last one counts. Then the rules are checked.
 *
 * -1: error->class is ERROR_USAGE and error->text one line that names the offending word, escaped, and the nearest
 * valid choice where there is one ("unknown option '--verbsoe' (did you mean '--verbose'?)"); "try 'skt connect
 * --help'" is appended by the parser, after "; ". The first error is the one told, but the words behind it are still
 * read as far as they make sense, so that --quiet and --json count wherever they stand. */
int parse_arguments(const struct syntax *syntax, int argc, char **argv, void *settings, struct arguments *arguments,
		    struct error *error);

/* The nearest of n names (by text_distance) that is near enough to be meant (at most a third of the word's letters
 * + 1 edits and not all of them, or a name that the word is a prefix of), or NULL. Nothing is near to "". */
const char *parse_nearest(const char *word, const char *const *names, size_t n);

/* Fills error as a usage error of this command: the text, cut where it is too long, then "; try 'PROGRAM NAME
 * --help'" (a NULL name is left out). Returns -1. For what only the command can check (HOST and PORT). */
int parse_refuse(const struct syntax *syntax, struct error *error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
