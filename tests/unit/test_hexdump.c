/* The lines of a dump, column by column: those of `hexdump -C`. */
#include "base/hexdump.h"

#include <stdlib.h>

#include "test.h"

static void check(const char *prefix, uint64_t offset, const void *bytes, size_t n, const char *expected)
{
	struct buffer out = { 0 };
	char *copy = malloc(n ? n : 1); /* of just that size, for a sanitizer to see who reads beyond it */
	if (!CHECK(copy))
		return;
	memcpy(copy, bytes, n);
	CHECK_EQUAL_INT(hexdump_write(&out, prefix, offset, copy, n), 0);
	CHECK(!buffer_append(&out, "", 1));
	CHECK_EQUAL_STRING(buffer_head(&out), expected);
	buffer_free(&out);
	free(copy);
}

static void test_lengths(void)
{
	check("", 0, "", 0, "");
	check("", 0, "hello\n", 6, "00000000  68 65 6c 6c 6f 0a                                 |hello.|\n");
	check("> ", 0, "0123456", 7, "> 00000000  30 31 32 33 34 35 36                              |0123456|\n");
	check("> ", 0, "01234567", 8, "> 00000000  30 31 32 33 34 35 36 37                           |01234567|\n");
	check("> ", 0, "012345678", 9, "> 00000000  30 31 32 33 34 35 36 37  38                       |012345678|\n");
	check("", 0, "0123456789abcdef", 16,
	      "00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|\n");
	check("<", 0, "0123456789abcdefg", 17,
	      "<00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|\n"
	      "<00000010  67                                                |g|\n");
}

static void test_bytes(void)
{
	check("", 0, "\0\x1f \x7e\x7f\x80\xff|", 8,
	      "00000000  00 1f 20 7e 7f 80 ff 7c                           |.. ~...||\n");
	check("", 0, "\x1b[31m\r\n\t", 8, "00000000  1b 5b 33 31 6d 0d 0a 09                           |.[31m...|\n");
}

static void test_offsets(void)
{
	check("", 0x1234567, "x", 1, "01234567  78                                                |x|\n");
	check("", UINT64_MAX, "x", 1, "ffffffffffffffff  78                                                |x|\n");
	check("", 0xfffffff8, "0123456789abcdefg", 17,
	      "fffffff8  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|\n"
	      "100000008  67                                                |g|\n");
}

int main(void)
{
	test_lengths();
	test_bytes();
	test_offsets();
	return test_result();
}
