#include "http/head.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define WHITE " \t\r\n" /* CR and LF stand in a value only where it was folded */

/* A piece of the head: not NUL-terminated. */
struct piece {
	const char *at;
	size_t size;
};

/* "HTTP/D.D DDD": what every status line begins with (RFC 9112 4). */
static const char pattern[] = "HTTP/0.0 000";
enum { PATTERN = sizeof pattern - 1, MAJOR = 5, MINOR = 7, STATUS = 9 };

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_white(char byte)
{
	return byte && strchr(WHITE, byte);
}

static struct piece trim(struct piece piece)
{
	if (!piece.at)
		return piece;
	while (piece.size && is_white(piece.at[0]))
		piece.at++, piece.size--;
	while (piece.size && is_white(piece.at[piece.size - 1]))
		piece.size--;
	return piece;
}

static bool piece_is(struct piece piece, const char *word)
{
	return piece.size == strlen(word) && !strncasecmp(piece.at, word, piece.size);
}

static enum head_answer bad(struct error *error, const char *what, struct piece shown)
{
	char text[120];
	text_escape(text, sizeof text, shown.at, shown.size);
	error_set(error, ERROR_PROTOCOL, 0, shown.at ? "%s: '%s'" : "%s", what, text);
	return HEAD_BAD;
}

/* Reads from *at, which begins at 0, the next field behind the status line, folded lines taken together. False: no
 * more. */
static bool next_field(const struct head *head, size_t *at, struct piece *name, struct piece *value)
{
	if (!head->fields)
		return false;
	const char *start = buffer_head(&head->raw), *end = buffer_tail(&head->raw);
	const char *from = start + (*at ? *at : head->fields), *lf = from, *colon;
	do
		if (!(lf = memchr(lf, '\n', (size_t)(end - lf))))
			return false;
	while (++lf < end && (*lf == ' ' || *lf == '\t'));
	if (!(colon = memchr(from, ':', (size_t)(lf - from))))
		return false;
	*at = (size_t)(lf - start);
	*name = (struct piece){ from, (size_t)(colon - from) };
	*value = trim((struct piece){ colon + 1, (size_t)(lf - colon) - 1 });
	return true;
}

static bool are_digits(struct piece piece)
{
	for (size_t i = 0; i < piece.size; i++)
		if (!is_digit(piece.at[i]))
			return false;
	return piece.size;
}

/* Digits and nothing else, up to 2^63-1. */
static int number(struct piece digits, uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < digits.size; i++) {
		uint64_t digit = (uint64_t)(digits.at[i] - '0');
		if (!is_digit(digits.at[i]) || *value > ((uint64_t)INT64_MAX - digit) / 10)
			return -1;
		*value = *value * 10 + digit;
	}
	return digits.size ? 0 : -1;
}

/* Cuts the text before the first `mark`, or all of it, off the front of *rest; true when the mark was there. */
static bool cut(struct piece *rest, char mark, struct piece *front)
{
	const char *found = rest->size ? memchr(rest->at, mark, rest->size) : NULL;
	*front = *rest;
	if (!found)
		return false;
	front->size = (size_t)(found - rest->at);
	*rest = (struct piece){ found + 1, rest->size - front->size - 1 };
	return true;
}

/* What the fields say of the body. */
struct framing {
	bool length_given, coding_given, chunked;
	uint64_t length;
};

/* A list of equal numbers is one number (RFC 9110 8.6): what a proxy makes of repeated fields. */
static enum head_answer take_length(struct framing *framing, struct piece value, struct error *error)
{
	struct piece rest = value, element;
	uint64_t length;
	for (bool more = true; more; framing->length_given = true, framing->length = length) {
		more = cut(&rest, ',', &element);
		if (number(trim(element), &length))
			return bad(error,
				   are_digits(trim(element)) ? "Content-Length beyond 2^63-1" : "bad Content-Length",
				   value);
		if (framing->length_given && framing->length != length)
			return bad(error, "Content-Lengths that differ", value);
	}
	return HEAD_MORE;
}

static enum head_answer take_coding(struct framing *framing, struct piece value, struct error *error)
{
	bool chunked = piece_is(value, "chunked");
	if (framing->coding_given)
		return bad(error, "more than one Transfer-Encoding", value);
	if (!chunked && !piece_is(value, "identity"))
		return bad(error, "Transfer-Encoding that skt does not know", value);
	framing->coding_given = true;
	framing->chunked = chunked;
	return HEAD_MORE;
}

/* The final head is all there: what body follows it (RFC 9112 6.3). */
static enum head_answer finish(struct head *head, struct error *error)
{
	struct framing framing = { 0 };
	struct piece name, value;
	for (size_t at = 0; next_field(head, &at, &name, &value);) {
		enum head_answer answer = HEAD_MORE;
		if (piece_is(name, "Content-Length"))
			answer = take_length(&framing, value, error);
		else if (piece_is(name, "Transfer-Encoding"))
			answer = take_coding(&framing, value, error);
		if (answer == HEAD_BAD)
			return HEAD_BAD;
	}
	head->length = 0;
	if (head->status == 204 || head->status == 304)
		head->framing = HEAD_NO_BODY;
	else if (framing.chunked)
		head->framing = HEAD_CHUNKED;
	else
		head->framing = framing.length_given ? HEAD_LENGTH : HEAD_UNTIL_CLOSE;
	if (head->framing == HEAD_LENGTH)
		head->length = framing.length;
	return HEAD_DONE;
}

/* Behind the status may stand anything but a fourth digit; the start of the line is known to be good. */
static enum head_answer take_status_line(struct head *head, struct piece line, struct error *error)
{
	const char *status = line.at + STATUS;
	if (line.size > PATTERN && is_digit(line.at[PATTERN]))
		return bad(error, "malformed status line", line);
	head->major = line.at[MAJOR] - '0';
	head->minor = line.at[MINOR] - '0';
	head->status = (status[0] - '0') * 100 + (status[1] - '0') * 10 + (status[2] - '0');
	head->fields = head->line;
	if (head->major != 1)
		return bad(error, "HTTP version that skt does not know", line);
	if (head->status < 100)
		return bad(error, "status below 100", line);
	if (head->status == 101)
		return bad(error, "the server switches protocols, which nobody asked for", line);
	return HEAD_MORE;
}

/* A field line, or a folded part of one. */
static enum head_answer take_field_line(struct piece line, bool first, struct error *error)
{
	struct piece rest = line, name;
	if (line.at[0] == ' ' || line.at[0] == '\t')
		return first ? bad(error, "white space before the first header", line) : HEAD_MORE;
	if (!cut(&rest, ':', &name))
		return bad(error, "header line without a colon", line);
	if (!name.size)
		return bad(error, "header without a name", line);
	if (memchr(name.at, ' ', name.size) || memchr(name.at, '\t', name.size))
		return bad(error, "white space in the name of a header", line);
	return HEAD_MORE;
}

/* An interim head is over: it is forgotten, another one follows. */
static enum head_answer skip_interim(struct head *head)
{
	buffer_consumed(&head->raw, buffer_held(&head->raw));
	head->matched = head->line = head->fields = 0;
	head->status = 0;
	head->interim = true;
	return HEAD_MORE;
}

/* The line that begins at head->line has just been completed. */
static enum head_answer take_line(struct head *head, struct error *error)
{
	size_t start = head->line;
	struct piece line = { head->raw.data + head->raw.start + start, buffer_held(&head->raw) - start - 1 };
	head->line = buffer_held(&head->raw);
	if (line.size && line.at[line.size - 1] == '\r')
		line.size--;
	if (memchr(line.at, '\0', line.size))
		return bad(error, "NUL byte in the head", line);
	if (memchr(line.at, '\r', line.size))
		return bad(error, "bare CR in the head", line);
	if (!start)
		return take_status_line(head, line, error);
	if (line.size)
		return take_field_line(line, start == head->fields, error);
	return head->status < 200 ? skip_interim(head) : finish(head, error);
}

static enum head_answer keep(struct head *head, const char *bytes, size_t n, size_t *used, struct error *error)
{
	if (n > HEAD_MOST - buffer_held(&head->raw))
		return bad(error, "the head is over 256 KiB", (struct piece){ 0 });
	if (buffer_append(&head->raw, bytes, n)) {
		error_system(error, ERROR_UNEXPECTED, errno, "head");
		return HEAD_BAD;
	}
	*used += n;
	return HEAD_MORE;
}

/* The first bytes, as far as they are those of a status line. */
static enum head_answer take_start(struct head *head, const char *bytes, size_t n, size_t *used, struct error *error)
{
	size_t good = 0;
	for (; good < n && head->matched < PATTERN; good++, head->matched++)
		if (pattern[head->matched] == '0' ? !is_digit(bytes[good]) : bytes[good] != pattern[head->matched])
			break;
	if (keep(head, bytes, good, used, error) == HEAD_BAD)
		return HEAD_BAD;
	if (good == n || head->matched == PATTERN)
		return HEAD_MORE;
	/* "HTTP/1.x" promised a status line, unless a bare page may begin so; an interim head before did, too. */
	bool promised = head->matched > MINOR && buffer_head(&head->raw)[MAJOR] == '1' && !head->bare_expected;
	if (!promised && !head->interim)
		return HEAD_BARE;
	if (keep(head, bytes + good, 1, used, error) == HEAD_BAD)
		return HEAD_BAD;
	struct piece line = { buffer_head(&head->raw), buffer_held(&head->raw) };
	return bad(error, "malformed status line", line);
}

static enum head_answer take_some(struct head *head, const char *bytes, size_t n, size_t *used, struct error *error)
{
	const char *lf = memchr(bytes, '\n', n);
	if (keep(head, bytes, lf ? (size_t)(lf - bytes) + 1 : n, used, error) == HEAD_BAD)
		return HEAD_BAD;
	return lf ? take_line(head, error) : HEAD_MORE;
}

enum head_answer head_take(struct head *head, const char *bytes, size_t n, size_t *used, struct error *error)
{
	enum head_answer answer = HEAD_MORE;
	for (*used = 0; *used < n && answer == HEAD_MORE;) {
		const char *rest = bytes + *used;
		answer = head->matched < PATTERN ? take_start(head, rest, n - *used, used, error)
						 : take_some(head, rest, n - *used, used, error);
	}
	return answer;
}

enum head_answer head_end(struct head *head, struct error *error)
{
	if (head->matched < PATTERN && !head->interim)
		return HEAD_BARE;
	error_set(error, ERROR_INCOMPLETE, 0, "the stream ended %s",
		  buffer_held(&head->raw) ? "within the head" : "behind an interim head");
	return HEAD_BAD;
}

/* A value as one line: each fold is a space. */
static int unfold(struct piece value, char *out, size_t size)
{
	size_t used = 0;
	for (size_t i = 0; i < value.size; i++) {
		char byte = value.at[i];
		if (byte == '\r' || byte == '\n') {
			while (used && is_white(out[used - 1]))
				used--;
			while (is_white(value.at[i + 1])) /* a trimmed value ends with no fold */
				i++;
			byte = ' ';
		}
		if (used + 1 >= size)
			return -1;
		out[used++] = byte;
	}
	if (!size)
		return -1;
	out[used] = '\0';
	return 0;
}

int head_field(const struct head *head, const char *name, size_t nth, char *out, size_t size)
{
	struct piece found, value;
	for (size_t at = 0; next_field(head, &at, &found, &value);)
		if (piece_is(found, name) && !nth--)
			return unfold(value, out, size);
	return -1;
}

int head_content_range(const struct head *head, uint64_t *first, uint64_t *last, uint64_t *total)
{
	char text[100];
	struct piece unit, range, from;
	uint64_t a = UINT64_MAX, b = UINT64_MAX, all = UINT64_MAX;
	if (head_field(head, "Content-Range", 0, text, sizeof text))
		return -1;
	struct piece rest = { text, strlen(text) };
	if (!cut(&rest, ' ', &unit) || !piece_is(unit, "bytes") || !cut(&rest, '/', &range))
		return -1;
	bool no_range = piece_is(range, "*"), no_total = piece_is(rest, "*");
	if ((no_range && no_total) || (!no_total && number(rest, &all)))
		return -1;
	if (!no_range && (!cut(&range, '-', &from) || number(from, &a) || number(range, &b) || a > b || b >= all))
		return -1;
	*first = a;
	*last = b;
	*total = all;
	return 0;
}

void head_reason(const struct head *head, char *out, size_t size)
{
	struct piece reason = { "", 0 };
	if (head->fields)
		reason = trim((struct piece){ buffer_head(&head->raw) + PATTERN, head->fields - PATTERN });
	text_escape(out, size, reason.at, reason.size);
}

void head_free(struct head *head)
{
	buffer_free(&head->raw);
	*head = (struct head){ 0 };
}
