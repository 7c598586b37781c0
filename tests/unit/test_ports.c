/* Lists of ports: what is one, what each means, and what is refused by which name. */
#include "base/ports.h"

#include "test.h"

/* http, http-alt and what `context` says are known. */
static uint32_t service(const char *name, const void *context)
{
	return !strcmp(name, "http") ? 80 : !strcmp(name, "http-alt") ? 8080 : !strcmp(name, context) ? 7 : 0;
}

static unsigned count(const struct ports *ports)
{
	unsigned n = 0;
	for (uint32_t port = 0; port <= PORTS_MOST; port++)
		n += ports_has(ports, port);
	return n;
}

static void test_lists(void)
{
	static const struct {
		const char *list;
		unsigned count;
		uint32_t in[3];
	} rows[] = {
		{ "22", 1, { 22, 22, 22 } },
		{ "1", 1, { 1, 1, 1 } },
		{ "65535", 1, { 65535, 65535, 65535 } },
		{ "00022", 1, { 22, 22, 22 } },
		{ "20-25", 6, { 20, 23, 25 } },
		{ "7-7", 1, { 7, 7, 7 } },
		{ "http,443,8000-8100", 103, { 80, 443, 8050 } },
		{ "http-alt", 1, { 8080, 8080, 8080 } }, /* a name, not a range */
		{ "own,http", 2, { 7, 80, 7 } },
		{ "25,20-25,22,25", 6, { 20, 22, 25 } },
		{ "20-30,25-40", 21, { 20, 35, 40 } },
		{ "63-64,127-128", 4, { 63, 64, 128 } },
		{ "1-65535", 65535, { 1, 30000, 65535 } },
		{ "65535,1", 2, { 1, 65535, 1 } },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct ports ports;
		struct error error = { 0 };
		if (!CHECK(!ports_read(&ports, rows[i].list, service, "own", &error)))
			fprintf(stderr, "\tlist \"%s\": %s\n", rows[i].list, error.text);
		CHECK_EQUAL_INT(count(&ports), rows[i].count);
		for (size_t j = 0; j < 3; j++)
			CHECK(ports_has(&ports, rows[i].in[j]));
	}
}

static void test_refused(void)
{
	static const struct {
		const char *list, *named;
	} rows[] = {
		{ "", "empty" },
		{ ",", "'," },
		{ "22,", "'22,'" },
		{ ",22", "',22'" },
		{ "22,,23", "'22,,23'" },
		{ "0", "'0'" },
		{ "0-5", "'0-5'" },
		{ "22,70000", "'70000'" },
		{ "65536", "'65536'" },
		{ "18446744073709551638", "'18446744073709551638'" }, /* 22 + 2^64 */
		{ "1-70000", "'1-70000'" },
		{ "25-20", "'25-20' runs backwards" },
		{ "80,20-,443", "'20-'" },
		{ "-20", "'-20'" },
		{ "20-25-30", "'20-25-30'" },
		{ "20--25", "'20--25'" },
		{ "22, 23", "' 23'" },
		{ "22 ", "'22 '" },
		{ "+22", "'+22'" },
		{ "80x", "'80x'" },
		{ "1e3", "'1e3'" },
		{ "0x16", "'0x16'" },
		{ "20-http", "'20-http'" },
		{ "22\n", "'22\\n'" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct ports ports;
		struct error error = { 0 };
		for (int known = 0; known < 2; known++) {
			CHECK_EQUAL_INT(ports_read(&ports, rows[i].list, known ? service : NULL, "", &error), -1);
			CHECK_EQUAL_INT(error.class, ERROR_USAGE);
			if (!CHECK(strstr(error.text, rows[i].named)))
				fprintf(stderr, "\t\"%s\": %s\n", rows[i].list, error.text);
		}
	}
}

static void test_names(void)
{
	struct ports ports;
	struct error error = { 0 };
	char list[1000];
	CHECK_EQUAL_INT(ports_read(&ports, "80,nosuch,81", service, "", &error), -1);
	CHECK_EQUAL_INT(error.class, ERROR_RESOLVE);
	CHECK_EQUAL_STRING(error.text, "service 'nosuch' is not known");
	CHECK_EQUAL_INT(ports_read(&ports, "80,nosuch,81", NULL, NULL, &error), 0);
	CHECK_EQUAL_INT(count(&ports), 2);
	memset(list, 'a', sizeof list);
	list[sizeof list - 1] = '\0';
	CHECK_EQUAL_INT(ports_read(&ports, list, NULL, NULL, &error), -1);
	CHECK_EQUAL_INT(error.class, ERROR_USAGE);
	CHECK(!ports_has(&ports, PORTS_MOST + 1));
}

int main(void)
{
	test_lists();
	test_refused();
	test_names();
	return test_result();
}
