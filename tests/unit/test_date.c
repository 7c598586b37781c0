/* Dates of headers, and the pause that Retry-After asks for. */
#include "http/date.h"
#include "test.h"

static void date(const char *text, int64_t expected)
{
	int64_t seconds = -1;
	if (!CHECK_EQUAL_INT(date_parse(text, &seconds), expected < 0 ? -1 : 0))
		fprintf(stderr, "\t%s\n", text);
	CHECK_EQUAL_INT(seconds, expected);
}

static void check_dates(void)
{
	date("Sun, 06 Nov 1994 08:49:37 GMT", 784111777);
	date("Sunday, 06-Nov-94 08:49:37 GMT", 784111777);
	date("Sun Nov  6 08:49:37 1994", 784111777);
	date("Wed Nov 16 08:49:37 1994", 784975777);
	date("Thu, 01 Jan 1970 00:00:00 GMT", 0);
	date("Fri, 31 Dec 9999 23:59:59 GMT", 253402300799);
	date("", -1);
	date("Sun, 06 Nov 1994 08:49:37", -1);
	date("Sun, 06 Nov 1994 08:49:37 GMT x", -1);
	date("Sun, 06 Nov 1994 08:49:37 CET", -1);
	date("1994-11-06T08:49:37Z", -1);
	date("784111777", -1);
}

static void pause_at(const char *value, int64_t now, int64_t expected)
{
	struct head head = { 0 };
	struct error error = { 0 };
	char bytes[200];
	size_t used;
	int n = snprintf(bytes, sizeof bytes, "HTTP/1.1 503 Busy\r\n%s%s\r\n\r\n", value ? "Retry-After: " : "A: ",
			 value ? value : "b");
	CHECK_EQUAL_INT(head_take(&head, bytes, (size_t)n, &used, &error), HEAD_DONE);
	if (!CHECK_EQUAL_INT(date_pause(&head, now), expected))
		fprintf(stderr, "\t%s\n", value ? value : "none");
	head_free(&head);
}

static void check_pauses(void)
{
	pause_at(NULL, 0, -1);
	pause_at("", 0, -1);
	pause_at("0", 0, 0);
	pause_at("120", 0, 120);
	pause_at("2147483647", 0, INT32_MAX);
	pause_at("2147483648", 0, INT32_MAX);
	pause_at("99999999999999999999999999999", 0, INT32_MAX);
	pause_at("-1", 0, -1);
	pause_at("1.5", 0, -1);
	pause_at("soon", 0, -1);
	pause_at("Sun, 06 Nov 1994 08:49:37 GMT", 784111770, 7);
	pause_at("Sunday, 06-Nov-94 08:49:37 GMT", 784111770, 7);
	pause_at("Sun Nov  6 08:49:37 1994", 784111770, 7);
	pause_at("Sun, 06 Nov 1994 08:49:37 GMT", 784111777, -1);
	pause_at("Sun, 06 Nov 1994 08:49:37 GMT", 784111800, -1);
	pause_at("Fri, 31 Dec 9999 23:59:59 GMT", 0, INT32_MAX);
}

int main(void)
{
	check_dates();
	check_pauses();
	return test_result();
}
