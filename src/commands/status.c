#include "commands/status.h"

const struct status_row status_rows[] = {
	{ ERROR_NONE, 0, "", "everything asked for was done, and every byte was delivered" },
	{ ERROR_UNEXPECTED, 1, "unexpected", "anything not below; a defect of skt says so" },
	{ ERROR_USAGE, 2, "usage", "the command line cannot be meant" },
	{ ERROR_RESOLVE, 3, "resolve", "the name or service has no address" },
	{ ERROR_REFUSED, 4, "refused", "nobody listens there (also an ICMP port unreachable)" },
	{ ERROR_UNREACHABLE, 5, "unreachable", "no route, network or host down" },
	{ ERROR_TIMEOUT, 6, "timeout", "any of the four time limits ran out; the text says which" },
	{ ERROR_RESET, 7, "reset",
	  "the peer broke the connection before its end; what had arrived was still written out" },
	{ ERROR_BIND, 8, "bind", "the local address is taken, forbidden or not ours; a socket path is in the way" },
	{ ERROR_LOCAL, 9, "local", "standard input, output or a file failed (disk full, I/O error)" },
	{ ERROR_PROTOCOL, 10, "protocol",
	  "the peer or the proxy spoke nonsense, refused us, or asked for what skt lacks" },
	{ ERROR_HTTP, 11, "http", "the server answered with a status of 400 or more" },
	{ ERROR_INCOMPLETE, 12, "incomplete",
	  "the transfer ended short of its announced length, or fewer datagrams came than asked for" },
	{ ERROR_UNKNOWN, 13, "unknown", "a UDP probe was met by silence" },
	{ ERROR_CANNOT_EXECUTE, 126, "command", "the command cannot be executed" },
	{ ERROR_NOT_FOUND, 127, "command", "the command is not found" },
	{ ERROR_SIGNAL, 128, "signal", "ended by signal N, after the same orderly close and report" },
};
const size_t status_rows_count = sizeof status_rows / sizeof status_rows[0];

enum { READER_GONE = 141 }; /* as a program that SIGPIPE ended */

int status_of(const struct error *error)
{
	if (error->class == ERROR_READER_GONE)
		return READER_GONE;
	if (error->class == ERROR_STATUS)
		return error->number;
	for (size_t i = 0; i < status_rows_count; i++)
		if (status_rows[i].class == error->class)
			return status_rows[i].status + (error->class == ERROR_SIGNAL ? error->number : 0);
	return 1;
}

const char *status_word(enum error_class class)
{
	for (size_t i = 0; i < status_rows_count; i++)
		if (status_rows[i].class == class)
			return status_rows[i].word;
	return "unexpected";
}
