/* Triples: which exist, what follows from what, what they are called. */
#include "net/triple.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "test.h"

enum { MPTCP = 262, SCTP = 132, UDPLITE = 136 };

static void test_combinations(void)
{
	static const int families[] = { AF_UNSPEC, AF_INET, AF_INET6, AF_UNIX, AF_VSOCK };
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };
	static const int protocols[] = { 0, IPPROTO_TCP, IPPROTO_UDP, MPTCP, SCTP, UDPLITE };
	/* For each protocol the types (bits of `types`) that the internet families know. */
	static const int exist[] = { 7, 1, 2, 1, 5, 2 };
	char shown[64];
	for (size_t f = 0; f < 5; f++)
		for (size_t t = 0; t < 3; t++)
			for (size_t p = 0; p < 6; p++) {
				const struct triple triple = { families[f], types[t], protocols[p] };
				struct error error = { 0 };
				bool exists = f < 3 ? exist[p] >> t & 1 : !p;
				if (!CHECK_EQUAL_INT(triple_check(&triple, &error), exists ? 0 : -1))
					fprintf(stderr, "\t%s\n", triple_show(shown, sizeof shown, &triple));
				CHECK_EQUAL_INT(error.class, exists ? ERROR_NONE : ERROR_USAGE);
				CHECK(exists || strstr(error.text, triple_show(shown, sizeof shown, &triple)));
			}
	const struct triple number = { AF_INET, SOCK_STREAM, 253 }; /* the kernel's to judge */
	struct error error;
	CHECK_EQUAL_INT(triple_check(&number, &error), 0);
}

static void check_complete(struct triple given, struct triple usual, const char *expected)
{
	char shown[64];
	triple_complete(&given, &usual);
	CHECK_EQUAL_STRING(triple_show(shown, sizeof shown, &given), expected);
}

static void test_complete(void)
{
	enum { OPEN = TRIPLE_OPEN };
	const struct triple tcp = { AF_UNSPEC, SOCK_STREAM, IPPROTO_TCP }, udp = { AF_UNSPEC, SOCK_DGRAM, IPPROTO_UDP },
			    local = { AF_UNIX, SOCK_STREAM, 0 };
	check_complete((struct triple){ OPEN, OPEN, OPEN }, tcp, "any stream tcp");
	check_complete((struct triple){ OPEN, OPEN, OPEN }, udp, "any dgram udp");
	check_complete((struct triple){ OPEN, OPEN, OPEN }, local, "unix stream 0");
	check_complete((struct triple){ AF_INET6, OPEN, OPEN }, tcp, "inet6 stream tcp");
	check_complete((struct triple){ AF_INET, OPEN, OPEN }, udp, "inet dgram udp");
	check_complete((struct triple){ OPEN, OPEN, IPPROTO_UDP }, tcp, "any dgram udp");
	check_complete((struct triple){ OPEN, OPEN, UDPLITE }, tcp, "any dgram udplite");
	check_complete((struct triple){ OPEN, OPEN, MPTCP }, tcp, "any stream mptcp");
	check_complete((struct triple){ OPEN, OPEN, SCTP }, tcp, "any stream sctp");
	check_complete((struct triple){ OPEN, SOCK_DGRAM, OPEN }, tcp, "any dgram udp");
	check_complete((struct triple){ OPEN, SOCK_SEQPACKET, OPEN }, tcp, "any seqpacket sctp");
	check_complete((struct triple){ OPEN, SOCK_SEQPACKET, OPEN }, local, "unix seqpacket 0");
	check_complete((struct triple){ OPEN, SOCK_DGRAM, OPEN }, local, "unix dgram 0");
	check_complete((struct triple){ AF_VSOCK, OPEN, OPEN }, tcp, "vsock stream 0");
	check_complete((struct triple){ AF_VSOCK, SOCK_SEQPACKET, OPEN }, tcp, "vsock seqpacket 0");
	check_complete((struct triple){ OPEN, OPEN, 0 }, tcp, "any stream 0"); /* given, and kept */
	check_complete((struct triple){ AF_INET, SOCK_DGRAM, IPPROTO_TCP }, tcp, "inet dgram tcp");
}

static void test_names(void)
{
	char out[16];
	CHECK_EQUAL_STRING(triple_constant(triple_families, AF_INET6, out, sizeof out), "AF_INET6");
	CHECK_EQUAL_STRING(triple_constant(triple_types, SOCK_SEQPACKET, out, sizeof out), "SOCK_SEQPACKET");
	CHECK_EQUAL_STRING(triple_constant(triple_protocols, MPTCP, out, sizeof out), "IPPROTO_MPTCP");
	CHECK_EQUAL_STRING(triple_constant(triple_protocols, 0, out, sizeof out), "0");
	CHECK_EQUAL_STRING(triple_constant(triple_protocols, 253, out, sizeof out), "253");
}

static void test_abilities(void)
{
	const struct triple tcp = { AF_INET, SOCK_STREAM, IPPROTO_TCP }, udp = { AF_INET, SOCK_DGRAM, IPPROTO_UDP },
			    local = { AF_UNIX, SOCK_SEQPACKET, 0 };
	CHECK(!triple_has_boundaries(&tcp) && triple_has_end(&tcp));
	CHECK(triple_has_boundaries(&udp) && !triple_has_end(&udp));
	CHECK(triple_has_boundaries(&local) && triple_has_end(&local));
}

int main(void)
{
	test_combinations();
	test_complete();
	test_names();
	test_abilities();
	return test_result();
}
