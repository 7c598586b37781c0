#include "net/sockopt.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "net/call.h"

#ifndef IPV6_MINHOPCOUNT
#define IPV6_MINHOPCOUNT 73
#endif

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

enum {
	ROOM = 4 * 1024 * 1024, /* bytes for datagrams that wait to be read, at least, where we may choose */
	OVERHEAD = 32,          /* of SO_SNDBUF that a unix message cannot have (unix_dgram_sendmsg of Linux) */
};

enum value_kind { NUMBER, TEXT, DEVICE };

enum { BEFORE_OPEN = SOCKOPT_BEFORE_CONNECT | SOCKOPT_BEFORE_LISTEN };

struct row {
	const char *option;   /* as the user knows it */
	const char *constant; /* "IPPROTO_TCP, TCP_NODELAY" */
	int level, name;
	int level6, name6; /* in the inet6 family, where it differs; 0: the same */
	int forced;        /* of a buffer: its name where the administrator's limit does not count; 0: it is none */
	unsigned when;     /* enum sockopt_when, or several of them */
	enum value_kind kind;
	int family, type;             /* the only one it makes sense for; AF_INET stands for both; 0: any */
	const struct row *for_groups; /* in its place, where datagrams go to a multicast group; NULL: the same */
	bool only_groups;             /* it makes sense only there */
};

#define SOCKET(symbol) .constant = "SOL_SOCKET, " #symbol, .level = SOL_SOCKET, .name = symbol
#define TCP(symbol)                                                                                                    \
	.constant = "IPPROTO_TCP, " #symbol, .level = IPPROTO_TCP, .name = symbol, .family = AF_INET,                  \
	.type = SOCK_STREAM
#define IP(symbol, symbol6)                                                                                            \
	.constant = #symbol ", " #symbol6, .level = IPPROTO_IP, .name = symbol, .level6 = IPPROTO_IPV6,                \
	.name6 = symbol6, .family = AF_INET

static const struct row multicast_ttl = { "--ttl", IP(IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS), .when = BEFORE_OPEN };

static const struct row rows[SOCKOPT_COUNT] = {
	[SOCKOPT_REUSE_PORT] = { "--reuse-port", SOCKET(SO_REUSEPORT), .when = SOCKOPT_BEFORE_BIND, .family = AF_INET },
	[SOCKOPT_INTERFACE] = { "--interface", SOCKET(SO_BINDTODEVICE), .when = SOCKOPT_BEFORE_BIND, .kind = TEXT,
				.family = AF_INET },
	[SOCKOPT_MARK] = { "--mark", SOCKET(SO_MARK), .when = SOCKOPT_BEFORE_BIND, .family = AF_INET },
	[SOCKOPT_SEND_BUFFER] = { "--send-buffer", SOCKET(SO_SNDBUF), .when = BEFORE_OPEN, .forced = SO_SNDBUFFORCE },
	[SOCKOPT_RECV_BUFFER] = { "--recv-buffer", SOCKET(SO_RCVBUF), .when = BEFORE_OPEN, .forced = SO_RCVBUFFORCE },
	[SOCKOPT_NO_DELAY] = { "--no-delay", TCP(TCP_NODELAY), .when = BEFORE_OPEN },
	[SOCKOPT_KEEP_ALIVE] = { "--keep-alive", SOCKET(SO_KEEPALIVE), .when = BEFORE_OPEN, .family = AF_INET,
				 .type = SOCK_STREAM },
	[SOCKOPT_KEEP_IDLE] = { "--keep-alive", TCP(TCP_KEEPIDLE), .when = BEFORE_OPEN },
	[SOCKOPT_KEEP_INTERVAL] = { "--keep-alive", TCP(TCP_KEEPINTVL), .when = BEFORE_OPEN },
	[SOCKOPT_KEEP_COUNT] = { "--keep-alive", TCP(TCP_KEEPCNT), .when = BEFORE_OPEN },
	[SOCKOPT_USER_TIMEOUT] = { "--user-timeout", TCP(TCP_USER_TIMEOUT), .when = BEFORE_OPEN },
	[SOCKOPT_TOS] = { "--tos", IP(IP_TOS, IPV6_TCLASS), .when = BEFORE_OPEN },
	[SOCKOPT_TTL] = { "--ttl", IP(IP_TTL, IPV6_UNICAST_HOPS), .when = BEFORE_OPEN, .for_groups = &multicast_ttl },
	[SOCKOPT_MIN_TTL] = { "--min-ttl", IP(IP_MINTTL, IPV6_MINHOPCOUNT), .when = BEFORE_OPEN,
			      .type = SOCK_STREAM }, /* for UDP the kernel takes it, and drops nothing */
	[SOCKOPT_CONGESTION] = { "--congestion", TCP(TCP_CONGESTION), .when = BEFORE_OPEN, .kind = TEXT },
	[SOCKOPT_FAST_OPEN] = { "--fast-open", TCP(TCP_FASTOPEN_CONNECT), .when = SOCKOPT_BEFORE_CONNECT },
	[SOCKOPT_FAST_OPEN_QUEUE] = { "--fast-open", TCP(TCP_FASTOPEN), .when = SOCKOPT_BEFORE_LISTEN },
	[SOCKOPT_BROADCAST] = { "--broadcast", SOCKET(SO_BROADCAST), .when = BEFORE_OPEN, .type = SOCK_DGRAM },
	[SOCKOPT_MULTICAST_INTERFACE] = { "--multicast-interface", IP(IP_MULTICAST_IF, IPV6_MULTICAST_IF),
					  .when = BEFORE_OPEN, .kind = DEVICE, .only_groups = true },
	[SOCKOPT_MULTICAST_LOOP] = { "--no-loop", IP(IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP), .when = BEFORE_OPEN,
				     .only_groups = true },
};

/* Beyond the administrator's limit (net.core.rmem_max) where we may: root gets what it asks for. */
static bool force(const struct row *row, const struct sockopt_value *value, int fd, const struct trace *trace)
{
	char what[80];
	if (!row->forced)
		return false;
	snprintf(what, sizeof what, "%sFORCE, %d", row->constant, value->number);
	return !call_setsockopt(trace, fd, row->level, row->forced, &value->number, sizeof value->number, what);
}

static int set(const struct row *row, const struct sockopt_value *value, int fd, bool inet6, const struct trace *trace)
{
	char what[160];
	int level = inet6 && row->level6 ? row->level6 : row->level;
	int name = inet6 && row->name6 ? row->name6 : row->name;
	if (row->kind == TEXT && value->text) {
		snprintf(what, sizeof what, "%s, \"%.64s\"", row->constant, value->text);
		return call_setsockopt(trace, fd, level, name, value->text, (socklen_t)strlen(value->text), what);
	}
	if (force(row, value, fd, trace))
		return 0;
	snprintf(what, sizeof what, "%s, %d", row->constant, value->number);
	if (row->kind == DEVICE && level == IPPROTO_IP) {
		const struct ip_mreqn device = { .imr_ifindex = value->number };
		return call_setsockopt(trace, fd, level, name, &device, sizeof device, what);
	}
	return call_setsockopt(trace, fd, level, name, &value->number, sizeof value->number, what);
}

/* A dual-stack socket sends IPv4 with the IPv4 options: set them too where an inet6 socket has its own. */
static int set_both(const struct row *row, const struct sockopt_value *value, int fd, const struct triple *triple,
		    const struct trace *trace)
{
	bool inet6 = triple->family == AF_INET6;
	int result = set(row, value, fd, inet6, trace);
	if (!result && inet6 && row->level6)
		(void)set(row, value, fd, false, trace); /* a V6ONLY socket may refuse, and does not need it */
	return result;
}

static bool fits(const struct row *row, const struct triple *triple)
{
	bool inet = triple->family == AF_INET || triple->family == AF_INET6 || triple->family == AF_UNSPEC;
	return (!row->family || inet) && (!row->type || row->type == triple->type);
}

int sockopt_check(const struct sockopts *options, const struct triple *triple, struct error *error)
{
	char shown[64];
	for (size_t i = 0; i < SOCKOPT_COUNT; i++)
		if (options->items[i].given && !fits(&rows[i], triple))
			return error_set(error, ERROR_USAGE, 0, "%s means nothing for a socket of '%s'", rows[i].option,
					 triple_show(shown, sizeof shown, triple));
	return 0;
}

/* A buffer above the administrator's limit is cut to it without a word; what is told is twice what was taken:
 * socket(7). */
static bool was_cut(const struct row *row, int asked, int fd, int *taken)
{
	socklen_t size = sizeof *taken;
	if (!row->forced || getsockopt(fd, row->level, row->name, taken, &size))
		return false;
	*taken /= 2;
	return *taken < asked;
}

static int refused(const struct row *row, const struct sockopt_value *value, int number, struct error *error)
{
	char name[160];
	if (!value->text)
		return error_system(error, ERROR_UNEXPECTED, number, "%s", row->option);
	return error_system(error, ERROR_UNEXPECTED, number, "%s: '%s'", row->option, TEXT_SHOW(name, value->text));
}

int sockopt_apply(const struct sockopts *options, enum sockopt_when when, int fd, const struct triple *triple,
		  const struct address *to, const struct trace *trace, struct error *error)
{
	char shown[ADDRESS_TEXT];
	bool group = to && address_is_group(to);
	int taken;
	for (size_t i = 0; i < SOCKOPT_COUNT; i++) {
		const struct row *row = group && rows[i].for_groups ? rows[i].for_groups : &rows[i];
		if (!options->items[i].given || !(row->when & when) || !fits(row, triple))
			continue;
		if (row->only_groups && !group)
			return error_set(error, ERROR_USAGE, 0, "%s: %.300s is no multicast group", row->option,
					 to ? address_host(shown, to) : "that");
		if (set_both(row, &options->items[i], fd, triple, trace))
			return refused(row, &options->items[i], errno, error);
		if (was_cut(row, options->items[i].number, fd, &taken))
			return error_set(error, ERROR_UNEXPECTED, 0,
					 "%s: %d bytes are the most that the kernel allows (net.core.%s)", row->option,
					 taken, row->name == SO_RCVBUF ? "rmem_max" : "wmem_max");
	}
	return 0;
}

int sockopt_set(const struct trace *trace, int fd, int level, int option, int value, const char *what)
{
	return call_setsockopt(trace, fd, level, option, &value, sizeof value, what);
}

void sockopt_hear_errors(int fd, const struct triple *triple, const struct trace *trace)
{
	/* Without it errors are still heard, but for those that come in a bunch. */
	if (triple->family == AF_INET || triple->family == AF_INET6)
		(void)sockopt_set(trace, fd, IPPROTO_IP, IP_RECVERR, 1, "IPPROTO_IP, IP_RECVERR, 1");
	if (triple->family == AF_INET6)
		(void)sockopt_set(trace, fd, IPPROTO_IPV6, IPV6_RECVERR, 1, "IPPROTO_IPV6, IPV6_RECVERR, 1");
}

void sockopt_receive_credentials(int fd, const struct triple *triple, const struct trace *trace)
{
	if (triple->family == AF_UNIX && triple_has_boundaries(triple))
		(void)sockopt_set(trace, fd, SOL_SOCKET, SO_PASSCRED, 1, "SOL_SOCKET, SO_PASSCRED, 1");
}

static size_t send_buffer(int fd)
{
	int room = 0;
	socklen_t size = sizeof room;
	bool known = !getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, &size) && room > OVERHEAD;
	return known ? (size_t)(room - OVERHEAD) : 0;
}

size_t sockopt_most(int fd, size_t wanted, const struct trace *trace)
{
	size_t most = send_buffer(fd);
	if (wanted <= most || wanted > INT_MAX / 2)
		return most;
	/* What is asked for is doubled by the kernel (socket(7)). */
	const struct sockopt_value room = { .given = true, .number = (int)(wanted + OVERHEAD + 1) / 2 };
	(void)set(&rows[SOCKOPT_SEND_BUFFER], &room, fd, false, trace);
	return send_buffer(fd);
}

/* As much as the administrator allows, to which the kernel cuts what is asked for; and ROOM where we may go beyond. */
static void make_room(int fd, const struct trace *trace)
{
	const struct row *row = &rows[SOCKOPT_RECV_BUFFER];
	const struct sockopt_value room = { .given = true, .number = ROOM };
	int taken;
	(void)sockopt_set(trace, fd, SOL_SOCKET, SO_RCVBUF, INT_MAX / 2, "SOL_SOCKET, SO_RCVBUF, INT_MAX / 2");
	if (was_cut(row, ROOM, fd, &taken))
		(void)force(row, &room, fd, trace);
}

void sockopt_receive_many(int fd, const struct triple *triple, const struct sockopts *options,
			  const struct trace *trace)
{
	(void)sockopt_set(trace, fd, SOL_SOCKET, SO_RXQ_OVFL, 1, "SOL_SOCKET, SO_RXQ_OVFL, 1");
	if (triple_is_udp(triple))
		(void)sockopt_set(trace, fd, IPPROTO_UDP, UDP_GRO, 1, "IPPROTO_UDP, UDP_GRO, 1");
	if (!options->items[SOCKOPT_RECV_BUFFER].given)
		make_room(fd, trace);
}
