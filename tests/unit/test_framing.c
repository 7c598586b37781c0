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
		CHECK(record.bytes == text && record.size <= record.consumed && record.consumed <= n);
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

static int sender(struct buffer *out, const struct sockaddr *address, socklen_t length)
{
	(void)address;
	return buffer_printf(out, "FROM %d ", (int)length);
}

static void test_write(void)
{
	struct framing framing = { .frame = FRAME_RAW };
	struct buffer out = { 0 };
	CHECK_EQUAL_INT(framing_write(&framing, "a\0", 2, NULL, 0, &out), 0);
	CHECK_EQUAL_INT(framing_write(&framing, "", 0, NULL, 0, &out), 0);
	CHECK_EQUAL_INT(framing_write(&framing, "b", 1, NULL, 0, &out), 0);
	CHECK_EQUAL_BYTES(buffer_head(&out), buffer_held(&out), "a\0b", 3);
	buffer_free(&out);
	framing.frame = FRAME_LINE;
	CHECK_EQUAL_INT(framing_write(&framing, "a", 1, NULL, 0, &out), 0);
	CHECK_EQUAL_INT(framing_write(&framing, "b\n", 2, NULL, 0, &out), 0);
	CHECK_EQUAL_INT(framing_write(&framing, "", 0, NULL, 0, &out), 0);
	framing.from = true;
	framing.sender = sender;
	CHECK_EQUAL_INT(framing_write(&framing, "c", 1, NULL, 16, &out), 0);
	CHECK_EQUAL_INT(framing_write(&framing, "", 0, NULL, 28, &out), 0);
	static const char expected[] = "a\nb\n\nFROM 16 c\nFROM 28 \n";
	CHECK_EQUAL_BYTES(buffer_head(&out), buffer_held(&out), expected, sizeof expected - 1);
	buffer_free(&out);
}

int main(void)
{
	test_lines();
	test_long_lines();
	test_sizes();
	test_write();
	return test_result();
}
