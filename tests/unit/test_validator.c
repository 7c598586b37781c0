/* By what a page is known again. */
#include "http/validator.h"
#include "test.h"

#define MONDAY "Mon, 07 Nov 1994 08:49:37 GMT"
#define SUNDAY "Sun, 06 Nov 1994 08:49:37 GMT"

static void parse(struct head *head, const char *fields)
{
	struct error error = { 0 };
	char bytes[700];
	size_t used;
	int n = snprintf(bytes, sizeof bytes, "HTTP/1.1 200 OK\r\n%s\r\n", fields);
	*head = (struct head){ 0 };
	CHECK_EQUAL_INT(head_take(head, bytes, (size_t)n, &used, &error), HEAD_DONE);
}

static void check(const char *fields, const char *expected, bool strong)
{
	struct head head;
	char validator[VALIDATOR_MOST];
	parse(&head, fields);
	validator_of(&head, validator);
	CHECK_EQUAL_STRING(validator, expected);
	if (!CHECK_EQUAL_INT(validator_is_strong(validator), strong))
		fprintf(stderr, "\t%s", fields);
	CHECK(!validator_differs(validator, &head));
	head_free(&head);
}

static void check_choice(void)
{
	check("", "", false);
	check("ETag: \"a\"\r\n", "\"a\"", true);
	check("ETag: \"\"\r\n", "\"\"", true);
	check("ETag: W/\"a\"\r\n", "W/\"a\"", false);
	check("ETag: \"a\"\r\nDate: " MONDAY "\r\nLast-Modified: " SUNDAY "\r\n", "\"a\"", true);
	check("ETag: a\r\n", "", false);
	check("ETag: \"a b\"\r\n", "", false);
	check("ETag: \"a\"b\"\r\n", "", false);
	check("ETag: \"\r\n", "", false);
	check("ETag: w/\"a\"\r\n", "", false);
	check("ETag: \r\nDate: " MONDAY "\r\nLast-Modified: " SUNDAY "\r\n", SUNDAY, true);
	check("Date: " MONDAY "\r\nLast-Modified: " SUNDAY "\r\n", SUNDAY, true);
	check("Date: " SUNDAY "\r\nLast-Modified: " SUNDAY "\r\n", "W/" SUNDAY, false);
	check("Last-Modified: " SUNDAY "\r\n", "W/" SUNDAY, false);
	check("Last-Modified: yesterday\r\n", "", false);
	CHECK(!validator_is_strong("\"a\"\r\nEvil: \"x\""));
	CHECK(!validator_is_strong("anything"));
}

static void check_long(void)
{
	char fields[400] = "ETag: \"";
	size_t n = strlen(fields);
	memset(fields + n, 'x', VALIDATOR_MOST);
	strcpy(fields + n + VALIDATOR_MOST, "\"\r\n");
	check(fields, "", false);
}

static void differs(const char *validator, const char *fields, bool expected)
{
	struct head head;
	parse(&head, fields);
	if (!CHECK_EQUAL_INT(validator_differs(validator, &head), expected))
		fprintf(stderr, "\t%s: %s", validator, fields);
	head_free(&head);
}

static void check_difference(void)
{
	differs("", "ETag: \"a\"\r\nLast-Modified: " SUNDAY "\r\n", false);
	differs("\"a\"", "ETag: \"a\"\r\n", false);
	differs("\"a\"", "ETag: \"b\"\r\n", true);
	differs("\"a\"", "ETag: W/\"a\"\r\n", false);
	differs("W/\"a\"", "ETag: \"a\"\r\n", false);
	differs("W/\"a\"", "ETag: W/\"b\"\r\n", true);
	differs("\"a\"", "Last-Modified: " SUNDAY "\r\n", false);
	differs(SUNDAY, "Last-Modified: " SUNDAY "\r\n", false);
	differs(SUNDAY, "Last-Modified: " MONDAY "\r\n", true);
	differs("W/" SUNDAY, "Last-Modified: " MONDAY "\r\n", true);
	differs(SUNDAY, "ETag: \"a\"\r\n", false);
}

int main(void)
{
	check_choice();
	check_long();
	check_difference();
	return test_result();
}
