/* Requests as bytes, and the words that may become part of one. */
#include "http/request.h"
#include "test.h"

#define DEFAULTS "Accept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n"

/* Writes behind something already held, which must stay. */
static void check_written(const char *word, struct request request, const char *expected)
{
	struct url url;
	struct error error = { 0 };
	struct buffer out = { 0 };
	CHECK_EQUAL_INT(url_parse(word, &url, &error), 0);
	request.url = &url;
	CHECK_EQUAL_INT(buffer_append(&out, "held", 4), 0);
	CHECK_EQUAL_INT(request_write(&out, &request), 0);
	CHECK_EQUAL_BYTES(buffer_head(&out), 4, "held", 4);
	buffer_consumed(&out, 4);
	if (!CHECK_EQUAL_BYTES(buffer_head(&out), buffer_held(&out), expected, strlen(expected)))
		fprintf(stderr, "%.*s\n", (int)buffer_held(&out), buffer_head(&out));
	buffer_free(&out);
	url_free(&url);
}

static void check_versions(void)
{
	static const char *const fields[] = { "X: y" };
	check_written("h/p?q#f", (struct request){ 0 }, "GET /p?q HTTP/1.1\r\nHost: h\r\n" DEFAULTS "\r\n");
	check_written("h", (struct request){ .version = HTTP_1_0 }, "GET / HTTP/1.0\r\nHost: h\r\n" DEFAULTS "\r\n");
	check_written("[fe80::1%lo]:81", (struct request){ .extra_crlf = true },
		      "GET / HTTP/1.1\r\nHost: [fe80::1]:81\r\n" DEFAULTS "\r\n");
	check_written("u:p@h:81/p", (struct request){ .absolute = true },
		      "GET http://h:81/p HTTP/1.1\r\nHost: h:81\r\n" DEFAULTS "\r\n");
	/* The raw line, whatever else was asked for. */
	struct request raw = { .version = HTTP_0_9, .user_agent = "a", .range = "0-", .authorization = "u:p",
			       .proxy_authorization = "u:p", .fields = fields, .fields_count = 1 };
	check_written("h/p?q", raw, "GET /p?q\r\n");
	raw.extra_crlf = true;
	check_written("h", raw, "GET /\r\n\r\n");
	raw.absolute = true;
	check_written("h", raw, "GET http://h/\r\n\r\n");
}

static void check_own(void)
{
	check_written("h", (struct request){ .user_agent = "skt/1", .range = "5-", .authorization = "u:p",
					     .proxy_authorization = "Aladdin:open sesame" },
		      "GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: skt/1\r\n" DEFAULTS
		      "Range: bytes=5-\r\nAuthorization: Basic dTpw\r\n"
		      "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
	check_written("h", (struct request){ .user_agent = "" }, "GET / HTTP/1.1\r\nHost: h\r\n" DEFAULTS "\r\n");
	/* RFC 4648 10, and bytes with the high bit. */
	static const char *const base64[][2] = {
		{ "", "" },           { "f", "Zg==" },         { "fo", "Zm8=" },
		{ "foo", "Zm9v" },    { "foob", "Zm9vYg==" },  { "fooba", "Zm9vYmE=" },
		{ "\xfb", "+w==" },   { "foobar", "Zm9vYmFy" }, { "\xff\xfe\xfd", "//79" },
	};
	for (size_t i = 0; i < sizeof base64 / sizeof base64[0]; i++) {
		char expected[200];
		snprintf(expected, sizeof expected,
			 "GET / HTTP/1.1\r\nHost: h\r\n" DEFAULTS "Authorization: Basic %s\r\n\r\n", base64[i][1]);
		check_written("h", (struct request){ .authorization = base64[i][0] }, expected);
	}
}

static void check_given(void)
{
	static const struct {
		const char *fields[3];
		const char *expected;
	} rows[] = {
		{ { "X: y" }, "Host: h\r\nUser-Agent: a\r\n" DEFAULTS "X: y\r\n" },
		{ { "X:y", "x:  z ", "X;" }, "Host: h\r\nUser-Agent: a\r\n" DEFAULTS "X:y\r\nx:  z \r\nX:\r\n" },
		{ { "X:", "Y: \t", "Z; " }, "Host: h\r\nUser-Agent: a\r\n" DEFAULTS "Z:\r\n" },
		{ { "host: other" }, "User-Agent: a\r\n" DEFAULTS "host: other\r\n" },
		{ { "HOST:", "user-agent;", "Accept: " },
		  "Accept-Encoding: identity\r\nConnection: close\r\nuser-agent:\r\n" },
		{ { "Accept: text/html" },
		  "Host: h\r\nUser-Agent: a\r\nAccept-Encoding: identity\r\nConnection: close\r\n"
		  "Accept: text/html\r\n" },
		{ { "Accept-Encoding: gzip" }, "Host: h\r\nUser-Agent: a\r\nAccept: */*\r\nConnection: close\r\n"
					       "Accept-Encoding: gzip\r\n" },
		{ { "Connection: x", "Connection: y" },
		  "Host: h\r\nUser-Agent: a\r\nAccept: */*\r\nAccept-Encoding: identity\r\n"
		  "Connection: x\r\nConnection: y\r\n" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char expected[400];
		struct request request = { .user_agent = "a", .fields = rows[i].fields };
		while (request.fields_count < 3 && rows[i].fields[request.fields_count])
			request.fields_count++;
		snprintf(expected, sizeof expected, "GET / HTTP/1.1\r\n%s\r\n", rows[i].expected);
		check_written("h", request, expected);
	}
	static const char *const over[] = { "Range: bytes=1-2", "authorization: Bearer x", "Proxy-Authorization:" };
	check_written("h", (struct request){ .range = "5-", .authorization = "u:p", .proxy_authorization = "u:p",
					     .fields = over, .fields_count = 3 },
		      "GET / HTTP/1.1\r\nHost: h\r\n" DEFAULTS "Range: bytes=1-2\r\nauthorization: Bearer x\r\n\r\n");
}

static void check_words(int (*check)(const char *word, struct error *error), const char *const *words, size_t n,
			int answer)
{
	for (size_t i = 0; i < n; i++) {
		struct error error = { 0 };
		if (!CHECK_EQUAL_INT(check(words[i], &error), answer))
			fprintf(stderr, "\tof %s\n", words[i]);
		CHECK_EQUAL_INT(error.class, answer ? ERROR_USAGE : ERROR_NONE);
		CHECK_EQUAL_INT(error.text[0] != '\0', answer != 0);
		CHECK(!strpbrk(error.text, "\r\n"));
	}
}

#define CHECK_WORDS(check, answer, ...) \
	check_words(check, (const char *const[]){ __VA_ARGS__ }, \
		    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *), answer)

static void check_fields(void)
{
	CHECK_WORDS(request_check_field, 0, "Name: value", "Name:value", "Name:", "Name: ", "Name;", "Name; \t",
		    "a: b: c; d", "X-Y_z.1!#$%&'*+^`|~: v", "a: \xc3\xa9", "a:\tb");
	CHECK_WORDS(request_check_field, -1, "", "Name", ":", ": value", ";", "Na me: value", " Name: value",
		    "Name : value", "Name\t: v", "N\xc3\xa9: v", "(a): v", "a@b: v", "Name; value",
		    "Name: a\r\nEvil: b", "Name: a\n", "Name: a\r",
		    "Na\nme: a", "Name;\n", "GET / HTTP/1.1", "a/b: c");
	struct error error = { 0 };
	CHECK_EQUAL_INT(request_check_value("user agent", "a (b; c)", &error), 0);
	CHECK_EQUAL_INT(request_check_value("user agent", "", &error), 0);
	CHECK_EQUAL_INT(request_check_value("user agent", "a\r\nb: c", &error), -1);
	CHECK_EQUAL_STRING(error.text, "user agent 'a\\r\\nb: c': a line end cannot stand in it");
	CHECK_EQUAL_INT(request_check_value("user agent", "a\r", &error), -1);
}

static void check_ranges(void)
{
	CHECK_WORDS(request_check_range, 0, "0-0", "0-", "5-10", "10-10", "-1", "-500", "00-07",
		    "0-9223372036854775807",
		    "9223372036854775807-", "9223372036854775807-9223372036854775807", "-9223372036854775807");
	CHECK_WORDS(request_check_range, -1, "", "-", "--1", "-0", "5", "10-5", "1-0", "1-2-3", "1-2,4-5", "-1-",
		    "-1-2", " 1-2", "1-2 ",
		    "1 -2", "+1-2", "1-+2", "a-b", "0x1-2", "1-2x", "-5x", "bytes=1-2", "9223372036854775808-",
		    "0-9223372036854775808", "-9223372036854775808", "18446744073709551616-", "0-18446744073709551617",
		    "1-2\n", "1--2");
}

int main(void)
{
	check_versions();
	check_own();
	check_given();
	check_fields();
	check_ranges();
	return test_result();
}
