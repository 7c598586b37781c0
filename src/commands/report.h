/* report: every sentence that a person reads on standard error, as text or, with --json, as one JSON object a line. */
#ifndef SKT_COMMANDS_REPORT_H
#define SKT_COMMANDS_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/trace.h"
#include "net/address.h"
#include "net/triple.h"

struct progress;

struct report {
	const char *command; /* NULL: skt itself */
	bool quiet, verbose, json;
	struct progress *progress; /* a live line that must make way; or NULL */
	struct trace trace;        /* hands lines back here when --trace is given */
};

/* A key of the JSON object beside "event" and "message"; text NULL: the number, of which REPORT_NULL is null. */
#define REPORT_NULL UINT64_MAX
struct report_field {
	const char *key;
	const char *text;
	uint64_t number;
	const char *raw; /* a JSON number as text; goes before the others */
};

/* Writes one line: "skt: COMMAND: <text>", or {"event":..., fields, "message":<text>}. Nothing under --quiet. */
void report_event(const struct report *report, const char *event, const struct report_field *fields, size_t n,
		  const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The one line of an error; nothing for those that say nothing (ERROR_NONE, ERROR_READER_GONE, ERROR_STATUS). */
void report_error(const struct report *report, const struct error *error);

/* The same of one of many peers, whose address stands before it. */
void report_error_of(const struct report *report, const struct address *peer, const struct error *error);

/* Where we listen: told when `always` (the kernel chose the port), else under --verbose. */
void report_listening(const struct report *report, const struct address *local, const struct triple *triple,
		      bool always);

/* "connected to PEER from LOCAL (triple)", "accepted PEER on LOCAL (triple)": under --verbose. */
void report_peer(const struct report *report, const char *event, int fd, const struct triple *triple,
		 const struct address *peer);

/* "refused PEER on LOCAL (triple): why": under --verbose. */
void report_refused(const struct report *report, int fd, const struct triple *triple, const struct address *peer,
		    const char *why);

/* "heard PEER on LOCAL (triple)", of a socket that anybody may send to; `who`, where its pid is known. Under
 * --verbose. */
struct peer;
void report_heard(const struct report *report, int fd, const struct triple *triple, const struct address *from,
		  const struct peer *who);

/* "closed PEER: N bytes sent, N received": under --verbose. */
void report_closed(const struct report *report, const struct address *peer, uint64_t sent, uint64_t received);

#endif
