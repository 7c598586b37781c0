/* Records from a stream of bytes, and bytes from datagrams. */
#include "relay/framing.h"

#include "test.h"

static struct error error;

/* Cuts `text` up and gives what came as "[a][b]", with "?" where more is awaited and "!" for an error. */
static const char *cut(struct framing framing, const char *text, size_t n, bool ended)
{
	static char out[400];
	size_t used = 0;
	struct record record;
	for (;;) {
		int result = framing_cut(&framing, text, n, ended, &record, &error);
		if (result <= 0) {
			snprintf(out + used, sizeof out - used, "%s", result < 0 ? "!" : n ? "?" : "");
			return out;
		}
		CHECK(record.bytes >= text && record.size <= record.consumed && record.consumed <= n);
		used += (size_t)snprintf(out + used, sizeof out - used, "[%.*s]", (int)record.size, record.bytes);
		text += record.consumed;
		n -= record.consumed;
	}
}

static const char *lines(const char *text, size_t most, bool chomp, bool ended)
{
	return cut((struct framing){ .frame = FRAME_LINE, .most = most, .chomp = chomp }, text, strlen(text), ended);
}

static void test_lines(void)
{
	CHECK_EQUAL_STRING(lines("", 10, false, false), "");
	CHECK_EQUAL_STRING(lines("", 10, false, true), "");
	CHECK_EQUAL_STRING(lines("a\nbc\n", 10, false, false), "[a\n][bc\n]");
	CHECK_EQUAL_STRING(lines("a\nbc", 10, false, false), "[a\n]?");
	CHECK_EQUAL_STRING(lines("a\nbc", 10, false, true), "[a\n][bc]");
	CHECK_EQUAL_STRING(lines("\n\n", 10, false, false), "[\n][\n]");
	CHECK_EQUAL_STRING(lines("a\n\nb\n", 10, true, false), "[a][][b]");
	CHECK_EQUAL_STRING(lines("a\r\n", 10, true, false), "[a\r]");
	CHECK_EQUAL_STRING(cut((struct framing){ .most = 10 }, "a\nb\n", 4, true), "[a\n][b\n]"); /* the default */
}

static void test_long_lines(void)
{
	CHECK_EQUAL_STRING(lines("1234\n", 5, false, false), "[1234\n]"); /* the newline counts */
	CHECK_EQUAL_STRING(lines("12345\n", 5, false, false), "!");
	CHECK_EQUAL_STRING(lines("12345\n", 5, true, false), "[12345]"); /* unless it is not sent */
	CHECK_EQUAL_STRING(lines("123456\n", 5, true, false), "!");
	CHECK_EQUAL_STRING(lines("12345", 5, false, false), "?");
	CHECK_EQUAL_STRING(lines("12345", 5, false, true), "[12345]");
	CHECK_EQUAL_STRING(lines("123456", 5, false, true), "!");
	CHECK_EQUAL_STRING(lines("123456", 5, true, true), "!");
	CHECK_EQUAL_STRING(lines("1234567", 5, true, false), "!");
	CHECK_EQUAL_STRING(lines("a\nb\n1234567\nc\n", 5, false, true), "[a\n][b\n]!");
	CHECK_EQUAL_INT(error.class, ERROR_LOCAL);
	CHECK(strstr(error.text, "line 3 "));
}

static void test_sizes(void)
{
	const struct framing three = { .frame = FRAME_SIZE, .size = 3, .most = 10 };
	CHECK_EQUAL_STRING(cut(three, "abcdef", 6, false), "[abc][def]");
	CHECK_EQUAL_STRING(cut(three, "abcde", 5, false), "[abc]?");
	CHECK_EQUAL_STRING(cut(three, "abcde", 5, true), "[abc][de]");
	CHECK_EQUAL_STRING(cut(three, "a\nb\n", 4, true), "[a\nb][\n]");
	CHECK_EQUAL_STRING(cut(three, "", 0, true), "");
}

static void test_lengths(void)
{
	const struct framing framing = { .frame = FRAME_LENGTH, .most = 10 };
	CHECK_EQUAL_STRING(cut(framing, "", 0, true), "");
	CHECK_EQUAL_STRING(cut(framing, "\0\0\0\3abc\0\0\0\0\0\0\0\1d", 16, true), "[abc][][d]");
	CHECK_EQUAL_STRING(cut(framing, "\0\0\0", 3, false), "?");
	CHECK_EQUAL_STRING(cut(framing, "\0\0\0\3ab", 6, false), "?");
	CHECK_EQUAL_STRING(cut(framing, "\0\0\0\1a\0\0\0", 8, true), "[a]!");
	CHECK_EQUAL_STRING(error.text, "the input ends inside record 2: after 3 of the 4 bytes of its length");
	CHECK_EQUAL_INT(error.class, ERROR_LOCAL);
	CHECK_EQUAL_STRING(cut(framing, "\0\0\0\1a\0\0\0\3bc", 11, true), "[a]!");
	CHECK_EQUAL_STRING(error.text, "the input ends inside record 2: after 2 of 3 bytes");
	CHECK_EQUAL_STRING(cut(framing, "\0\0\0\13", 4, false), "!"); /* known before its bytes are there */
	CHECK_EQUAL_STRING(error.text, "record 1 (11 bytes) is longer than a datagram may be (10 bytes): not sent");
	CHECK_EQUAL_STRING(cut(framing, "\377\377\377\377x", 5, true), "!");
	CHECK(strstr(error.text, "record 1 (4294967295 bytes)"));
}

static void test_all(void)
{
	struct framing framing = { .frame = FRAME_ALL, .most = 4 };
	struct record record;
	CHECK_EQUAL_STRING(cut(framing, "a\nb", 3, false), "?");
	CHECK_EQUAL_STRING(cut(framing, "a\nb", 3, true), "[a\nb]");
	CHECK_EQUAL_STRING(cut(framing, "", 0, true), "[]");
	CHECK_EQUAL_STRING(cut(framing, "", 0, false), "");
	CHECK_EQUAL_STRING(cut(framing, "abcd", 4, true), "[abcd]");
	CHECK_EQUAL_STRING(cut(framing, "abcde", 5, false), "!"); /* no need to see the end */
	CHECK_EQUAL_INT(error.class, ERROR_LOCAL);
	CHECK(strstr(error.text, "record 1"));
	CHECK_EQUAL_INT(framing_cut(&framing, "a", 1, true, &record, &error), 1);
	CHECK_EQUAL_INT(framing_cut(&framing, NULL, 0, true, &record, &error), 0);
	framing_again(&framing);
	CHECK_EQUAL_INT(framing_cut(&framing, NULL, 0, true, &record, &error), 1);
	CHECK_EQUAL_INT(record.size, 0);
}

static void sender(char out[static FRAMING_SENDER], const struct sockaddr *address, socklen_t length, bool prefix)
{
	(void)address;
	snprintf(out, FRAMING_SENDER, prefix ? "FROM %d " : "\"%d\"", (int)length);
}

/* Writes datagrams, NULL ends them, each by a sender whose address has as many bytes as came before. */
static void check_written(struct framing framing, const struct datagram *datagrams, const char *expected, size_t n)
{
	struct buffer out = { 0 };
	framing.sender = sender;
	for (; datagrams->bytes; datagrams++)
		CHECK_EQUAL_INT(framing_write(&framing, datagrams, &out), 0);
	CHECK_EQUAL_BYTES(buffer_head(&out), buffer_held(&out), expected, n);
	buffer_free(&out);
}

#define CHECK_WRITTEN(framing, datagrams, expected) check_written(framing, datagrams, expected, sizeof(expected) - 1)

static void test_write(void)
{
	static const struct datagram datagrams[] = { { "a\0", 2, NULL, 16, 0 },
						     { "", 0, NULL, 28, 0 },
						     { "b\n", 2, NULL, 16, 0 },
						     { NULL, 0, NULL, 0, 0 } };
	CHECK_WRITTEN((struct framing){ .frame = FRAME_RAW }, datagrams, "a\0b\n");
	CHECK_WRITTEN((struct framing){ .frame = FRAME_DEFAULT }, datagrams, "a\0b\n");
	CHECK_WRITTEN(((struct framing){ .frame = FRAME_RAW, .from = true }), datagrams, "FROM 16 a\0FROM 28 FROM 16 b\n");
	CHECK_WRITTEN((struct framing){ .frame = FRAME_LINE }, datagrams, "a\0\n\nb\n");
	CHECK_WRITTEN(((struct framing){ .frame = FRAME_LINE, .from = true }), datagrams,
		      "FROM 16 a\0\nFROM 28 \nFROM 16 b\n");
	CHECK_WRITTEN((struct framing){ .frame = FRAME_LENGTH }, datagrams, "\0\0\0\2a\0\0\0\0\0\0\0\0\2b\n");
	CHECK_WRITTEN((struct framing){ .frame = FRAME_HEX }, datagrams, "6100\n\n620a\n");
	CHECK_WRITTEN(((struct framing){ .frame = FRAME_HEX, .from = true }), datagrams,
		      "FROM 16 6100\nFROM 28 \nFROM 16 620a\n");
}

static void test_json(void)
{
	static const struct datagram datagrams[] = { { "\"\0\n", 3, NULL, 16, 0 },
						     { "", 0, NULL, 28, INT64_C(1795428499000001999) },
						     { "\xff\0", 2, NULL, 1, INT64_C(1000000000) },
						     { NULL, 0, NULL, 0, 0 } };
	static const char expected[] =
	    "{\"time\":\"1970-01-01T00:00:00.000000Z\",\"peer\":\"\\\"16\\\"\",\"size\":3,\"text\":\"\\\"\\u0000\\n\"}\n"
	    "{\"time\":\"2026-11-23T10:08:19.000001Z\",\"peer\":\"\\\"28\\\"\",\"size\":0,\"text\":\"\"}\n"
	    "{\"time\":\"1970-01-01T00:00:01.000000Z\",\"peer\":\"\\\"1\\\"\",\"size\":2,\"base64\":\"/wA=\"}\n";
	CHECK_WRITTEN((struct framing){ .frame = FRAME_JSON }, datagrams, expected);
	CHECK_WRITTEN(((struct framing){ .frame = FRAME_JSON, .from = true }), datagrams, expected);
}

int main(void)
{
	test_lines();
	test_long_lines();
	test_sizes();
	test_lengths();
	test_all();
	test_write();
	test_json();
	return test_result();
}
