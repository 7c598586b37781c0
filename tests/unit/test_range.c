/* The part of a page that was asked for, held against the part that a 206 says it is. */
#include "http/range.h"
#include "http/request.h"
#include "test.h"

static void check_words(void)
{
	struct range range = range_of("5-9");
	CHECK(!range.suffix && range.first == 5 && range.last == 9);
	range = range_of("0-");
	CHECK(!range.suffix && range.first == 0 && range.last == UINT64_MAX);
	range = range_of("-7");
	CHECK(range.suffix && range.first == 7);
	range = range_of("9223372036854775807-9223372036854775807");
	CHECK(range.first == INT64_MAX && range.last == INT64_MAX);
}

/* A 206 with these fields to a request for `word`. */
static void check(const char *word, const char *fields, int expected, enum head_framing framing, uint64_t length)
{
	struct head head = { 0 };
	struct error error = { 0 };
	struct range range = range_of(word);
	char bytes[300];
	size_t used;
	int n = snprintf(bytes, sizeof bytes, "HTTP/1.1 206 Partial Content\r\n%s\r\n", fields);
	CHECK_EQUAL_INT(request_check_range(word, &error), 0);
	CHECK_EQUAL_INT(head_take(&head, bytes, (size_t)n, &used, &error), HEAD_DONE);
	if (!CHECK_EQUAL_INT(range_check(&range, &head, &error), expected))
		fprintf(stderr, "\t%s: %s", word, fields);
	if (expected < 0) {
		CHECK_EQUAL_INT(error.class, ERROR_PROTOCOL);
	} else {
		CHECK_EQUAL_INT(head.framing, framing);
		CHECK_EQUAL_INT(head.length, length);
	}
	head_free(&head);
}

static void check_fits(void)
{
	check("5-9", "Content-Range: bytes 5-9/20\r\nContent-Length: 5\r\n", 1, HEAD_LENGTH, 5);
	check("5-9", "Content-Range: bytes 5-9/*\r\nContent-Length: 5\r\n", 1, HEAD_LENGTH, 5);
	check("5-90", "Content-Range: bytes 5-19/20\r\nContent-Length: 15\r\n", 1, HEAD_LENGTH, 15);
	check("5-", "Content-Range: bytes 5-19/20\r\nContent-Length: 15\r\n", 1, HEAD_LENGTH, 15);
	check("5-", "Content-Range: bytes 5-19/*\r\n", 1, HEAD_LENGTH, 15);
	check("5-", "Content-Range: bytes 5-19/20\r\nTransfer-Encoding: chunked\r\n", 1, HEAD_CHUNKED, 15);
	check("-5", "Content-Range: bytes 15-19/20\r\n", 1, HEAD_LENGTH, 5);
	check("-50", "Content-Range: bytes 0-19/20\r\n", 1, HEAD_LENGTH, 20);
	check("-5", "Content-Range: bytes 15-19/*\r\n", 1, HEAD_LENGTH, 5);
}

static void check_less(void)
{
	check("5-9", "Content-Range: bytes 5-8/20\r\n", 0, HEAD_LENGTH, 4);
	check("5-9", "Content-Range: bytes 5-8/*\r\n", 0, HEAD_LENGTH, 4);
	check("5-", "Content-Range: bytes 5-18/20\r\n", 0, HEAD_LENGTH, 14);
}

static void check_misfits(void)
{
	check("5-9", "", -1, 0, 0);
	check("5-9", "Content-Range: bytes */20\r\n", -1, 0, 0);
	check("5-9", "Content-Range: lines 5-9/20\r\n", -1, 0, 0);
	check("5-9", "Content-Range: bytes 9-5/20\r\n", -1, 0, 0);
	check("5-9", "Content-Range: bytes 4-9/20\r\n", -1, 0, 0);
	check("5-9", "Content-Range: bytes 6-9/20\r\n", -1, 0, 0);
	check("5-9", "Content-Range: bytes 5-10/20\r\n", -1, 0, 0);
	check("5-", "Content-Range: bytes 0-19/20\r\n", -1, 0, 0);
	check("-5", "Content-Range: bytes 14-18/20\r\n", -1, 0, 0);
	check("-5", "Content-Range: bytes 14-19/20\r\n", -1, 0, 0);
	check("-5", "Content-Range: bytes 0-9/*\r\n", -1, 0, 0);
	check("5-9", "Content-Range: bytes 5-9/20\r\nContent-Length: 4\r\n", -1, 0, 0);
	check("5-9", "Content-Range: bytes 5-9/20\r\nContent-Length: 20\r\n", -1, 0, 0);
	check("0-", "Content-Range: bytes 0-9223372036854775807/9223372036854775807\r\n", -1, 0, 0);
}

int main(void)
{
	check_words();
	check_fits();
	check_less();
	check_misfits();
	return test_result();
}
