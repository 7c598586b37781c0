/* What a head says: fields, the content range, the reason. How it is parsed: test_head.c. */
#include "http/head.h"
#include "test.h"

static void parse(struct head *head, const char *bytes)
{
	struct error error = { 0 };
	size_t n = strlen(bytes), used;
	*head = (struct head){ 0 };
	CHECK_EQUAL_INT(head_take(head, bytes, n, &used, &error), HEAD_DONE);
	CHECK_EQUAL_INT(used, n);
}

static void check_field(const struct head *head, const char *name, size_t nth, const char *expected)
{
	char value[64] = "untouched";
	if (!expected)
		CHECK_EQUAL_INT(head_field(head, name, nth, value, sizeof value), -1);
	else if (CHECK_EQUAL_INT(head_field(head, name, nth, value, sizeof value), 0))
		CHECK_EQUAL_STRING(value, expected);
}

static void check_fields(void)
{
	static const char bytes[] = "HTTP/1.1 200 All: right \t\x1b\r\nA: 1\r\na:2 \t\r\nA:\r\n"
				    "Fold: x\r\n  y \t\r\n\tz\n \r\n w\r\n"
				    "Lone:\r\n v\r\nEmpty:\r\n \r\nColons: a:b:c\nLast: \t q\r\n\r\n";
	struct head head;
	parse(&head, bytes);
	check_field(&head, "A", 0, "1");
	check_field(&head, "a", 1, "2");
	check_field(&head, "A", 2, "");
	check_field(&head, "A", 3, NULL);
	check_field(&head, "FOLD", 0, "x y z w");
	check_field(&head, "lone", 0, "v");
	check_field(&head, "empty", 0, "");
	check_field(&head, "colons", 0, "a:b:c");
	check_field(&head, "last", 0, "q");
	check_field(&head, "none", 0, NULL);
	check_field(&head, "", 0, NULL);
	check_field(&head, "Las", 0, NULL);
	check_field(&head, "Last:", 0, NULL);
	check_field(&head, "HTTP/1.1 200 All", 0, NULL);

	char small[8] = "";
	CHECK_EQUAL_INT(head_field(&head, "fold", 0, small, 7), -1);
	CHECK_EQUAL_INT(head_field(&head, "fold", 0, small, 8), 0);
	CHECK_EQUAL_STRING(small, "x y z w");
	CHECK_EQUAL_INT(head_field(&head, "empty", 0, small, 1), 0);
	CHECK_EQUAL_INT(head_field(&head, "empty", 0, small, 0), -1);
	CHECK_EQUAL_INT(head_field(&head, "last", 0, small, 1), -1);

	char reason[40];
	head_reason(&head, reason, sizeof reason);
	CHECK_EQUAL_STRING(reason, "All: right \\t\\x1b");
	head_free(&head);
	head_reason(&head, reason, sizeof reason);
	CHECK_EQUAL_STRING(reason, "");
	check_field(&head, "A", 0, NULL);
	static const char *const empty[] = { "HTTP/1.1 200\n\n", "HTTP/1.1 200 \r\n\r\n" };
	for (size_t i = 0; i < 2; i++) {
		parse(&head, empty[i]);
		head_reason(&head, reason, sizeof reason);
		CHECK_EQUAL_STRING(reason, "");
		check_field(&head, "A", 0, NULL);
		head_free(&head);
	}
}

static void check_content_range(void)
{
	static const struct {
		const char *value;
		int answer;
		uint64_t first, last, total;
	} rows[] = {
		{ "bytes 0-0/1", 0, 0, 0, 1 },
		{ "Bytes 5-9/10", 0, 5, 9, 10 },
		{ "bytes 5-9/*", 0, 5, 9, UINT64_MAX },
		{ "bytes */10", 0, UINT64_MAX, UINT64_MAX, 10 },
		{ "bytes */0", 0, UINT64_MAX, UINT64_MAX, 0 },
		{ "bytes\r\n 5-9/10", 0, 5, 9, 10 },
		{ "bytes 0-9223372036854775806/9223372036854775807", 0, 0, INT64_MAX - 1, INT64_MAX },
		{ "bytes 5-10/10", -1, 0, 0, 0 },
		{ "bytes 9-5/10", -1, 0, 0, 0 },
		{ "bytes */*", -1, 0, 0, 0 },
		{ "bytes 5-9", -1, 0, 0, 0 },
		{ "bytes 5/10", -1, 0, 0, 0 },
		{ "bytes -9/10", -1, 0, 0, 0 },
		{ "bytes 5-/10", -1, 0, 0, 0 },
		{ "bytes 5-9/", -1, 0, 0, 0 },
		{ "bytes 5-9/10/11", -1, 0, 0, 0 },
		{ "bytes 5-9/-1", -1, 0, 0, 0 },
		{ "bytes=5-9/10", -1, 0, 0, 0 },
		{ "bytes 5 - 9/10", -1, 0, 0, 0 },
		{ "bytes  5-9/10", -1, 0, 0, 0 },
		{ "bytes 5-9/10 x", -1, 0, 0, 0 },
		{ "lines 5-9/10", -1, 0, 0, 0 },
		{ "bytes 0-9223372036854775808/*", -1, 0, 0, 0 },
		{ "bytes 0-18446744073709551616/*", -1, 0, 0, 0 },
		{ "bytes 0-1/18446744073709551617", -1, 0, 0, 0 },
		{ "bytes 0x0-1/2", -1, 0, 0, 0 },
		{ "bytes", -1, 0, 0, 0 },
		{ "", -1, 0, 0, 0 },
	};
	uint64_t first = 77, last = 77, total = 77;
	struct head head = { 0 };
	CHECK_EQUAL_INT(head_content_range(&head, &first, &last, &total), -1);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char bytes[200];
		snprintf(bytes, sizeof bytes, "HTTP/1.1 206 P\r\nContent-Range: %s\r\n\r\n", rows[i].value);
		first = last = total = 77;
		parse(&head, bytes);
		if (!CHECK_EQUAL_INT(head_content_range(&head, &first, &last, &total), rows[i].answer))
			fprintf(stderr, "\tof %s\n", rows[i].value);
		CHECK_EQUAL_INT(first, rows[i].answer ? 77 : rows[i].first);
		CHECK_EQUAL_INT(last, rows[i].answer ? 77 : rows[i].last);
		CHECK_EQUAL_INT(total, rows[i].answer ? 77 : rows[i].total);
		head_free(&head);
	}
}

int main(void)
{
	check_fields();
	check_content_range();
	return test_result();
}
