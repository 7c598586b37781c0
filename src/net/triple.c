#include "net/triple.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/trace.h"
#include "net/call.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

const struct triple_name triple_families[] = {
	{ "any", "AF_UNSPEC", AF_UNSPEC }, { "inet", "AF_INET", AF_INET },    { "inet6", "AF_INET6", AF_INET6 },
	{ "unix", "AF_UNIX", AF_UNIX },    { "vsock", "AF_VSOCK", AF_VSOCK }, { NULL, NULL, 0 },
};

const struct triple_name triple_types[] = {
	{ "stream", "SOCK_STREAM", SOCK_STREAM },
	{ "dgram", "SOCK_DGRAM", SOCK_DGRAM },
	{ "seqpacket", "SOCK_SEQPACKET", SOCK_SEQPACKET },
	{ NULL, NULL, 0 },
};

const struct triple_name triple_protocols[] = {
	{ "tcp", "IPPROTO_TCP", IPPROTO_TCP },
	{ "udp", "IPPROTO_UDP", IPPROTO_UDP },
	{ "mptcp", "IPPROTO_MPTCP", IPPROTO_MPTCP },
	{ "sctp", "IPPROTO_SCTP", IPPROTO_SCTP },
	{ "udplite", "IPPROTO_UDPLITE", IPPROTO_UDPLITE },
	{ NULL, NULL, 0 },
};

enum { INET = 1, UNIX = 2, VSOCK = 4 };

/* Which protocol goes with which families and type; 0 is every family's default. */
static const struct {
	int protocol, type;
	int families;
} combinations[] = {
	{ IPPROTO_TCP, SOCK_STREAM, INET },         { IPPROTO_MPTCP, SOCK_STREAM, INET },
	{ IPPROTO_SCTP, SOCK_STREAM, INET },        { IPPROTO_SCTP, SOCK_SEQPACKET, INET },
	{ IPPROTO_UDP, SOCK_DGRAM, INET },          { IPPROTO_UDPLITE, SOCK_DGRAM, INET },
	{ 0, SOCK_STREAM, INET | UNIX | VSOCK },    { 0, SOCK_DGRAM, INET | UNIX | VSOCK },
	{ 0, SOCK_SEQPACKET, INET | UNIX | VSOCK },
};

/* What a type can do. */
static const struct {
	int type;
	bool ends, boundaries;
} abilities[] = {
	{ SOCK_STREAM, .ends = true },
	{ SOCK_DGRAM, .boundaries = true },
	{ SOCK_SEQPACKET, .ends = true, .boundaries = true },
};

static int bit_of(int family)
{
	return family == AF_UNIX ? UNIX : family == AF_VSOCK ? VSOCK : INET;
}

static const struct triple_name *by_value(const struct triple_name *names, int value)
{
	for (; names->word; names++)
		if (names->value == value)
			return names;
	return NULL;
}

const char *triple_constant(const struct triple_name *names, int value, char *out, size_t size)
{
	const struct triple_name *name = by_value(names, value);
	if (name)
		return name->constant;
	snprintf(out, size, "%d", value);
	return out;
}

static const char *word_of(const struct triple_name *names, int value, char out[static 12])
{
	const struct triple_name *name = by_value(names, value);
	if (name)
		return name->word;
	snprintf(out, 12, "%d", value);
	return out;
}

char *triple_show(char *out, size_t size, const struct triple *triple)
{
	char family[12], type[12], protocol[12];
	snprintf(out, size, "%s %s %s", word_of(triple_families, triple->family, family),
		 word_of(triple_types, triple->type, type), word_of(triple_protocols, triple->protocol, protocol));
	return out;
}

/* The type that a protocol goes with first, TRIPLE_OPEN where it is not known. */
static int type_of(int protocol)
{
	for (size_t i = 0; i < sizeof combinations / sizeof combinations[0]; i++)
		if (protocol > 0 && combinations[i].protocol == protocol)
			return combinations[i].type;
	return TRIPLE_OPEN;
}

/* The protocol of the internet families that goes with a type first; the others have but the default. */
static int protocol_of(int family, int type)
{
	for (size_t i = 0; i < sizeof combinations / sizeof combinations[0]; i++)
		if (combinations[i].type == type && combinations[i].families & bit_of(family))
			return combinations[i].protocol;
	return 0;
}

void triple_complete(struct triple *triple, const struct triple *usual)
{
	bool usual_family = triple->family == TRIPLE_OPEN || triple->family == usual->family;
	if (triple->family == TRIPLE_OPEN)
		triple->family = usual->family;
	if (triple->type == TRIPLE_OPEN)
		triple->type = type_of(triple->protocol);
	if (triple->type == TRIPLE_OPEN)
		triple->type = usual->type;
	if (triple->protocol == TRIPLE_OPEN)
		triple->protocol = usual_family && triple->type == usual->type
				       ? usual->protocol
				       : protocol_of(triple->family, triple->type);
}

/* What a protocol of the rows goes with: "inet or inet6, stream or seqpacket". */
static const char *partners(int protocol, char out[static 64])
{
	snprintf(out, 64, "inet or inet6, ");
	for (size_t i = 0, n = 0; i < sizeof combinations / sizeof combinations[0]; i++) {
		char type[12];
		if (combinations[i].protocol != protocol)
			continue;
		size_t used = strlen(out);
		snprintf(out + used, 64 - used, "%s%s", n++ ? " or " : "",
			 word_of(triple_types, combinations[i].type, type));
	}
	return out;
}

int triple_check(const struct triple *triple, struct error *error)
{
	char shown[64], protocol[12], types[64];
	int family = bit_of(triple->family);
	if (triple->protocol && !by_value(triple_protocols, triple->protocol))
		return 0;
	for (size_t i = 0; i < sizeof combinations / sizeof combinations[0]; i++)
		if (combinations[i].protocol == triple->protocol && combinations[i].type == triple->type &&
		    (combinations[i].families & family))
			return 0;
	return error_set(error, ERROR_USAGE, 0,
			 "there is no socket of family, type and protocol '%s' (%s goes with %s)",
			 triple_show(shown, sizeof shown, triple),
			 word_of(triple_protocols, triple->protocol, protocol), partners(triple->protocol, types));
}

static bool is_internet(const struct triple *triple)
{
	return bit_of(triple->family) == INET;
}

bool triple_is_tcp(const struct triple *triple)
{
	int protocol = triple->protocol;
	return is_internet(triple) && triple->type == SOCK_STREAM &&
	       (!protocol || protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP);
}

bool triple_is_mptcp(const struct triple *triple)
{
	return triple->protocol == IPPROTO_MPTCP;
}

bool triple_is_internet_datagram(const struct triple *triple)
{
	return is_internet(triple) && triple->type == SOCK_DGRAM;
}

bool triple_is_udp(const struct triple *triple)
{
	return triple_is_internet_datagram(triple) && (!triple->protocol || triple->protocol == IPPROTO_UDP);
}

static size_t ability(const struct triple *triple)
{
	size_t i = 0;
	while (i + 1 < sizeof abilities / sizeof abilities[0] && abilities[i].type != triple->type)
		i++;
	return i;
}

bool triple_has_boundaries(const struct triple *triple)
{
	return abilities[ability(triple)].boundaries;
}

bool triple_has_end(const struct triple *triple)
{
	bool many = triple->type == SOCK_SEQPACKET && is_internet(triple); /* SCTP's (RFC 6458 3): one for all peers */
	return abilities[ability(triple)].ends && !many;
}

bool triple_listens(const struct triple *triple)
{
	return abilities[ability(triple)].ends;
}

int triple_socket(const struct triple *triple, const struct trace *trace, struct error *error)
{
	static const int missing[] = { EPROTONOSUPPORT, ESOCKTNOSUPPORT, EAFNOSUPPORT, EPFNOSUPPORT,
				       ENOPROTOOPT,     ENODEV,          EINVAL };
	char shown[64];
	int fd = call_socket(trace, triple->family, triple->type, triple->protocol);
	if (fd >= 0)
		return fd;
	int number = errno;
	/* Where MPTCP is built in it can still be turned off, and says so by this number. */
	bool off = triple->protocol == IPPROTO_MPTCP && number == ENOPROTOOPT;
	for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++)
		if (number == missing[i])
			return error_system(error, ERROR_UNEXPECTED, number, "this kernel has no sockets of '%s'%s",
					    triple_show(shown, sizeof shown, triple),
					    off ? " (sysctl net.mptcp.enabled is 0)" : "");
	return error_system(error, ERROR_UNEXPECTED, number, "socket '%s'", triple_show(shown, sizeof shown, triple));
}
