/* Bytes as base64, hexadecimal and JSON. */
#include "base/encode.h"

#include "test.h"

static void check(int (*encode)(struct buffer *, const void *, size_t), const char *bytes, size_t n,
		  const char *expected)
{
	struct buffer out = { 0 };
	CHECK_EQUAL_INT(buffer_append(&out, "<", 1), 0);
	CHECK_EQUAL_INT(encode(&out, bytes, n), 0);
	CHECK_EQUAL_BYTES(buffer_head(&out) + 1, buffer_held(&out) - 1, expected, strlen(expected));
	buffer_free(&out);
}

/* RFC 4648 10 */
static void test_base64(void)
{
	check(encode_base64, "", 0, "");
	check(encode_base64, "f", 1, "Zg==");
	check(encode_base64, "fo", 2, "Zm8=");
	check(encode_base64, "foo", 3, "Zm9v");
	check(encode_base64, "foob", 4, "Zm9vYg==");
	check(encode_base64, "fooba", 5, "Zm9vYmE=");
	check(encode_base64, "foobar", 6, "Zm9vYmFy");
	check(encode_base64, "\0\377\376", 3, "AP/+");
	check(encode_base64, "\0", 1, "AA==");
}

static void test_hex(void)
{
	check(encode_hex, "", 0, "");
	check(encode_hex, "\0\x01\xab\xff", 4, "0001abff");
	check(encode_hex, "one\n", 4, "6f6e650a");
}

static void test_json(void)
{
	check(encode_json, "", 0, "\"\"");
	check(encode_json, "a b/", 4, "\"a b/\"");
	check(encode_json, "\"\\", 2, "\"\\\"\\\\\"");
	check(encode_json, "\b\t\n\f\r", 5, "\"\\b\\t\\n\\f\\r\"");
	check(encode_json, "\0\x1f\x7f", 3, "\"\\u0000\\u001f\\u007f\"");
	check(encode_json, "\xc3\xa9\xf0\x9f\x98\x80", 6, "\"\xc3\xa9\xf0\x9f\x98\x80\"");
}

int main(void)
{
	test_base64();
	test_hex();
	test_json();
	return test_result();
}
