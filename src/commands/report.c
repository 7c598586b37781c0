#include "commands/report.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/encode.h"
#include "commands/progress.h"
#include "commands/status.h"
#include "net/info.h"
#include "net/peer.h"

enum { PATIENCE = 1000 }; /* ms */

/* The bytes are printable already, but for what paths may bring. */
static int json_string(struct buffer *out, const char *text)
{
	return encode_json(out, text, strlen(text));
}

static int json_field(struct buffer *out, const struct report_field *field)
{
	if (buffer_append(out, ",", 1) || json_string(out, field->key) || buffer_append(out, ":", 1))
		return -1;
	if (field->raw)
		return buffer_append(out, field->raw, strlen(field->raw));
	if (field->text)
		return json_string(out, field->text);
	return field->number == REPORT_NULL ? buffer_printf(out, "null")
					    : buffer_printf(out, "%" PRIu64, field->number);
}

static int json_line(struct buffer *out, const struct report *report, const char *event,
		     const struct report_field *fields, size_t n, const char *text)
{
	struct report_field common[] = { { "command", .text = report->command ? report->command : "skt" },
					 { "message", .text = text } };
	if (buffer_append(out, "{\"event\":", 9) || json_string(out, event) || json_field(out, &common[0]))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (json_field(out, &fields[i]))
			return -1;
	return json_field(out, &common[1]) || buffer_append(out, "}\n", 2) ? -1 : 0;
}

static int text_line(struct buffer *out, const struct report *report, const char *text)
{
	bool named = report->command;
	return buffer_printf(out, "skt: %s%s%s\n", named ? report->command : "", named ? ": " : "", text);
}

/* One write a line, so that lines of several processes do not mix; where stderr is full and does not block (its flags
 * are not ours) the rest has a moment to get out. There is nowhere to complain about a failure. */
static void put(struct buffer *line)
{
	struct pollfd room = { .fd = STDERR_FILENO, .events = POLLOUT };
	while (buffer_held(line)) {
		ssize_t n = write(STDERR_FILENO, buffer_head(line), buffer_held(line));
		if (n > 0)
			buffer_consumed(line, (size_t)n);
		else if (n == 0 || (errno != EINTR && (errno != EAGAIN || poll(&room, 1, PATIENCE) <= 0)))
			return;
	}
}

static void put_line(const struct report *report, const char *event, const struct report_field *fields, size_t n,
		     const char *text)
{
	struct buffer line = { 0 };
	if (report->progress)
		progress_clear(report->progress);
	int bad = report->json ? json_line(&line, report, event, fields, n, text) : text_line(&line, report, text);
	if (!bad)
		put(&line);
	buffer_free(&line);
}

void report_event(const struct report *report, const char *event, const struct report_field *fields, size_t n,
		  const char *format, ...)
{
	char text[1600];
	va_list arguments;
	if (report->quiet)
		return;
	va_start(arguments, format);
	int length = vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	if (length >= 0)
		put_line(report, event, fields, n, text);
}

/* "errno":null where there is none is the one field that is neither text nor number: it gets a line of its own making.
 */
static void json_error(const struct report *report, const struct error *error)
{
	struct buffer line = { 0 };
	const char *name = error_name(error->number);
	const struct report_field class = { "class", .text = status_word(error->class) },
				  message = { "message", .text = error->text };
	const struct report_field command = { "command", .text = report->command ? report->command : "skt" };
	int bad =
	    buffer_printf(&line, "{\"event\":\"error\"") || json_field(&line, &command) || json_field(&line, &class);
	bad = bad || (name && error->class != ERROR_SIGNAL ? buffer_printf(&line, ",\"errno\":\"%s\"", name)
							   : buffer_printf(&line, ",\"errno\":null"));
	bad = bad || json_field(&line, &message) || buffer_append(&line, "}\n", 2);
	if (!bad)
		put(&line);
	buffer_free(&line);
}

void report_error(const struct report *report, const struct error *error)
{
	if (report->quiet || error->class == ERROR_NONE || error->class == ERROR_READER_GONE ||
	    error->class == ERROR_STATUS)
		return;
	if (report->json)
		json_error(report, error);
	else
		put_line(report, "error", NULL, 0, error->text);
}

void report_error_of(const struct report *report, const struct address *peer, const struct error *error)
{
	char shown[ADDRESS_TEXT];
	struct error told;
	error_set(&told, error->class, error->number, "%.100s: %.480s", address_show(shown, peer), error->text);
	report_error(report, &told);
}

/* A unix socket has none. */
static uint64_t port_of(const struct address *address)
{
	sa_family_t family = address->any.sa_family;
	return family == AF_UNIX || family == AF_UNSPEC ? REPORT_NULL : address_port(address);
}

void report_listening(const struct report *report, const struct address *local, const struct triple *triple,
		      bool always)
{
	char host[ADDRESS_TEXT], shown[ADDRESS_TEXT], kind[64];
	const struct report_field fields[] = { { "address", .text = address_host(host, local) },
					       { "port", .number = port_of(local) } };
	if (always || report->verbose)
		report_event(report, "listening", fields, 2, "listening on %s (%s)", address_show(shown, local),
			     triple_show(kind, sizeof kind, triple));
}

/* ", pid 1, uid 0, gid 0" of the process at the other end of a unix socket. Fills three fields. */
static size_t put_who(const struct peer *who, struct report_field *fields, char words[static 80])
{
	snprintf(words, 80, ", pid %ld, uid %lu, gid %lu", (long)who->pid, (unsigned long)who->uid,
		 (unsigned long)who->gid);
	fields[0] = (struct report_field){ "pid", .number = (uint64_t)who->pid };
	fields[1] = (struct report_field){ "uid", .number = who->uid };
	fields[2] = (struct report_field){ "gid", .number = who->gid };
	return 3;
}

/* A line about two ends; `why` goes behind it, where there is one. */
static void tell_ends(const struct report *report, const char *event, int fd, const struct triple *triple,
		      const struct address *peer, const struct peer *who, const char *why)
{
	char there[ADDRESS_TEXT], here[ADDRESS_TEXT], peer_text[ADDRESS_TEXT], local_text[ADDRESS_TEXT], kind[64];
	char words[80] = "";
	struct address local;
	address_local(fd, &local);
	struct report_field fields[9] = { { "address", .text = address_host(there, peer) },
					  { "port", .number = port_of(peer) },
					  { "local_address", .text = address_host(here, &local) },
					  { "local_port", .number = port_of(&local) },
					  { "triple", .text = triple_show(kind, sizeof kind, triple) } };
	size_t count = 5;
	if (who)
		count += put_who(who, fields + count, words);
	if (triple_is_mptcp(triple) && !why && info_fell_back(fd)) {
		fields[count++] = (struct report_field){ "fallback", .text = "tcp" };
		snprintf(words, sizeof words, ", fell back to TCP");
	}
	if (why)
		fields[count++] = (struct report_field){ "reason", .text = why };
	bool connected = !strcmp(event, "connected");
	report_event(report, event, fields, count, "%s %s %s %s (%s%s)%s%s", connected ? "connected to" : event,
		     address_show(peer_text, peer), connected ? "from" : "on", address_show(local_text, &local), kind,
		     words, why ? ": " : "", why ? why : "");
}

/* The one that the kernel knows at the other end of a unix socket, or NULL. */
static const struct peer *other_end(int fd, const struct triple *triple, struct peer *who)
{
	return triple->family == AF_UNIX && !peer_read(who, fd) ? who : NULL;
}

void report_peer(const struct report *report, const char *event, int fd, const struct triple *triple,
		 const struct address *peer)
{
	struct peer who;
	if (report->verbose && !report->quiet)
		tell_ends(report, event, fd, triple, peer, other_end(fd, triple, &who), NULL);
}

void report_refused(const struct report *report, int fd, const struct triple *triple, const struct address *peer,
		    const char *why)
{
	struct peer who;
	if (report->verbose && !report->quiet)
		tell_ends(report, "refused", fd, triple, peer, other_end(fd, triple, &who), why);
}

void report_heard(const struct report *report, int fd, const struct triple *triple, const struct address *from,
		  const struct peer *who)
{
	if (report->verbose && !report->quiet)
		tell_ends(report, "heard", fd, triple, from, who->pid ? who : NULL, NULL);
}

void report_closed(const struct report *report, const struct address *peer, uint64_t sent, uint64_t received)
{
	char host[ADDRESS_TEXT], shown[ADDRESS_TEXT];
	const struct report_field fields[] = { { "address", .text = address_host(host, peer) },
					       { "port", .number = port_of(peer) },
					       { "bytes_sent", .number = sent },
					       { "bytes_received", .number = received } };
	if (report->verbose)
		report_event(report, "closed", fields, sizeof fields / sizeof fields[0],
			     "closed %s: %" PRIu64 " bytes sent, %" PRIu64 " bytes received", address_show(shown, peer),
			     sent, received);
}
