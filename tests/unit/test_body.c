/* Bodies by their framing, each in one piece, byte by byte and in every two pieces. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "http/body.h"
#include "test.h"

#define TEXT(literal) literal, sizeof(literal) - 1

/* What a caller sees of a body. */
struct outcome {
	struct buffer content;
	size_t used;
	bool complete;
	enum error_class taken, ended; /* of body_take, of body_end */
	char text[600];
};

/* One piece, as a copy of its own, so that the sanitizer sees a byte too many. False: no more is wanted. */
static bool feed(struct body *body, const char *bytes, size_t n, struct outcome *outcome)
{
	char *copy = malloc(n);
	size_t at = 0;
	struct error error = { 0 };
	memcpy(copy, bytes, n);
	while (at < n && !body->complete && !outcome->taken) {
		size_t used = 0, size = 0;
		const char *content = NULL;
		if (body_take(body, copy + at, n - at, &used, &content, &size, &error)) {
			outcome->taken = error.class;
			strcpy(outcome->text, error.text);
			break;
		}
		if (!CHECK(used <= n - at && size <= used && (used || body->complete)))
			break;
		if (size && CHECK(content >= copy + at && content + size <= copy + at + used))
			CHECK_EQUAL_INT(buffer_append(&outcome->content, content, size), 0);
		at += used;
	}
	outcome->used += at;
	free(copy);
	return !body->complete && !outcome->taken;
}

static struct outcome decode(enum head_framing framing, uint64_t length, const char *bytes, size_t n, size_t first,
			     size_t step)
{
	struct outcome outcome = { 0 };
	struct error error = { 0 };
	struct body body;
	body_begin(&body, framing, length);
	size_t size = first;
	for (size_t at = 0; at < n; at += size, size = step) {
		size = size < n - at ? size : n - at;
		if (!feed(&body, bytes + at, size, &outcome))
			break;
	}
	outcome.complete = body.complete;
	CHECK_EQUAL_INT(body.content, buffer_held(&outcome.content));
	if (outcome.taken)
		return outcome;
	outcome.ended = body_end(&body, &error) ? error.class : ERROR_NONE;
	strcpy(outcome.text, error.text);
	return outcome;
}

static const char *content_of(const struct outcome *outcome)
{
	return outcome->content.data ? buffer_head(&outcome->content) : "";
}

/* The outcome of all bytes in one piece, the same for all other ways. */
static struct outcome decode_all_ways(enum head_framing framing, uint64_t length, const char *bytes, size_t n)
{
	struct outcome whole = decode(framing, length, bytes, n, n, n);
	for (size_t first = 0; first < n; first++) {
		struct outcome cut = decode(framing, length, bytes, n, first ? first : 1, first ? n : 1);
		int before = test_failures;
		CHECK_EQUAL_BYTES(content_of(&cut), buffer_held(&cut.content), content_of(&whole),
				  buffer_held(&whole.content));
		CHECK_EQUAL_INT(cut.complete, whole.complete);
		CHECK_EQUAL_INT(cut.taken, whole.taken);
		CHECK_EQUAL_INT(cut.ended, whole.ended);
		CHECK(whole.taken || cut.used == whole.used);
		CHECK_EQUAL_STRING(cut.text, whole.text);
		if (test_failures > before)
			fprintf(stderr, "\tof %s, cut at %zu\n", bytes, first);
		buffer_free(&cut.content);
	}
	return whole;
}

static void check_chunked(const char *bytes, size_t n, const char *content, size_t size, const char *rest)
{
	struct outcome outcome = decode_all_ways(HEAD_CHUNKED, 0, bytes, n);
	CHECK_EQUAL_INT(outcome.taken, ERROR_NONE);
	CHECK_EQUAL_INT(outcome.ended, ERROR_NONE);
	CHECK(outcome.complete);
	CHECK_EQUAL_INT(outcome.used, n - strlen(rest));
	if (!CHECK_EQUAL_BYTES(content_of(&outcome), buffer_held(&outcome.content), content, size) || outcome.text[0])
		fprintf(stderr, "\tof %s: %s\n", bytes, outcome.text);
	buffer_free(&outcome.content);
	/* Cut anywhere it is incomplete. */
	for (size_t cut = 0; cut < n - strlen(rest); cut++) {
		outcome = decode(HEAD_CHUNKED, 0, bytes, cut, cut, cut);
		CHECK_EQUAL_INT(outcome.taken, ERROR_NONE);
		CHECK_EQUAL_INT(outcome.ended, ERROR_INCOMPLETE);
		CHECK(strstr(outcome.text, "chunk") && !outcome.complete);
		buffer_free(&outcome.content);
	}
}

static void check_bad(const char *bytes, size_t n, const char *content, const char *part)
{
	struct outcome outcome = decode_all_ways(HEAD_CHUNKED, 0, bytes, n);
	CHECK_EQUAL_INT(outcome.taken, ERROR_PROTOCOL);
	CHECK(!outcome.complete);
	CHECK_EQUAL_BYTES(content_of(&outcome), buffer_held(&outcome.content), content, strlen(content));
	CHECK(!strpbrk(outcome.text, "\r\n\t"));
	if (!CHECK(strstr(outcome.text, part)))
		fprintf(stderr, "\tof %s: %s\n", bytes, outcome.text);
	buffer_free(&outcome.content);
}

static void check_chunks(void)
{
	check_chunked(TEXT("0\r\n\r\n"), TEXT(""), "");
	check_chunked(TEXT("0\n\n"), TEXT(""), "");
	check_chunked(TEXT("0000\r\n\r\nnext"), TEXT(""), "next");
	check_chunked(TEXT("3\r\nabc\r\n0\r\n\r\n"), TEXT("abc"), "");
	check_chunked(TEXT("3\nabc\n2\nde\n0\n\n\n"), TEXT("abcde"), "\n");
	check_chunked(TEXT("3\r\nabc\n2\nde\r\n0\n\r\nx"), TEXT("abcde"), "x");
	check_chunked(TEXT("A\r\n0123456789\r\n0b\r\n0123456789a\r\n0\r\n\r\n"), TEXT("01234567890123456789a"), "");
	check_chunked(TEXT("1a\r\n0123456789abcdef0123456789\r\n1A\r\n0123456789abcdef0123456789\r\n00\r\n\r\n"),
		      TEXT("0123456789abcdef01234567890123456789abcdef0123456789"), "");
	check_chunked(TEXT("4\r\n\r\n\0\n\r\n0\r\n\r\n"), TEXT("\r\n\0\n"), "");
	check_chunked(TEXT("5\r\n0\r\n\r\n\r\n0\r\n\r\n"), TEXT("0\r\n\r\n"), "");
	check_chunked(TEXT("3;a\r\nabc\r\n0;b=c;d=\"e;f\"\r\n\r\n"), TEXT("abc"), "");
	check_chunked(TEXT("3;\nabc\r\n0;\n\n"), TEXT("abc"), "");
	check_chunked(TEXT("3 \t;a\r\nabc\r\n0  \r\n\r\n"), TEXT("abc"), "");
	check_chunked(TEXT("3\t\nabc\r\n0 \n\n"), TEXT("abc"), "");
	check_chunked(TEXT("3;;\xff\x01; ff\r\nabc\r\n0\r\n\r\n"), TEXT("abc"), "");
	check_chunked(TEXT("1\r\na\r\n0\r\nTrailer: b\r\nC: d\n e\r\n\r\nnext"), TEXT("a"), "next");
	check_chunked(TEXT("0\nno colon\n\n"), TEXT(""), "");
	check_chunked(TEXT("0\r\n0\r\n\r\n"), TEXT(""), "");
	check_chunked(TEXT("00000000000000000000000000000003\r\nabc\r\n0\r\n\r\n"), TEXT("abc"), "");
}

static void check_bad_chunks(void)
{
	check_bad(TEXT("\r\n"), "", "chunk size: '\\r'");
	check_bad(TEXT("\n"), "", "chunk size: '\\n'");
	check_bad(TEXT(";a\r\n"), "", "chunk size: ';'");
	check_bad(TEXT(" 3\r\nabc"), "", "chunk size: ' '");
	check_bad(TEXT("\t3\r\nabc"), "", "chunk size");
	check_bad(TEXT("+3\r\nabc"), "", "chunk size");
	check_bad(TEXT("-3\r\nabc"), "", "chunk size");
	check_bad(TEXT("0x3\r\nabc"), "", "chunk size: 'x'");
	check_bad(TEXT("g\r\n"), "", "chunk size");
	check_bad(TEXT("3g\r\n"), "", "chunk size");
	check_bad(TEXT("3 3\r\n"), "", "chunk size: '3'");
	check_bad(TEXT("3 a\r\n"), "", "chunk size: 'a'");
	check_bad(TEXT("3\0\r\n"), "", "chunk size: '\\x00'");
	check_bad(TEXT("\0\r\n"), "", "chunk size");
	check_bad(TEXT("3,a\r\n"), "", "chunk size");
	check_bad(TEXT("<html>"), "", "chunk size: '<'");
	check_bad(TEXT("3\rabc"), "", "bare CR");
	check_bad(TEXT("3\r\r\nabc"), "", "bare CR");
	check_bad(TEXT("3;a\rb\r\nabc"), "", "bare CR");
	check_bad(TEXT("3\r\nabcd\r\n"), "abc", "no line end behind the data of a chunk: 'd'");
	check_bad(TEXT("3\r\nabc0\r\n\r\n"), "abc", "no line end");
	check_bad(TEXT("3\r\nabc\r\r\n"), "abc", "no line end");
	check_bad(TEXT("3\r\nabc\r0"), "abc", "no line end");
	check_bad(TEXT("3\r\nabc\r\n\r\n"), "abc", "chunk size: '\\r'");
	check_bad(TEXT("3\r\nabc\n\n"), "abc", "chunk size: '\\n'");
	check_bad(TEXT("0\r\n\rx"), "", "trailers: 'x'");
	check_bad(TEXT("0\r\nA: b\rC"), "", "trailers: 'C'");
	check_bad(TEXT("0\r\nA: \0\r\n\r\n"), "", "trailers: '\\x00'");
	check_bad(TEXT("8000000000000000\r\n"), "", "beyond");
	check_bad(TEXT("10000000000000000\r\n"), "", "beyond");
	check_bad(TEXT("10000000000000003\r\nabc\r\n"), "", "beyond");
	check_bad(TEXT("ffffffffffffffff\r\n"), "", "beyond");
	check_bad(TEXT("fffffffffffffffffffffffffffffffff\r\n"), "", "beyond");
	check_bad(TEXT("3\r\nabc\r\nffffffffffffffff\r\n"), "abc", "beyond");
	struct outcome outcome = decode_all_ways(HEAD_CHUNKED, 0, TEXT("7fffffffffffffff\r\nabc"));
	CHECK_EQUAL_INT(outcome.taken, ERROR_NONE);
	CHECK_EQUAL_STRING(outcome.text, "the page ended within a chunk, after 3 bytes");
	buffer_free(&outcome.content);
}

/* `head`, then n bytes in all with `fill`, then `tail`. */
static void check_limit(const char *head, char fill, const char *tail, size_t n, enum error_class class,
			const char *part)
{
	static const size_t steps[] = { 1, 7, 4096, SIZE_MAX };
	char *bytes = malloc(n);
	memset(bytes, fill, n);
	memcpy(bytes, head, strlen(head));
	memcpy(bytes + n - strlen(tail), tail, strlen(tail));
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		struct outcome outcome = decode(HEAD_CHUNKED, 0, bytes, n, steps[i], steps[i]);
		CHECK_EQUAL_INT(outcome.taken, class);
		CHECK(strstr(outcome.text, part));
		buffer_free(&outcome.content);
	}
	free(bytes);
}

static void check_limits(void)
{
	enum { LINE = 16 * 1024, TRAILERS = 256 * 1024 };
	check_limit("3;", 'x', "\r\n", LINE, ERROR_NONE, "within a chunk");
	check_limit("3;", 'x', "\r\n", LINE + 1, ERROR_PROTOCOL, "16 KiB");
	check_limit("3;", 'x', "x", 3 * LINE, ERROR_PROTOCOL, "16 KiB");
	check_limit("3", ' ', "\r\n", LINE + 1, ERROR_PROTOCOL, "16 KiB");
	check_limit("0", '0', "3\r\n", LINE, ERROR_NONE, "within a chunk");
	check_limit("0", '0', "3\r\n", LINE + 1, ERROR_PROTOCOL, "16 KiB");
	check_limit("3\nabc\n4;", 'x', "\n", LINE + 6, ERROR_NONE, "within a chunk"); /* each line by itself */
	check_limit("0\r\nA: ", 'x', "\r\n\r\n", TRAILERS + 3, ERROR_NONE, "");
	check_limit("0\r\nA: ", 'x', "\r\n\r\n", TRAILERS + 4, ERROR_PROTOCOL, "256 KiB");
	check_limit("0\r\nA: ", 'x', "x", 2 * TRAILERS, ERROR_PROTOCOL, "256 KiB");
}

static void check_lengths(void)
{
	struct outcome outcome = decode_all_ways(HEAD_LENGTH, 5, TEXT("ab\0\r\nrest"));
	CHECK(outcome.complete && !outcome.ended);
	CHECK_EQUAL_INT(outcome.used, 5);
	CHECK_EQUAL_BYTES(content_of(&outcome), buffer_held(&outcome.content), "ab\0\r\n", 5);
	buffer_free(&outcome.content);

	outcome = decode_all_ways(HEAD_LENGTH, 5, TEXT("abcd"));
	CHECK(!outcome.complete);
	CHECK_EQUAL_INT(outcome.ended, ERROR_INCOMPLETE);
	CHECK_EQUAL_STRING(outcome.text, "the page ended after 4 of 5 bytes");
	buffer_free(&outcome.content);

	outcome = decode_all_ways(HEAD_LENGTH, INT64_MAX, TEXT("abc"));
	CHECK_EQUAL_STRING(outcome.text, "the page ended after 3 of 9223372036854775807 bytes");
	buffer_free(&outcome.content);

	outcome = decode(HEAD_LENGTH, 1, "", 0, 0, 0);
	CHECK_EQUAL_STRING(outcome.text, "the page ended after 0 of 1 bytes");
}

static void check_others(void)
{
	static const char bytes[] = "3\r\nabc\r\n0\r\n\r\n\0";
	struct outcome outcome = decode_all_ways(HEAD_UNTIL_CLOSE, 0, bytes, sizeof bytes);
	CHECK(!outcome.complete && !outcome.taken && !outcome.ended);
	CHECK_EQUAL_BYTES(content_of(&outcome), buffer_held(&outcome.content), bytes, sizeof bytes);
	buffer_free(&outcome.content);
	outcome = decode(HEAD_UNTIL_CLOSE, 7, "", 0, 0, 0); /* a length goes with HEAD_LENGTH alone */
	CHECK(!outcome.ended);

	static const enum head_framing none[] = { HEAD_NO_BODY, HEAD_LENGTH };
	for (size_t i = 0; i < 2; i++) {
		struct body body;
		struct error error = { 0 };
		size_t used = 9, size = 9;
		const char *content = NULL;
		body_begin(&body, none[i], 0);
		CHECK(body.complete);
		CHECK_EQUAL_INT(body_end(&body, &error), 0);
		CHECK_EQUAL_INT(body_take(&body, "abc", 3, &used, &content, &size, &error), 0);
		CHECK(!used && !size && body.complete);
	}
	struct body body;
	struct error error = { 0 };
	body_begin(&body, HEAD_CHUNKED, 0);
	CHECK(!body.complete);
	CHECK_EQUAL_INT(body_end(&body, &error), -1);
	CHECK_EQUAL_INT(error.class, ERROR_INCOMPLETE);
}

int main(void)
{
	check_chunks();
	check_bad_chunks();
	check_limits();
	check_lengths();
	check_others();
	return test_result();
}
