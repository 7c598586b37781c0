/* Response heads, each in one piece, byte by byte and in every two pieces. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "http/head.h"
#include "test.h"

/* A literal that may hold NUL. */
#define TEXT(literal) literal, sizeof(literal) - 1

/* Everything that a caller can see of a parse, as text: equal for all ways to cut the same bytes. */
struct outcome {
	enum head_answer answer;
	enum error_class class;
	char text[2000];
};

/* Feeds bytes in pieces of `first` and then of `step`; the end of the stream comes behind them. Each piece is a copy of
 * its own, so that the sanitizer sees a byte too many. */
static struct outcome parse(struct head *head, const char *bytes, size_t n, size_t first, size_t step)
{
	struct outcome outcome = { .answer = HEAD_MORE };
	struct error error = { 0 };
	size_t at = 0, used = 0;
	*head = (struct head){ 0 };
	for (size_t size = first; at < n && outcome.answer == HEAD_MORE; size = step) {
		size = size < n - at ? size : n - at;
		char *piece = malloc(size + !size);
		memcpy(piece, bytes + at, size);
		outcome.answer = head_take(head, piece, size, &used, &error);
		free(piece);
		CHECK(used <= size && (outcome.answer != HEAD_MORE || used == size));
		at += used;
	}
	if (outcome.answer == HEAD_MORE)
		outcome.answer = head_end(head, &error);
	outcome.class = error.class;
	if (outcome.answer == HEAD_BAD)
		at = 0; /* how far it came is nobody's business */
	size_t held = outcome.answer == HEAD_BAD ? 0 : buffer_held(&head->raw);
	char raw[600] = "";
	text_escape(raw, sizeof raw, held ? buffer_head(&head->raw) : "", held);
	snprintf(outcome.text, sizeof outcome.text, "%d %d %d.%d %d %d %" PRIu64 " %zu %zu %s %s", outcome.answer,
		 outcome.class, head->major, head->minor, head->status, head->framing, head->length, at, held, raw,
		 error.text);
	return outcome;
}

/* The outcome, after a check that all ways lead to it. *head is left for the caller to look at and free. */
static struct outcome parse_all_ways(struct head *head, const char *bytes, size_t n)
{
	struct outcome whole = parse(head, bytes, n, n, n);
	struct head other;
	for (size_t first = 0; first < n; first++) {
		struct outcome cut = parse(&other, bytes, n, first, first ? n : 1); /* 0: byte by byte */
		head_free(&other);
		if (!CHECK_EQUAL_STRING(cut.text, whole.text))
			fprintf(stderr, "\tcut at %zu\n", first);
	}
	return whole;
}

static void check_done(const char *bytes, size_t n, const char *body, int status, enum head_framing framing,
		       uint64_t length)
{
	struct head head;
	struct outcome outcome = parse_all_ways(&head, bytes, n);
	if (CHECK_EQUAL_INT(outcome.answer, HEAD_DONE)) {
		CHECK_EQUAL_INT(head.status, status);
		CHECK_EQUAL_INT(head.framing, framing);
		CHECK_EQUAL_INT(head.length, length);
		CHECK_EQUAL_INT(head.major, 1);
		size_t held = buffer_held(&head.raw), rest = strlen(body);
		/* Held is the end of what came, but for the body and the interim heads. */
		CHECK_EQUAL_BYTES(buffer_head(&head.raw), held, bytes + n - rest - held, held);
	} else {
		fprintf(stderr, "\tof %s: %s\n", bytes, outcome.text);
	}
	head_free(&head);
}

static void check_bad(const char *bytes, size_t n, enum error_class class, const char *part)
{
	struct head head;
	struct outcome outcome = parse_all_ways(&head, bytes, n);
	CHECK_EQUAL_INT(outcome.answer, HEAD_BAD);
	CHECK_EQUAL_INT(outcome.class, class);
	if (!CHECK(strstr(outcome.text, part)) || !CHECK(!strpbrk(outcome.text, "\r\n\t")))
		fprintf(stderr, "\tof %s: %s\n", bytes, outcome.text);
	head_free(&head);
}

static void check_bare(const char *bytes, size_t n)
{
	for (size_t first = 0; first <= n; first++) {
		struct head head;
		struct outcome outcome = parse(&head, bytes, n, first ? first : n, first ? 1 : n);
		size_t held = buffer_held(&head.raw), at = 0;
		CHECK_EQUAL_INT(outcome.answer, HEAD_BARE);
		CHECK(held < 12);
		CHECK(sscanf(outcome.text, "%*d %*d %*d.%*d %*d %*d %*u %zu", &at) == 1);
		/* raw and what was not taken are the whole body. */
		CHECK_EQUAL_INT(at, held);
		CHECK_EQUAL_BYTES(held ? buffer_head(&head.raw) : "", held, bytes, held);
		CHECK_EQUAL_INT(head_field(&head, "a", 0, (char[8]){ 0 }, 8), -1);
		head_free(&head);
	}
}

static void check_status_lines(void)
{
	check_done(TEXT("HTTP/1.1 200 OK\r\n\r\n"), "", 200, HEAD_UNTIL_CLOSE, 0);
	check_done(TEXT("HTTP/1.0 404 Not Found\r\n\r\nbody"), "body", 404, HEAD_UNTIL_CLOSE, 0);
	check_done(TEXT("HTTP/1.1 200 OK\n\nbody"), "body", 200, HEAD_UNTIL_CLOSE, 0);
	check_done(TEXT("HTTP/1.1 200\r\n\r\n"), "", 200, HEAD_UNTIL_CLOSE, 0);
	check_done(TEXT("HTTP/1.1 200\n\n"), "", 200, HEAD_UNTIL_CLOSE, 0);
	check_done(TEXT("HTTP/1.1 200 \r\n\r\n"), "", 200, HEAD_UNTIL_CLOSE, 0);
	check_done(TEXT("HTTP/1.1 200OK\r\n\r\n"), "", 200, HEAD_UNTIL_CLOSE, 0);
	check_done(TEXT("HTTP/1.9 999 \xff\x01\r\n\r\n"), "", 999, HEAD_UNTIL_CLOSE, 0);
	check_done(TEXT("HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n"), "", 204, HEAD_NO_BODY, 0);
	check_done(TEXT("HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n"), "", 304, HEAD_NO_BODY, 0);
	check_done(TEXT("HTTP/1.1 200 OK\r\n\r\n\r\n"), "\r\n", 200, HEAD_UNTIL_CLOSE, 0);

	check_bad(TEXT("HTTP/1.1 2000 OK\r\n\r\n"), ERROR_PROTOCOL, "status line: 'HTTP/1.1 2000 OK'");
	check_bad(TEXT("HTTP/1.1 20 OK\r\n\r\n"), ERROR_PROTOCOL, "status line: 'HTTP/1.1 20 '");
	check_bad(TEXT("HTTP/1.1 abc\r\n\r\n"), ERROR_PROTOCOL, "status line: 'HTTP/1.1 a'");
	check_bad(TEXT("HTTP/1.1  200 OK\r\n\r\n"), ERROR_PROTOCOL, "status line");
	check_bad(TEXT("HTTP/1.1\r\n\r\n"), ERROR_PROTOCOL, "'HTTP/1.1\\r'");
	check_bad(TEXT("HTTP/1.12 200 OK\r\n\r\n"), ERROR_PROTOCOL, "status line");
	check_bad(TEXT("HTTP/1.1 -20 OK\r\n\r\n"), ERROR_PROTOCOL, "status line");
	check_bad(TEXT("HTTP/1.1 2\0\r\n\r\n"), ERROR_PROTOCOL, "status line");
	check_bad(TEXT("HTTP/2.0 200 OK\r\n\r\n"), ERROR_PROTOCOL, "version");
	check_bad(TEXT("HTTP/3.7 200 OK\r\n\r\n"), ERROR_PROTOCOL, "version");
	check_bad(TEXT("HTTP/0.9 200 OK\r\n\r\n"), ERROR_PROTOCOL, "version");
	check_bad(TEXT("HTTP/1.1 099 OK\r\n\r\n"), ERROR_PROTOCOL, "below");
	check_bad(TEXT("HTTP/1.1 000\r\n\r\n"), ERROR_PROTOCOL, "below");
	check_bad(TEXT("HTTP/1.1 101 Switching\r\n\r\n"), ERROR_PROTOCOL, "switches");
	check_bad(TEXT("HTTP/1.1 200 O\0K\r\n\r\n"), ERROR_PROTOCOL, "NUL");
	check_bad(TEXT("HTTP/1.1 200 O\rK\r\n\r\n"), ERROR_PROTOCOL, "bare CR");
	check_bad(TEXT("HTTP/1.1 200 OK\r\r\n\r\n"), ERROR_PROTOCOL, "bare CR");
}

static void check_bare_bodies(void)
{
	check_bare(TEXT("<html>"));
	check_bare(TEXT("H"));
	check_bare(TEXT("HTTP"));
	check_bare(TEXT("HTTP/"));
	check_bare(TEXT("HTTP/1."));
	check_bare(TEXT("HTTP/1.1"));
	check_bare(TEXT("HTTP/1.1 "));
	check_bare(TEXT("HTTP/1.1 20"));
	check_bare(TEXT("HTTP/9.9 99"));
	check_bare(TEXT("HTTPS is safe\r\n"));
	check_bare(TEXT("HTTP/x"));
	check_bare(TEXT("HTTP/2 200 OK\r\n\r\n"));
	check_bare(TEXT("HTTP/2.0 is nice\r\n\r\n"));
	check_bare(TEXT("HTTP/11.1 200 OK\r\n\r\n"));
	check_bare(TEXT("http/1.1 200 OK\r\n\r\n"));
	check_bare(TEXT("\r\nHTTP/1.1 200 OK\r\n\r\n"));
	check_bare(TEXT(" HTTP/1.1 200 OK\r\n\r\n"));
	check_bare(TEXT("\0"));
	check_bare(TEXT("H\0"));
	check_bare(TEXT("\n"));
	check_bare(TEXT("HHTTP/1.1 200 OK\r\n\r\n"));

	struct head head = { 0 };
	struct error error = { 0 };
	CHECK_EQUAL_INT(head_end(&head, &error), HEAD_BARE); /* not a byte came */
	CHECK_EQUAL_INT(buffer_held(&head.raw), 0);
	size_t used = 7;
	CHECK_EQUAL_INT(head_take(&head, "", 0, &used, &error), HEAD_MORE);
	CHECK_EQUAL_INT(used, 0);
	head_free(&head);
}

static void check_cut(void)
{
	static const char whole[] = "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n";
	for (size_t n = 12; n < sizeof whole - 1; n++)
		check_bad(whole, n, ERROR_INCOMPLETE, "within the head");
	check_bad(TEXT("HTTP/1.1 100 Continue\r\n\r\n"), ERROR_INCOMPLETE, "behind an interim head");
	check_bad(TEXT("HTTP/1.1 100 Continue\r\n\r\nHTTP/1."), ERROR_INCOMPLETE, "within the head");
	check_bad(TEXT("HTTP/1.1 100 Continue\r\n"), ERROR_INCOMPLETE, "within the head");
}

static void check_interim(void)
{
	check_done(TEXT("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"), "abc", 200,
		   HEAD_LENGTH, 3);
	check_done(TEXT("HTTP/1.1 103 Early\nLink: a\nContent-Length: x\nTransfer-Encoding: y\n\nHTTP/1.1 102 P\n\n"
			"HTTP/1.1 199 P\n\nHTTP/1.0 500 No\n\n"), "", 500, HEAD_UNTIL_CLOSE, 0);
	check_bad(TEXT("HTTP/1.1 100 Continue\r\n\r\n<html>"), ERROR_PROTOCOL, "status line: '<'");
	check_bad(TEXT("HTTP/1.1 100 C\r\n\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"), ERROR_PROTOCOL, "status line: '\\r'");
	check_bad(TEXT("HTTP/1.1 100 Continue\r\n\r\nHTTP/2 200 OK\r\n\r\n"), ERROR_PROTOCOL, "status line");
	check_bad(TEXT("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 S\r\n\r\n"), ERROR_PROTOCOL, "switches");
	check_bad(TEXT("HTTP/1.1 100 Continue\r\nno colon\r\n\r\n"), ERROR_PROTOCOL, "colon");
}

static void check_lines(void)
{
	check_bad(TEXT("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), ERROR_PROTOCOL, "without a colon: 'no colon'");
	check_bad(TEXT("HTTP/1.1 200 OK\r\nA : b\r\n\r\n"), ERROR_PROTOCOL, "white space");
	check_bad(TEXT("HTTP/1.1 200 OK\r\nA\t: b\r\n\r\n"), ERROR_PROTOCOL, "white space");
	check_bad(TEXT("HTTP/1.1 200 OK\r\nA B: b\r\n\r\n"), ERROR_PROTOCOL, "white space");
	check_bad(TEXT("HTTP/1.1 200 OK\r\n: b\r\n\r\n"), ERROR_PROTOCOL, "without a name");
	check_bad(TEXT("HTTP/1.1 200 OK\r\n A: b\r\n\r\n"), ERROR_PROTOCOL, "before the first");
	check_bad(TEXT("HTTP/1.1 200 OK\r\n\tA: b\r\n\r\n"), ERROR_PROTOCOL, "before the first");
	check_bad(TEXT("HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n"), ERROR_PROTOCOL, "NUL");
	check_bad(TEXT("HTTP/1.1 200 OK\r\n\0A: b\r\n\r\n"), ERROR_PROTOCOL, "NUL");
	check_bad(TEXT("HTTP/1.1 200 OK\r\nA: b\r\n \0\r\n\r\n"), ERROR_PROTOCOL, "NUL");
	check_bad(TEXT("HTTP/1.1 200 OK\r\nA: \rb\r\n\r\n"), ERROR_PROTOCOL, "bare CR");
	check_bad(TEXT("HTTP/1.1 200 OK\r\n\rA: b\r\n\r\n"), ERROR_PROTOCOL, "bare CR");
	check_bad(TEXT("HTTP/1.1 200 OK\r\nA: b\r\n\r\r\n"), ERROR_PROTOCOL, "bare CR");
	check_bad(TEXT("HTTP/1.1 200 OK\r\nA: b\rEvil: c\r\n\r\n"), ERROR_PROTOCOL, "bare CR");
	check_bad(TEXT("HTTP/1.1 200 OK\r\n\x1b[31mred\r\n\r\n"), ERROR_PROTOCOL, "'\\x1b[31mred'");
	check_done(TEXT("HTTP/1.1 200 OK\nA: b\r\nC: d\n\r\nx"), "x", 200, HEAD_UNTIL_CLOSE, 0);
	check_done(TEXT("HTTP/1.1 200 OK\r\nA:\r\nB: \xff\x01\r\n@: c\r\n\nx"), "x", 200, HEAD_UNTIL_CLOSE, 0);
}

static void check_framings(void)
{
#define HEAD(fields) TEXT("HTTP/1.1 200 OK\r\n" fields "\r\n")
	static const struct {
		const char *bytes;
		size_t n;
		enum head_framing framing;
		uint64_t length;
	} rows[] = {
		{ HEAD("Content-Length: 0\r\n"), HEAD_LENGTH, 0 },
		{ HEAD("content-LENGTH:42\r\n"), HEAD_LENGTH, 42 },
		{ HEAD("Content-Length: \t 42 \t\r\n"), HEAD_LENGTH, 42 },
		{ HEAD("Content-Length:\r\n 42\r\n"), HEAD_LENGTH, 42 },
		{ HEAD("Content-Length: 0042\r\n"), HEAD_LENGTH, 42 },
		{ HEAD("Content-Length: 9223372036854775807\r\n"), HEAD_LENGTH, INT64_MAX },
		{ HEAD("Content-Length: 5\r\nContent-Length: 5\r\n"), HEAD_LENGTH, 5 },
		{ HEAD("Content-Length: 5, 5\r\n"), HEAD_LENGTH, 5 },
		{ HEAD("Content-Length: 5,5\t,05\r\nA: b\r\nContent-Length: 5\r\n"), HEAD_LENGTH, 5 },
		{ HEAD("Content-Length: 5,\r\n 5\r\n"), HEAD_LENGTH, 5 },
		{ HEAD("X-Content-Length: 6\r\nContent-Lengths: 7\r\n"), HEAD_UNTIL_CLOSE, 0 },
		{ HEAD("Transfer-Encoding: chunked\r\n"), HEAD_CHUNKED, 0 },
		{ HEAD("transfer-encoding:\tCHUNKED \r\n"), HEAD_CHUNKED, 0 },
		{ HEAD("Transfer-Encoding:\n chunked\n"), HEAD_CHUNKED, 0 },
		{ HEAD("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), HEAD_CHUNKED, 0 },
		{ HEAD("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), HEAD_CHUNKED, 0 },
		{ HEAD("Transfer-Encoding: identity\r\n"), HEAD_UNTIL_CLOSE, 0 },
		{ HEAD("Transfer-Encoding: Identity\r\nContent-Length: 5\r\n"), HEAD_LENGTH, 5 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check_done(rows[i].bytes, rows[i].n, "", 200, rows[i].framing, rows[i].length);
}

static void check_bad_framings(void)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *part;
	} refused[] = {
		{ HEAD("Content-Length: \r\n"), "bad Content-Length: ''" },
		{ HEAD("Content-Length: x\r\n"), "bad Content-Length: 'x'" },
		{ HEAD("Content-Length: -1\r\n"), "bad Content-Length" },
		{ HEAD("Content-Length: +1\r\n"), "bad Content-Length" },
		{ HEAD("Content-Length: 1x\r\n"), "bad Content-Length" },
		{ HEAD("Content-Length: 0x10\r\n"), "bad Content-Length" },
		{ HEAD("Content-Length: 1 2\r\n"), "bad Content-Length" },
		{ HEAD("Content-Length: 1\r\n 2\r\n"), "bad Content-Length: '1\\r\\n 2'" },
		{ HEAD("Content-Length: 1.0\r\n"), "bad Content-Length" },
		{ HEAD("Content-Length: 5,\r\n"), "bad Content-Length" },
		{ HEAD("Content-Length: ,5\r\n"), "bad Content-Length" },
		{ HEAD("Content-Length: 5;5\r\n"), "bad Content-Length" },
		{ HEAD("Content-Length: 9223372036854775808\r\n"), "Content-Length beyond 2^63-1" },
		{ HEAD("Content-Length: 18446744073709551616\r\n"), "Content-Length beyond 2^63-1" },
		{ HEAD("Content-Length: 99999999999999999999999999\r\n"), "Content-Length beyond 2^63-1" },
		{ HEAD("Content-Length: 5, 6\r\n"), "differ: '5, 6'" },
		{ HEAD("Content-Length: 5\r\nContent-Length: 6\r\n"), "differ: '6'" },
		{ HEAD("Transfer-Encoding: gzip\r\n"), "not know: 'gzip'" },
		{ HEAD("Transfer-Encoding: gzip, chunked\r\n"), "not know" },
		{ HEAD("Transfer-Encoding: identity, chunked\r\n"), "not know" },
		{ HEAD("Transfer-Encoding: chunked, chunked\r\n"), "not know" },
		{ HEAD("Transfer-Encoding: chunked;a=b\r\n"), "not know" },
		{ HEAD("Transfer-Encoding: xchunked\r\n"), "not know" },
		{ HEAD("Transfer-Encoding:\r\n"), "not know: ''" },
		{ HEAD("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), "more than one" },
		{ HEAD("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"), "not know" },
		{ HEAD("Transfer-Encoding: chunked\r\nContent-Length: x\r\n"), "bad Content-Length" },
	};
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		check_bad(refused[i].bytes, refused[i].n, ERROR_PROTOCOL, refused[i].part);
}

/* A head of exactly n bytes, in one line or in many, fed in pieces of `step`. */
static void check_size(size_t n, bool many, size_t step, enum head_answer answer)
{
	static const char start[] = "HTTP/1.1 200 OK\r\nA: ";
	char *bytes = malloc(n);
	struct head head;
	memset(bytes, 'x', n);
	memcpy(bytes, start, sizeof start - 1);
	for (size_t at = 100; many && at + 100 < n; at += 10)
		memcpy(bytes + at, "\r\nB: ", 5);
	memcpy(bytes + n - 4, "\r\n\r\n", 4);
	struct outcome outcome = parse(&head, bytes, n, step, step);
	CHECK_EQUAL_INT(outcome.answer, answer);
	if (answer == HEAD_BAD)
		CHECK(outcome.class == ERROR_PROTOCOL && strstr(outcome.text, "256 KiB"));
	head_free(&head);
	free(bytes);
}

static void check_limit(void)
{
	static const size_t steps[] = { 1, 7, 4096, SIZE_MAX };
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		for (int many = 0; many < 2; many++) {
			check_size(HEAD_MOST, many, steps[i], HEAD_DONE);
			check_size(HEAD_MOST + 1, many, steps[i], HEAD_BAD);
			check_size(3 * HEAD_MOST, many, steps[i], HEAD_BAD);
		}
	/* Interim heads are counted anew. */
	size_t each = HEAD_MOST - 1000, used;
	char *bytes = malloc(each);
	struct head head = { 0 };
	struct error error;
	memset(bytes, 'x', each);
	memcpy(bytes, "HTTP/1.1 100 C\r\nA: ", 19);
	memcpy(bytes + each - 4, "\r\n\r\n", 4);
	for (int i = 0; i < 4; i++)
		CHECK_EQUAL_INT(head_take(&head, bytes, each, &used, &error), HEAD_MORE);
	bytes[9] = '2';
	CHECK_EQUAL_INT(head_take(&head, bytes, each, &used, &error), HEAD_DONE);
	CHECK_EQUAL_BYTES(buffer_head(&head.raw), buffer_held(&head.raw), bytes, each);
	head_free(&head);
	free(bytes);
}

int main(void)
{
	check_status_lines();
	check_bare_bodies();
	check_cut();
	check_interim();
	check_lines();
	check_framings();
	check_bad_framings();
	check_limit();
	return test_result();
}
