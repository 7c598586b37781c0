/* Words of the command line, and bytes made safe to show. */
#include "base/text.h"

#include <string.h>

#include "test.h"

static void test_number(void)
{
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "1x", "0x10", "1e3", "1.0", "x", "\n1", "101",
					   "18446744073709551616", "99999999999999999999999" };
	uint64_t value = 7;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (!CHECK(text_number(bad[i], 100, &value)))
			fprintf(stderr, "\tword \"%s\"\n", bad[i]);
	CHECK_EQUAL_INT(value, 7);
	CHECK_EQUAL_INT(text_number("100", 100, &value), 0);
	CHECK_EQUAL_INT(value, 100);
	CHECK_EQUAL_INT(text_number("0", 100, &value), 0);
	CHECK_EQUAL_INT(value, 0);
	CHECK_EQUAL_INT(text_number("007", 100, &value), 0); /* decimal all the same */
	CHECK_EQUAL_INT(value, 7);
	CHECK_EQUAL_INT(text_number("18446744073709551615", UINT64_MAX, &value), 0);
	CHECK(value == UINT64_MAX);
	CHECK_EQUAL_INT(text_number("18446744073709551616", UINT64_MAX, &value), -1);
}

static void test_number_any(void)
{
	static const char *const bad[] = { "", "0x", "0X", "x10", "0x-1", "0x+1", "0x 1", "0x1g", "0x0x10", "-0x1",
					   "0x10000", "0x10000000000000001", "ff", "65536" };
	uint64_t value = 7;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (!CHECK(text_number_any(bad[i], 0xffff, &value)))
			fprintf(stderr, "\tword \"%s\"\n", bad[i]);
	CHECK_EQUAL_INT(value, 7);
	CHECK_EQUAL_INT(text_number_any("0xFfFf", 0xffff, &value), 0);
	CHECK_EQUAL_INT(value, 0xffff);
	CHECK_EQUAL_INT(text_number_any("0X00a", 0xffff, &value), 0);
	CHECK_EQUAL_INT(value, 10);
	CHECK_EQUAL_INT(text_number_any("010", 0xffff, &value), 0);
	CHECK_EQUAL_INT(value, 10);
}

static void test_octal(void)
{
	static const char *const bad[] = { "", "8", "78", "0o7", "-7", "1000", "rw", " 7", "7 ", "0x7" };
	uint64_t value = 7;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (!CHECK(text_octal(bad[i], 0777, &value)))
			fprintf(stderr, "\tword \"%s\"\n", bad[i]);
	CHECK_EQUAL_INT(value, 7);
	CHECK_EQUAL_INT(text_octal("777", 0777, &value), 0);
	CHECK_EQUAL_INT(value, 0777);
	CHECK_EQUAL_INT(text_octal("0600", 0777, &value), 0);
	CHECK_EQUAL_INT(value, 0600);
}

static void test_size(void)
{
	static const char *const bad[] = { "", "K", "-1", "+1", " 1", "1 ", "1KB", "1KK", "1T", "1.5K", "0x1", "1 K",
					   "1e3",    "9223372036854775808", "9007199254740992K", "8589934592G",
					   "18446744073709551616" };
	static const struct {
		const char *word;
		uint64_t bytes;
	} good[] = { { "0", 0 }, { "64", 64 }, { "10K", 10240 }, { "10k", 10240 }, { "4M", 4194304 },
		     { "1G", 1073741824 },
		     { "0G", 0 }, { "9223372036854775807", INT64_MAX }, { "8589934591G", UINT64_C(8589934591) << 30 } };
	uint64_t value = 7;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (!CHECK(text_size(bad[i], &value)))
			fprintf(stderr, "\tword \"%s\"\n", bad[i]);
	CHECK_EQUAL_INT(value, 7);
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		CHECK_EQUAL_INT(text_size(good[i].word, &value), 0);
		CHECK_EQUAL_INT(value, good[i].bytes);
	}
}

static void test_duration(void)
{
	static const char *const bad[] = { "", "s", "ms", ".", "5.", "5.s", "1.5.5", "-1", "+1s", " 1s", "1 s",
					   "1s ",
					   "1S", "1us", "1d", "1sm", "1h30m", "1e3", "0x1", "inf", "nan", "1,5",
					   "9223372036.854775807", "9223372037", "9223372036855ms", "153722868m",
					   "2562048h", "99999999999999999999" };
	static const struct {
		const char *word;
		int64_t nanoseconds;
	} good[] = { { "0", 0 }, { "0s", 0 }, { "250ms", 250000000 }, { "5", 5000000000 }, { "5s", 5000000000 },
		     { "1.5s", 1500000000 }, { ".5", 500000000 }, { "2m", 120000000000 }, { "1h", 3600000000000 },
		     { "0.5h", 1800000000000 }, { "1.25m", 75000000000 }, { "0.000001ms", 1 }, { "0.0000000001", 0 },
		     { "0.000000001", 1 }, { "1.0000000009999999999999999999s", 1000000000 }, { "0.1h", 360000000000 },
		     { "9223372036.854775806", INT64_MAX - 1 }, { "2562047h", INT64_C(9223369200000000000) } };
	int64_t value = 7;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (!CHECK(text_duration(bad[i], &value)))
			fprintf(stderr, "\tword \"%s\"\n", bad[i]);
	CHECK_EQUAL_INT(value, 7);
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		if (!CHECK_EQUAL_INT(text_duration(good[i].word, &value), 0))
			fprintf(stderr, "\tword \"%s\"\n", good[i].word);
		CHECK_EQUAL_INT(value, good[i].nanoseconds);
	}
}

static void test_escape(void)
{
	char out[64];
	CHECK_EQUAL_STRING(text_escape(out, sizeof out, "", 0), "");
	CHECK_EQUAL_STRING(TEXT_SHOW(out, "plain ~ 'text'"), "plain ~ 'text'");
	CHECK_EQUAL_STRING(TEXT_SHOW(out, "a\\b\n\r\t"), "a\\\\b\\n\\r\\t");
	CHECK_EQUAL_STRING(text_escape(out, sizeof out, "\0\x01\x1b\x7f\x80\xff", 6), "\\x00\\x01\\x1b\\x7f\\x80\\xff");
	CHECK_EQUAL_STRING(TEXT_SHOW(out, "\xc3\xa4"), "\\xc3\\xa4");
}

static void test_escape_cut(void)
{
	char out[8];
	CHECK_EQUAL_STRING(TEXT_SHOW(out, "12345"), "12345");
	CHECK_EQUAL_STRING(TEXT_SHOW(out, "12345678"), "1234...");
	CHECK_EQUAL_STRING(TEXT_SHOW(out, "123\n"), "123\\n");
	CHECK_EQUAL_STRING(TEXT_SHOW(out, "123\n567"), "123...");
	CHECK_EQUAL_STRING(TEXT_SHOW(out, "123\x01"), "123\\x01");
	CHECK_EQUAL_STRING(TEXT_SHOW(out, "1234\x01"), "1234...");
	CHECK_EQUAL_STRING(TEXT_SHOW(out, "\x01\x01"), "\\x01...");
	/* Whatever the size: within it, and never in the middle of an escape. */
	for (size_t size = 8; size < 40; size++) {
		char room[41];
		memset(room, '#', sizeof room);
		text_escape(room, size, "ab\xff" "cd\n\x01 efgh\\\\\\", 15);
		CHECK(memchr(room, '\0', size) != NULL);
		CHECK_EQUAL_INT(room[size], '#');
	}
}

static void test_utf8(void)
{
	static const char *const good[] = { "", "abc", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
					    "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
					    "a\xc3\xa4z" };
	static const char *const bad[] = { "\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\xc2", "\xe0\x9f\xbf",
					   "\xed\xa0\x80",
					   "\xed\xbf\xbf", "\xe2\x82", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
					   "\xf5\x80\x80\x80",
					   "\xf8\x88\x80\x80\x80", "\xfe", "\xff", "ok\xe2\x28\xa1", "\xf0\x9f\x98" };
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (!CHECK(text_is_utf8(good[i], strlen(good[i]))))
			test_print_bytes("word    ", good[i], strlen(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (!CHECK(!text_is_utf8(bad[i], strlen(bad[i]))))
			test_print_bytes("word    ", bad[i], strlen(bad[i]));
	CHECK(text_is_utf8("a\0b", 3));
	CHECK(!text_is_utf8("\xe2\x82\xac", 2)); /* n is what counts, not what lies behind it */
}

static void test_distance(void)
{
	char many[100];
	CHECK_EQUAL_INT(text_distance("", ""), 0);
	CHECK_EQUAL_INT(text_distance("abc", "abc"), 0);
	CHECK_EQUAL_INT(text_distance("abc", ""), 3);
	CHECK_EQUAL_INT(text_distance("", "ab"), 2);
	CHECK_EQUAL_INT(text_distance("abc", "abd"), 1);
	CHECK_EQUAL_INT(text_distance("abc", "abcd"), 1);
	CHECK_EQUAL_INT(text_distance("abc", "ac"), 1);
	CHECK_EQUAL_INT(text_distance("verbsoe", "verbose"), 1);
	CHECK_EQUAL_INT(text_distance("kitten", "sitting"), 3);
	memset(many, 'a', sizeof many - 1);
	many[sizeof many - 1] = '\0';
	CHECK(text_distance(many, "aaa") > 40);
	CHECK(text_distance(many, many) > 40); /* longer than any name: near to nothing */
	many[39] = '\0';
	CHECK_EQUAL_INT(text_distance(many, many), 0);
}

static void test_copy(void)
{
	char out[4] = "xyz";
	CHECK_EQUAL_INT(text_copy(out, sizeof out, "four"), -1);
	CHECK_EQUAL_STRING(out, "xyz");
	CHECK_EQUAL_INT(text_copy(out, sizeof out, "abc"), 0);
	CHECK_EQUAL_STRING(out, "abc");
	CHECK_EQUAL_INT(text_copy(out, sizeof out, ""), 0);
	CHECK_EQUAL_STRING(out, "");
}

int main(void)
{
	test_number();
	test_number_any();
	test_octal();
	test_size();
	test_duration();
	test_escape();
	test_escape_cut();
	test_utf8();
	test_distance();
	test_copy();
	return test_result();
}
