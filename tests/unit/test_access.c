/* Who may come: what a SPEC is and is not, nets split at every bit, v4-mapped addresses, zones, files. */
#include "net/access.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdlib.h>

#include "test.h"

static struct address client(const char *text)
{
	struct address address;
	struct error error;
	if (address_literal(text, AF_UNSPEC, &address, &error) != 1) {
		fprintf(stderr, "no client: %s\n", text);
		abort();
	}
	return address;
}

/* As the kernel tells an IPv4 client of a dual-stack socket. */
static struct address mapped_client(const char *text)
{
	char mapped[64];
	snprintf(mapped, sizeof mapped, "::ffff:%s", text);
	return client(mapped);
}

static void add(struct access_list *list, const char *spec)
{
	struct access_range range;
	struct error error = { 0 };
	if (!CHECK_EQUAL_INT(access_read(spec, &range, &error), 1))
		fprintf(stderr, "\t%s: %s\n", spec, error.text);
	else
		CHECK_EQUAL_INT(access_add(list, &range, &error), 0);
}

static bool matches(const char *spec, const struct address *who)
{
	struct access access = { .closed = true };
	add(&access.allow, spec);
	bool in = access_judge(&access, who) == ACCESS_ADMITTED;
	access_free(&access);
	return in;
}

static void test_matches(void)
{
	static const struct {
		const char *spec, *client;
		bool in;
	} rows[] = {
		{ "127.0.0.1", "127.0.0.1", true },
		{ "127.0.0.1", "127.0.0.2", false },
		{ "0x7f000001", "127.0.0.1", true },
		{ "2130706433", "127.0.0.1", true },
		{ "10.0.0.0/8", "10.255.1.2", true },
		{ "10.0.0.0/8", "11.0.0.0", false },
		{ "10.1.2.3/8", "10.9.9.9", true }, /* host bits are masked off */
		{ "10.1.2.3/32", "10.1.2.3", true },
		{ "10.1.2.3/32", "10.1.2.2", false },
		{ "10.1.2.3/31", "10.1.2.2", true },
		{ "0.0.0.0/0", "203.0.113.9", true },
		{ "0.0.0.0/0", "::1", false },
		{ "::/0", "::1", true },
		{ "::/0", "2001:db8::1", true },
		{ "::/0", "203.0.113.9", false },
		{ "::1/0", "fe80::1", true },
		{ "[::1]", "::1", true },
		{ "[2001:db8::]/32", "2001:db8:ffff::", true },
		{ "2001:db8::/32", "2001:db9::", false },
		{ "2001:DB8:0:0:0:0:0:1/64", "2001:db8::ffff", true },
		{ "::ffff:10.0.0.0/104", "10.1.2.3", true },
		{ "::ffff:10.0.0.0/104", "11.1.2.3", false },
		{ "::ffff:a00:0/104", "10.1.2.3", true },
		{ "::ffff:0.0.0.0/96", "203.0.113.9", true },
		{ "::ffff:0:0/96", "::1", false },
		{ "::ffff:10.1.2.3", "10.1.2.3", true },
		{ "::10.1.2.3", "10.1.2.3", false }, /* v4-compatible is not mapped */
		{ "::/96", "10.1.2.3", false },
		{ "64:ff9b::/96", "10.1.2.3", false },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct address who = client(rows[i].client);
		if (!CHECK(matches(rows[i].spec, &who) == rows[i].in))
			fprintf(stderr, "\t%s and %s\n", rows[i].spec, rows[i].client);
		if (who.any.sa_family != AF_INET)
			continue;
		who = mapped_client(rows[i].client);
		if (!CHECK(matches(rows[i].spec, &who) == rows[i].in))
			fprintf(stderr, "\t%s and mapped %s\n", rows[i].spec, rows[i].client);
	}
}

/* A net of every length holds who differs in a bit behind it, and nobody who differs in one of its own. */
static void test_every_bit(void)
{
	static const char *const bases[] = { "170.85.170.85", "2001:db8:aaaa:5555:aaaa:5555:aaaa:5555" };
	for (size_t base = 0; base < 2; base++) {
		struct address who = client(bases[base]);
		bool v4 = who.any.sa_family == AF_INET;
		unsigned most = v4 ? 32 : 128;
		for (unsigned bits = 0; bits <= most; bits++) {
			char spec[80];
			snprintf(spec, sizeof spec, "%s/%u", bases[base], bits);
			for (unsigned bit = 0; bit < most; bit++) {
				struct address other = who;
				uint8_t *bytes = v4 ? (uint8_t *)&other.in.sin_addr : other.in6.sin6_addr.s6_addr;
				bytes[bit / 8] ^= (uint8_t)(0x80u >> bit % 8);
				CHECK(matches(spec, &other) == (bit >= bits));
			}
			CHECK(matches(spec, &who));
		}
	}
}

/* clang-format off */
static const char *const refused[] = {
	"", "/", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/8x", "10.0.0.0/ 8",
	"10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.0/255.0.0.0", "10.0.0.0/4294967304",
	"10.0.0.0/18446744073709551624", "300.1.1.1", "300.1.1.1/8", "10.0.0.0.0", "10.0.0.0.0/8", "10/8",
	"10.1/16", "10.1", "10", "010.0.0.1", "1.2.3", "::/129", "::/-1", "::/", ":::/8", "::1%nosuchzone",
	"12345::", "[::1", "::1]", "[]", "[::1]:80", "127.0.0.1:80", "::ffff:10.0.0.0/95", "::ffff:10.0.0.0/8",
	"::ffff:10.0.0.0/129", "name/8", "a b", "10.0.0.1 10.0.0.2", "10.0.0.1,10.0.0.2", " 10.0.0.1", "10.0.0.1 ",
	"10.0.0.1\n", "-1", "-name", ".", "1-2", "*", "10.0.0.*", "na\xc3\xafve/8", "0x", "2130706432/8",
};
/* clang-format on */

static void test_refused(void)
{
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct access_range range;
		struct error error = { 0 };
		if (!CHECK_EQUAL_INT(access_read(refused[i], &range, &error), -1))
			fprintf(stderr, "\t\"%s\"\n", refused[i]);
		CHECK_EQUAL_INT(error.class, ERROR_USAGE);
		CHECK(!strchr(error.text, '\n'));
	}
}

static void test_names(void)
{
	static const char *const specs[] = { "localhost",    "a",          "server.example",       "server.example.",
					     "3com.example", "_x.example", "no-such-name.invalid", "1a" };
	char longest[400];
	struct access_range range;
	struct error error;
	for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++)
		if (!CHECK_EQUAL_INT(access_read(specs[i], &range, &error), 0))
			fprintf(stderr, "\t%s: %s\n", specs[i], error.text);
	memset(longest, 'a', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	CHECK_EQUAL_INT(access_read(longest, &range, &error), 0); /* the resolver's to say */
	longest[200] = '/';
	CHECK_EQUAL_INT(access_read(longest, &range, &error), -1);
}

static void test_deny_wins(void)
{
	struct access access = { 0 };
	struct address in = client("10.1.1.1"), out = client("10.2.1.1"), other = client("192.0.2.1");
	CHECK_EQUAL_INT(access_judge(&access, &in), ACCESS_ADMITTED);
	add(&access.deny, "10.2.0.0/16");
	CHECK_EQUAL_INT(access_judge(&access, &in), ACCESS_ADMITTED);
	CHECK_EQUAL_INT(access_judge(&access, &other), ACCESS_ADMITTED);
	CHECK_EQUAL_INT(access_judge(&access, &out), ACCESS_DENIED);
	add(&access.allow, "10.0.0.0/8");
	add(&access.allow, "10.2.1.1");
	access.closed = true;
	CHECK_EQUAL_INT(access_judge(&access, &in), ACCESS_ADMITTED);
	CHECK_EQUAL_INT(access_judge(&access, &out), ACCESS_DENIED);
	CHECK_EQUAL_INT(access_judge(&access, &other), ACCESS_NOT_ALLOWED);
	access_free(&access);
	access.closed = true; /* an empty file */
	CHECK_EQUAL_INT(access_judge(&access, &in), ACCESS_NOT_ALLOWED);
}

static void test_many(void)
{
	struct access access = { .closed = true };
	for (unsigned i = 0; i < 1000; i++) {
		char spec[32];
		snprintf(spec, sizeof spec, "10.%u.%u.0/24", i / 250, i % 250);
		add(&access.allow, spec);
	}
	CHECK_EQUAL_INT(access.allow.count, 1000);
	struct address first = client("10.0.0.9"), last = client("10.3.249.9"), none = client("10.3.250.9");
	CHECK_EQUAL_INT(access_judge(&access, &first), ACCESS_ADMITTED);
	CHECK_EQUAL_INT(access_judge(&access, &last), ACCESS_ADMITTED);
	CHECK_EQUAL_INT(access_judge(&access, &none), ACCESS_NOT_ALLOWED);
	access_free(&access);
}

/* A zone holds a link-local address to its interface; elsewhere it says nothing. */
static void test_zones(void)
{
	char name[IF_NAMESIZE], spec[64];
	struct address here = client("fe80::1"), there = here, loopback = client("::1");
	if (!if_indextoname(1, name))
		return;
	here.in6.sin6_scope_id = 1;
	there.in6.sin6_scope_id = 2;
	snprintf(spec, sizeof spec, "fe80::1%%%s", name);
	CHECK(matches(spec, &here));
	CHECK(!matches(spec, &there));
	snprintf(spec, sizeof spec, "fe80::%%%s/10", name);
	CHECK(matches(spec, &here));
	CHECK(!matches(spec, &there));
	CHECK(matches("fe80::%1/10", &here));
	CHECK(matches("fe80::/10", &here));
	CHECK(matches("fe80::/10", &there));
	snprintf(spec, sizeof spec, "::1%%%s", name);
	CHECK(matches(spec, &loopback));
}

/* Those whom no address tells apart are in no range, but none keeps them out unless somebody is allowed. */
static void test_other_families(void)
{
	struct access access = { 0 };
	struct address who = { .length = sizeof(sa_family_t) };
	who.un.sun_family = AF_UNIX;
	add(&access.deny, "0.0.0.0/0");
	add(&access.deny, "::/0");
	CHECK_EQUAL_INT(access_judge(&access, &who), ACCESS_ADMITTED);
	add(&access.allow, "::/0");
	access.closed = true;
	CHECK_EQUAL_INT(access_judge(&access, &who), ACCESS_NOT_ALLOWED);
	access_free(&access);
}

static void test_lines(void)
{
	static const struct {
		const char *line, *spec;
	} rows[] = { { "10.0.0.1", "10.0.0.1" },
		     { "  10.0.0.1\t\r", "10.0.0.1" },
		     { "", NULL },
		     { " \t ", NULL },
		     { "# all", NULL },
		     { "  # all", NULL },
		     { "::1 # the loopback", "::1" },
		     { "::1#x", "::1" },
		     { "a b", "a b" } };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char line[64];
		snprintf(line, sizeof line, "%sX", rows[i].line);
		CHECK_EQUAL_STRING(access_line(line, strlen(rows[i].line)), rows[i].spec);
	}
}

int main(void)
{
	test_matches();
	test_every_bit();
	test_refused();
	test_names();
	test_deny_wins();
	test_many();
	test_zones();
	test_other_families();
	test_lines();
	return test_result();
}
