/* Endpoints to addresses, as far as no name server is asked: literals, wildcards, service names, taking turns. */
#include "net/resolve.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>

#include "test.h"

static struct address_list list;
static struct resolve_job *job;
static struct error error;

static int start(int family, const char *host, const char *service, bool passive)
{
	const struct endpoint endpoint = { { family, SOCK_STREAM, IPPROTO_TCP }, host, service, NULL };
	return resolve_start(&endpoint, passive, &list, &job, &error);
}

/* The only address of the list, shown; the list is free again. */
static const char *only(char shown[static ADDRESS_TEXT])
{
	if (!CHECK_EQUAL_INT(list.count, 1))
		return NULL;
	address_show(shown, &list.items[0]);
	resolve_free(&list);
	CHECK(!list.items && !list.count);
	return shown;
}

static void test_literals(void)
{
	char shown[ADDRESS_TEXT];
	CHECK_EQUAL_INT(start(AF_UNSPEC, "127.0.0.1", "80", false), 1);
	CHECK_EQUAL_STRING(only(shown), "127.0.0.1:80");
	CHECK_EQUAL_INT(start(AF_INET6, "[::1]", "65535", false), 1);
	CHECK_EQUAL_STRING(only(shown), "[::1]:65535");
	CHECK_EQUAL_INT(start(AF_UNSPEC, "0x7f000001", "0", true), 1);
	CHECK_EQUAL_STRING(only(shown), "127.0.0.1:0");
	CHECK_EQUAL_INT(start(AF_INET6, "127.0.0.1", "80", false), -1);
	CHECK_EQUAL_INT(error.class, ERROR_USAGE);
	CHECK_EQUAL_INT(start(AF_UNSPEC, "256.0.0.1", "80", false), -1);
	CHECK_EQUAL_INT(error.class, ERROR_USAGE);
}

static void test_ports(void)
{
	static const char *const bad[] = { "65536", "70000",  "80x",  "1e3", "0x50", "",
					   " 80",   " 70000", "\t80", "-1",  "+80",  "18446744073709551696" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		error.class = ERROR_NONE;
		if (!CHECK_EQUAL_INT(start(AF_UNSPEC, "127.0.0.1", bad[i], false), -1))
			fprintf(stderr, "\tport \"%s\"\n", bad[i]);
		CHECK_EQUAL_INT(error.class, ERROR_USAGE);
		CHECK(!job && !list.count);
	}
}

static void test_wildcards(void)
{
	char shown[ADDRESS_TEXT];
	CHECK_EQUAL_INT(start(AF_UNSPEC, NULL, "7", true), 1);
	CHECK_EQUAL_STRING(only(shown), "[::]:7");
	CHECK_EQUAL_INT(start(AF_INET6, NULL, "7", true), 1);
	CHECK_EQUAL_STRING(only(shown), "[::]:7");
	CHECK_EQUAL_INT(start(AF_INET, NULL, "7", true), 1);
	CHECK_EQUAL_STRING(only(shown), "0.0.0.0:7");
	CHECK_EQUAL_INT(start(AF_INET, NULL, "7", false), -1); /* nobody to connect to */
	CHECK_EQUAL_INT(error.class, ERROR_USAGE);
}

static void test_other_families(void)
{
	char shown[ADDRESS_TEXT];
	const struct endpoint path = { { AF_UNIX, SOCK_STREAM, 0 }, NULL, NULL, "@name" },
			      long_path = { { AF_UNIX, SOCK_STREAM, 0 }, NULL, NULL, "" };
	CHECK_EQUAL_INT(resolve_start(&path, false, &list, &job, &error), 1);
	CHECK_EQUAL_STRING(only(shown), "@name");
	CHECK_EQUAL_INT(resolve_start(&long_path, false, &list, &job, &error), -1);
	CHECK_EQUAL_INT(start(AF_VSOCK, "3", "4294967295", false), 1);
	CHECK_EQUAL_STRING(only(shown), "3:4294967295");
	CHECK_EQUAL_INT(start(AF_VSOCK, NULL, "1", true), 1);
	CHECK_EQUAL_STRING(only(shown), "4294967295:1"); /* VMADDR_CID_ANY */
	CHECK_EQUAL_INT(start(AF_VSOCK, "guest", "1", false), -1);
	CHECK_EQUAL_INT(start(AF_VSOCK, "3", "4294967296", false), -1);
	CHECK_EQUAL_INT(error.class, ERROR_USAGE);
}

static int await(void)
{
	struct pollfd done = { .fd = resolve_fd(job), .events = POLLIN };
	CHECK_EQUAL_INT(poll(&done, 1, 20000), 1);
	return resolve_finish(job, &list, &error);
}

static void test_services(void)
{
	char shown[ADDRESS_TEXT];
	CHECK_EQUAL_INT(start(AF_UNSPEC, "127.0.0.1", "no-such-service", false), 0);
	CHECK_EQUAL_INT(await(), -1);
	CHECK_EQUAL_INT(error.class, ERROR_RESOLVE);
	CHECK(strstr(error.text, "no-such-service"));
	CHECK_EQUAL_INT(start(AF_UNSPEC, "::1", "http", false), 0);
	if (!await()) /* where there is an /etc/services */
		CHECK_EQUAL_STRING(only(shown), "[::1]:80");
	CHECK_EQUAL_INT(start(AF_UNSPEC, "127.0.0.1", "no-such-service", false), 0);
	resolve_abandon(job); /* the thread has the rest to itself */
	resolve_abandon(NULL);
}

/* "6a 6b 4c" to a list: the digit is the family, the letter tells them apart. */
static void fill(const char *words)
{
	list.count = (strlen(words) + 1) / 3;
	list.items = calloc(list.count + 1, sizeof *list.items);
	for (size_t i = 0; list.items && i < list.count; i++) {
		list.items[i].any.sa_family = words[3 * i] == '6' ? AF_INET6 : AF_INET;
		address_set_port(&list.items[i], (unsigned char)words[3 * i + 1]);
	}
}

static void check_turns(const char *before, const char *after)
{
	char got[64] = "";
	fill(before);
	resolve_interleave(&list);
	for (size_t i = 0; i < list.count; i++)
		snprintf(got + strlen(got), sizeof got - strlen(got), "%s%c%c", i ? " " : "",
			 list.items[i].any.sa_family == AF_INET6 ? '6' : '4', (char)address_port(&list.items[i]));
	CHECK_EQUAL_STRING(got, after);
	resolve_free(&list);
}

static void test_interleave(void)
{
	check_turns("", "");
	check_turns("4a", "4a");
	check_turns("6a 6b", "6a 6b");
	check_turns("6a 4b", "6a 4b");
	check_turns("6a 6b 4c 4d", "6a 4c 6b 4d");
	check_turns("4a 4b 4c 6d", "4a 6d 4b 4c");
	check_turns("6a 6b 6c 4d 4e", "6a 4d 6b 4e 6c");
	check_turns("4a 6b 4c 6d", "4a 6b 4c 6d");
	check_turns("6a 4b 4c 4d 6e 6f", "6a 4b 6e 4c 6f 4d");
}

int main(void)
{
	test_literals();
	test_ports();
	test_wildcards();
	test_other_families();
	test_services();
	test_interleave();
	return test_result();
}
