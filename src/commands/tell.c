#include "commands/tell.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/help.h"
#include "cli/parse.h"
#include "commands/command.h"

enum { ROWS_MOST = 32 };

/* Help that did not arrive is a failure like any other. */
static int put(struct buffer *text, int bad, struct error *error)
{
	int result = 0;
	if (bad)
		result = error_system(error, ERROR_UNEXPECTED, ENOMEM, "help");
	while (!result && buffer_held(text)) {
		ssize_t n = write(STDOUT_FILENO, buffer_head(text), buffer_held(text));
		if (n < 0 && errno == EPIPE)
			result = error_set(error, ERROR_READER_GONE, EPIPE, "the reader of standard output is gone");
		else if (n < 0 && errno != EINTR)
			result = error_system(error, ERROR_LOCAL, errno, "standard output");
		else if (n > 0)
			buffer_consumed(text, (size_t)n);
	}
	buffer_free(text);
	return result;
}

int tell_help(const struct syntax *syntax, struct error *error)
{
	struct buffer text = { 0 };
	int bad = help_command(&text, syntax);
	return put(&text, bad, error);
}

static int overview(struct error *error)
{
	struct buffer text = { 0 };
	int bad = buffer_printf(
	    &text, "usage: skt COMMAND [OPTION]... WORD...\n\n"
		   "Sockets for the shell: standard input goes to the peer, what it says goes to standard output.\n\n");
	for (size_t i = 0; command_rows[i] && !bad; i++)
		bad = buffer_printf(&text, "  skt %-9s %-12s %s\n", command_rows[i]->syntax.name,
				    command_rows[i]->syntax.arguments, command_rows[i]->syntax.summary);
	bad = bad || buffer_printf(&text, "\n  skt help COMMAND         the options of a command\n"
					  "  skt completion SHELL     completions for bash, zsh or fish\n"
					  "  skt --version\n\nmore: man skt\n");
	return put(&text, bad, error);
}

/* Words behind the last one that means something. */
static int too_many(const char *word, struct error *error)
{
	char shown[200];
	return error_set(error, ERROR_USAGE, 0, "unexpected word '%s'; try 'skt --help'", TEXT_SHOW(shown, word));
}

static int version(int argc, char **argv, struct error *error)
{
	if (argc > 1)
		return too_many(argv[1], error);
	struct buffer text = { 0 };
	int bad = buffer_printf(&text, "skt %s\n", SKT_VERSION);
	return put(&text, bad, error);
}

static int no_command(const char *word, struct error *error)
{
	const char *names[ROWS_MOST];
	size_t n = 0;
	char shown[200];
	for (; command_rows[n] && n < ROWS_MOST - 4; n++)
		names[n] = command_rows[n]->syntax.name;
	names[n++] = "help";
	names[n++] = "completion";
	names[n++] = "--version";
	names[n++] = "--help";
	const char *nearest = parse_nearest(word, names, n);
	if (nearest)
		return error_set(error, ERROR_USAGE, 0, "unknown command '%s' (did you mean '%s'?); try 'skt --help'",
				 TEXT_SHOW(shown, word), nearest);
	return error_set(
	    error, ERROR_USAGE, 0,
	    "unknown command '%s' (choose connect, listen, udp-send, udp-recv, unix or http-get); try 'skt --help'",
	    TEXT_SHOW(shown, word));
}

static int help(int argc, char **argv, struct error *error)
{
	if (argc > 2)
		return too_many(argv[2], error);
	if (argc < 2 || !strcmp(argv[1], "help") || !strcmp(argv[1], "completion"))
		return overview(error);
	for (size_t i = 0; command_rows[i]; i++)
		if (!strcmp(command_rows[i]->syntax.name, argv[1]))
			return tell_help(&command_rows[i]->syntax, error);
	return no_command(argv[1], error);
}

static int completion(int argc, char **argv, struct error *error)
{
	const struct syntax *rows[ROWS_MOST];
	struct buffer text = { 0 };
	char shown[200];
	size_t n = 0;
	for (; command_rows[n] && n < ROWS_MOST; n++)
		rows[n] = &command_rows[n]->syntax;
	if (argc < 2)
		return error_set(error, ERROR_USAGE, 0, "completion: which shell: bash, zsh or fish? try 'skt --help'");
	if (argc > 2)
		return too_many(argv[2], error);
	int bad = help_completion(&text, argv[1], rows, n);
	if (bad && errno == EINVAL) {
		buffer_free(&text);
		return error_set(error, ERROR_USAGE, 0, "completion: '%s' is not bash, zsh or fish; try 'skt --help'",
				 TEXT_SHOW(shown, argv[1]));
	}
	return put(&text, bad, error);
}

int tell_word(int argc, char **argv, struct error *error)
{
	if (argc < 1)
		return error_set(
		    error, ERROR_USAGE, 0,
		    "no command (choose connect, listen, udp-send, udp-recv, unix or http-get); try 'skt --help'");
	if (!strcmp(argv[0], "help") || !strcmp(argv[0], "--help") || !strcmp(argv[0], "-h"))
		return help(argc, argv, error);
	if (!strcmp(argv[0], "--version") || !strcmp(argv[0], "-V"))
		return version(argc, argv, error);
	if (!strcmp(argv[0], "completion"))
		return completion(argc, argv, error);
	return no_command(argv[0], error);
}
