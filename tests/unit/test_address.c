/* Addresses: every form that people write, and RFC 5952 on the way out. */
#include "net/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stddef.h>

#include "test.h"

static struct error error;

static void test_ipv4(void)
{
	static const struct {
		const char *word;
		uint32_t address;
	} good[] = { { "127.0.0.1", 0x7f000001 },
		     { "0.0.0.0", 0 },
		     { "255.255.255.255", 0xffffffff },
		     { "0x7f000001", 0x7f000001 },
		     { "0X7F000001", 0x7f000001 },
		     { "2130706433", 0x7f000001 },
		     { "4294967295", 0xffffffff },
		     { "0xffffffff", 0xffffffff },
		     { "0", 0 },
		     { "127.1", 0x7f000001 },
		     { "127.0.1", 0x7f000001 },
		     { "192.0.2.130", 0xc0000282 } };
	static const char *const bad[] = { "256.0.0.1",   "1.2.3.256",
					   "1.2.3.4.5",   "127.0.0.1.",
					   "1..2",        "0x",
					   "0x100000000", "4294967296",
					   "010.0.0.1",   "1.2.3.08",
					   "00.0.0.0",    "1.2.3.",
					   "127.0.0.1..", "99999999999999999999999",
					   "0x7f.0.0.256" };
	struct address address;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		if (!CHECK_EQUAL_INT(address_literal(good[i].word, AF_UNSPEC, &address, &error), 1))
			fprintf(stderr, "\tword \"%s\"\n", good[i].word);
		CHECK_EQUAL_INT(address.any.sa_family, AF_INET);
		CHECK_EQUAL_INT(ntohl(address.in.sin_addr.s_addr), good[i].address);
		CHECK_EQUAL_INT(address.length, sizeof address.in);
		CHECK_EQUAL_INT(address_port(&address), 0);
		CHECK_EQUAL_INT(address_literal(good[i].word, AF_INET, &address, &error), 1);
		CHECK_EQUAL_INT(address_literal(good[i].word, AF_INET6, &address, &error), -1);
		CHECK_EQUAL_INT(error.class, ERROR_USAGE);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		error.class = ERROR_NONE;
		if (!CHECK_EQUAL_INT(address_literal(bad[i], AF_UNSPEC, &address, &error), -1))
			fprintf(stderr, "\tword \"%s\"\n", bad[i]);
		CHECK_EQUAL_INT(error.class, ERROR_USAGE);
		CHECK(strstr(error.text, bad[i]));
	}
}

static void test_names(void)
{
	static const char *const names[] = {
		"localhost", "example.org", "1and1.example", "0xg", "a.1", "1.2.3.4.example",
		"x",         "deadbeef",    "127.0.0.1 ",    " ::", ""
	};
	struct address address;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (!strchr(names[i], ':'))
			CHECK_EQUAL_INT(address_literal(names[i], AF_UNSPEC, &address, &error), 0);
	CHECK_EQUAL_INT(address_literal("127.0.0.1", AF_UNIX, &address, &error), 0); /* no such thing there */
	CHECK_EQUAL_INT(address_literal("::1", AF_VSOCK, &address, &error), 0);
}

static void test_ipv6(void)
{
	/* RFC 4291 on the way in, RFC 5952 on the way out. */
	static const struct {
		const char *word, *shown;
	} good[] = { { "::1", "::1" },
		     { "[::1]", "::1" },
		     { "::", "::" },
		     { "0:0:0:0:0:0:0:1", "::1" },
		     { "0000:0000:0000:0000:0000:0000:0000:0001", "::1" },
		     { "2001:DB8::0001", "2001:db8::1" },
		     { "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		     { "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		     { "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
		     { "::ffff:127.0.0.1", "127.0.0.1" },
		     { "0000:0000:0000:0000:0000:ffff:7f00:0001", "127.0.0.1" },
		     { "[::FFFF:7f00:1]", "127.0.0.1" },
		     { "64:ff9b::192.0.2.33", "64:ff9b::c000:221" },
		     { "ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789" } };
	char shown[ADDRESS_TEXT];
	struct address address;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		if (!CHECK_EQUAL_INT(address_literal(good[i].word, AF_UNSPEC, &address, &error), 1))
			fprintf(stderr, "\tword \"%s\"\n", good[i].word);
		CHECK_EQUAL_INT(address.any.sa_family, AF_INET6);
		CHECK_EQUAL_INT(address.length, sizeof address.in6);
		CHECK_EQUAL_STRING(address_host(shown, &address), good[i].shown);
		CHECK_EQUAL_INT(address_literal(good[i].word, AF_INET, &address, &error), -1);
		CHECK_EQUAL_INT(error.class, ERROR_USAGE);
	}
}

static void test_no_ipv6(void)
{
	static const char *const bad[] = { ":",
					   ":::",
					   "::1::",
					   "1:2:3:4:5:6:7",
					   "1:2:3:4:5:6:7:8:9",
					   "12345::",
					   "::g",
					   "[::1",
					   "::1]",
					   "[]",
					   "[",
					   "[[::1]]",
					   "[::1]x",
					   "[127.0.0.1]",
					   "[name]",
					   "::ffff:256.0.0.1",
					   "::1 ",
					   " ::1",
					   "::1%",
					   "::1%no-such-zone",
					   "::1%4294967295",
					   "fe80::1%4294967296",
					   "::1%-1",
					   "127.0.0.1:80",
					   "name:80",
					   "::1/64" };
	struct address address;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		error.class = ERROR_NONE;
		if (!CHECK_EQUAL_INT(address_literal(bad[i], AF_UNSPEC, &address, &error), -1))
			fprintf(stderr, "\tword \"%s\"\n", bad[i]);
		CHECK_EQUAL_INT(error.class, ERROR_USAGE);
	}
}

static void test_long_words(void)
{
	char word[5000];
	struct address address;
	memset(word, ':', sizeof word);
	word[sizeof word - 1] = '\0';
	CHECK_EQUAL_INT(address_literal(word, AF_UNSPEC, &address, &error), -1);
	memset(word, '1', sizeof word - 1);
	CHECK_EQUAL_INT(address_literal(word, AF_UNSPEC, &address, &error), -1);
	memcpy(word, "::1%", 4);
	CHECK_EQUAL_INT(address_literal(word, AF_UNSPEC, &address, &error), -1);
}

static void test_zones(void)
{
	char word[64], shown[ADDRESS_TEXT], expected[64];
	struct address address;
	unsigned index = if_nametoindex("lo");
	if (!index)
		return;
	CHECK_EQUAL_INT(address_literal("::1%lo", AF_UNSPEC, &address, &error), 1);
	CHECK_EQUAL_INT(address.in6.sin6_scope_id, index);
	CHECK_EQUAL_STRING(address_host(shown, &address), "::1"); /* not link-local: the zone is no part of it */
	snprintf(word, sizeof word, "[fe80::1%%%u]", index);
	CHECK_EQUAL_INT(address_literal(word, AF_INET6, &address, &error), 1);
	CHECK_EQUAL_INT(address.in6.sin6_scope_id, index);
	CHECK_EQUAL_STRING(address_host(shown, &address), "fe80::1%lo");
	address_set_port(&address, 443);
	snprintf(expected, sizeof expected, "[fe80::1%%lo]:443");
	CHECK_EQUAL_STRING(address_show(shown, &address), expected);
	address.in6.sin6_scope_id = 4000000000; /* an interface that is gone */
	CHECK_EQUAL_STRING(address_host(shown, &address), "fe80::1%4000000000");
}

static void test_ports(void)
{
	char shown[ADDRESS_TEXT];
	struct address address;
	address_literal("127.0.0.1", AF_UNSPEC, &address, &error);
	address_set_port(&address, 65535);
	CHECK_EQUAL_INT(address_port(&address), 65535);
	CHECK_EQUAL_STRING(address_show(shown, &address), "127.0.0.1:65535");
	address_literal("::1", AF_UNSPEC, &address, &error);
	address_set_port(&address, 80);
	CHECK_EQUAL_INT(address_port(&address), 80);
	CHECK_EQUAL_STRING(address_show(shown, &address), "[::1]:80");
	address_literal("::ffff:192.0.2.1", AF_UNSPEC, &address, &error);
	address_set_port(&address, 80);
	CHECK_EQUAL_STRING(address_show(shown, &address), "192.0.2.1:80");
	address = (struct address){ .length = sizeof address.vm };
	address.vm = (struct sockaddr_vm){ .svm_family = AF_VSOCK, .svm_cid = 3, .svm_port = 4294967294U };
	CHECK_EQUAL_INT(address_port(&address), 4294967294U);
	CHECK_EQUAL_STRING(address_show(shown, &address), "3:4294967294");
}

static void test_unix(void)
{
	char word[120], shown[ADDRESS_TEXT];
	struct address address;
	CHECK_EQUAL_INT(address_unix("./a\n\x1b", &address, &error), 0);
	CHECK(address_is_path(&address));
	CHECK_EQUAL_INT(address.length, offsetof(struct sockaddr_un, sun_path) + 6);
	CHECK_EQUAL_STRING(address_show(shown, &address), "./a\\n\\x1b");
	CHECK_EQUAL_INT(address_unix("@name", &address, &error), 0);
	CHECK(!address_is_path(&address));
	CHECK_EQUAL_INT(address.length, offsetof(struct sockaddr_un, sun_path) + 5);
	CHECK_EQUAL_BYTES(address.un.sun_path, 5, "\0name", 5);
	CHECK_EQUAL_STRING(address_show(shown, &address), "@name");
	memset(word, '\xff', sizeof word);
	for (size_t n = 106; n <= 108; n++) {
		word[n] = '\0';
		word[0] = 'x';
		CHECK_EQUAL_INT(address_unix(word, &address, &error), n > 107 ? -1 : 0);
		word[0] = '@'; /* the sign is no part of the name */
		CHECK_EQUAL_INT(address_unix(word, &address, &error), 0);
		word[n] = '\xff';
	}
	CHECK_EQUAL_INT(strlen(address_show(shown, &address)), 1 + 4 * 107); /* not cut, escaped byte by byte */
	word[109] = '\0';
	CHECK_EQUAL_INT(address_unix(word, &address, &error), -1);
	CHECK_EQUAL_INT(error.class, ERROR_USAGE);
	CHECK_EQUAL_INT(address_unix("", &address, &error), -1);
	CHECK_EQUAL_INT(address_unix("@", &address, &error), -1);
	address = (struct address){ .length = offsetof(struct sockaddr_un, sun_path) };
	address.un.sun_family = AF_UNIX;
	CHECK(!address_is_path(&address));
	CHECK_EQUAL_STRING(address_show(shown, &address), "(unnamed)");
}

static void test_vsock(void)
{
	static const struct {
		const char *host, *service, *connecting, *binding; /* NULL: refused */
	} rows[] = {
		{ "2", "80", "2:80", "2:80" },
		{ "host", "0xffffffff", "2:4294967295", "2:4294967295" },
		{ "local", "4294967295", "1:4294967295", "1:4294967295" },
		{ "hypervisor", "1", "0:1", "0:1" },
		{ "any", "1", NULL, "4294967295:1" },
		{ NULL, "1", NULL, "4294967295:1" },
		{ "3", "0", NULL, "3:4294967295" }, /* the kernel chooses */
		{ "4294967296", "1", NULL, NULL },
		{ "-1", "1", NULL, NULL },
		{ "", "1", NULL, NULL },
		{ "localhost", "1", NULL, NULL },
		{ "2", "4294967296", NULL, NULL },
		{ "2", "http", NULL, NULL },
		{ "2", "", NULL, NULL },
	};
	char shown[ADDRESS_TEXT];
	struct address address;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (int bind = 0; bind < 2; bind++) {
			const char *expected = bind ? rows[i].binding : rows[i].connecting;
			int result = address_vsock(rows[i].host, rows[i].service, bind, &address, &error);
			CHECK_EQUAL_INT(result, expected ? 0 : -1);
			if (expected)
				CHECK_EQUAL_STRING(address_show(shown, &address), expected);
			else
				CHECK_EQUAL_INT(error.class, ERROR_USAGE);
		}
}

static void test_no_address(void)
{
	char shown[ADDRESS_TEXT];
	struct address address;
	address_peer(-1, &address);
	CHECK_EQUAL_INT(address.any.sa_family, AF_UNSPEC);
	CHECK_EQUAL_STRING(address_show(shown, &address), "(unknown)");
	address_local(-1, &address);
	CHECK_EQUAL_INT(address_port(&address), 0);
}

int main(void)
{
	test_ipv4();
	test_names();
	test_ipv6();
	test_no_ipv6();
	test_long_words();
	test_zones();
	test_ports();
	test_unix();
	test_vsock();
	test_no_address();
	return test_result();
}
