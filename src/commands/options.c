#include "commands/options.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "commands/settings.h"

#define AT(field) .offset = offsetof(struct settings, field)

static const struct option say[] = {
	{ "verbose", 'v', OPTION_FLAG, AT(verbose),
	  .help = "tell who was connected to, listened for, accepted and closed" },
	{ "trace", 0, OPTION_FLAG, AT(trace), .help = "tell each socket call as it is made" },
	{ "json", 0, OPTION_FLAG, AT(json), .help = "write each line on standard error as a JSON object" },
	{ "stats", 0, OPTION_FLAG, AT(stats),
	  .help = "tell bytes, duration and speed in the end, and for TCP round trip and retransmissions" },
	{ "quiet", 'q', OPTION_FLAG, AT(quiet), .help = "not even errors: the exit status alone speaks" },
	{ "help", 'h', OPTION_FLAG, AT(help), .help = "show this and exit" },
};
OPTION_GROUP(options_say, "What skt says", say);

static const struct option_word families[] = {
	{ "any", AF_UNSPEC }, { "inet", AF_INET },   { "inet6", AF_INET6 },
	{ "unix", AF_UNIX },  { "vsock", AF_VSOCK }, { NULL, 0 },
};
const struct option_word options_types[] = {
	{ "stream", SOCK_STREAM },
	{ "dgram", SOCK_DGRAM },
	{ "seqpacket", SOCK_SEQPACKET },
	{ NULL, 0 },
};

static int take_protocol(const char *word, void *field, struct error *error)
{
	static const struct {
		const char *name;
		int number;
	} names[] = { { "tcp", IPPROTO_TCP },
		      { "udp", IPPROTO_UDP },
		      { "mptcp", 262 },
		      { "sctp", IPPROTO_SCTP },
		      { "udplite", IPPROTO_UDPLITE } };
	uint64_t number;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (!strcmp(word, names[i].name)) {
			*(int *)field = names[i].number;
			return 0;
		}
	if (text_number(word, 65535, &number))
		return error_set(error, ERROR_USAGE, 0,
				 "is not tcp, udp, mptcp, sctp, udplite or a number up to 65535");
	*(int *)field = (int)number;
	return 0;
}

static const struct option triple[] = {
	{ NULL, '4', OPTION_SET, AT(family), .value = AF_INET, .help = "IPv4 only" },
	{ NULL, '6', OPTION_SET, AT(family), .value = AF_INET6, .help = "IPv6 only" },
	{ "family", 0, OPTION_WORD, AT(family), "FAMILY", "address family", .words = families },
	{ "type", 0, OPTION_WORD, AT(type), "TYPE", "socket type", .words = options_types },
	{ "protocol", 0, OPTION_CUSTOM, AT(protocol), "PROTOCOL",
	  "tcp, udp, mptcp, sctp, udplite or a number; 0: the kernel's default for family and type",
	  .take = take_protocol },
};
OPTION_GROUP(options_triple, "The triple", triple);

static const struct option udp[] = {
	{ NULL, 'u', OPTION_SET, AT(protocol), .value = IPPROTO_UDP, .help = "UDP: the same as --protocol udp" },
};
OPTION_GROUP(options_udp, "UDP", udp);

static const struct option pipes[] = {
	{ "recv-only", 0, OPTION_FLAG, AT(recv_only), .help = "never read standard input" },
	{ "send-only", 0, OPTION_FLAG, AT(send_only),
	  .help = "exit once all of standard input is acknowledged; drop what comes" },
	{ "no-half-close", 0, OPTION_FLAG, AT(no_half_close),
	  .help = "keep the write side open at the end of standard input" },
	{ "hold", 0, OPTION_FLAG, AT(hold), .help = "keep sending after the peer's end, until standard input ends" },
	{ "linger", 0, OPTION_DURATION, AT(linger), "DURATION", "wait at most this long for the peer after our FIN" },
	{ "max-bytes", 0, OPTION_SIZE, AT(max_bytes), "SIZE",
	  "stop after so many received bytes, as recv(SIZE) would" },
	{ "crlf", 0, OPTION_FLAG, AT(crlf), .help = "send each line end as CR LF" },
	{ "telnet", 0, OPTION_FLAG, AT(telnet), .help = "refuse telnet options and take its commands out" },
	{ "rate", 0, OPTION_SIZE, AT(rate), "RATE", "send at most so many bytes a second", .least = 1 },
	{ "interval", 0, OPTION_DURATION, AT(interval), "DURATION", "pause so long behind each line sent" },
	{ "hex-dump", 0, OPTION_TEXT, AT(hex_dump), "FILE",
	  "write what passes, in hexadecimal with offset, direction and time; -: to standard error" },
	{ "buffer-size", 0, OPTION_SIZE, AT(buffer_size), "SIZE", "bytes moved at once (as fits the way they move)",
	  .least = 1, .most = 1 << 30 },
};
OPTION_GROUP(options_pipe, "The loop", pipes);

static const struct option progress[] = {
	{ "progress", 0, OPTION_SET, AT(progress), .value = 1,
	  .help = "show a live line: bytes, rate, share and time left" },
	{ "no-progress", 0, OPTION_SET, AT(progress), .value = -1,
	  .help = "do not, where it is the default (http-get -o on a terminal)" },
};
OPTION_GROUP(options_progress, "Progress", progress);

#define LIMITS(name_of_wait) \
	{ name_of_wait, 'w', OPTION_DURATION, AT(wait), "DURATION", "connect-timeout and idle-timeout in one" }, \
	    { "connect-timeout", 0, OPTION_DURATION, AT(connect_timeout), "DURATION", \
	      "for look-up and all attempts together (10s)" }, \
	    { "idle-timeout", 0, OPTION_DURATION, AT(idle_timeout), "DURATION", \
	      "nothing moved either way for so long" }, \
	{ "deadline", 0, OPTION_DURATION, AT(deadline), "DURATION", "for the whole run" }

static const struct option sandbox[] = {
	{ "sandbox", 0, OPTION_SET, AT(sandbox), .value = 1,
	  .help = "once all is open, give up files, TCP and privileges (the default where it can be)" },
	{ "no-sandbox", 0, OPTION_SET, AT(sandbox), .value = -1, .help = "give up nothing" },
};
OPTION_GROUP(options_sandbox, "Protection", sandbox);

static const struct option limits[] = { LIMITS("wait") };
OPTION_GROUP(options_limits, "Time limits", limits);

static const struct option limits_of_sender[] = { LIMITS(NULL) }; /* whose --wait is for replies */
OPTION_GROUP(options_limits_of_sender, "Time limits", limits_of_sender);

static const struct option accept_limit[] = {
	{ "accept-timeout", 0, OPTION_DURATION, AT(accept_timeout), "DURATION", "no client came for so long" },
};
OPTION_GROUP(options_accept_limit, "Waiting for clients", accept_limit);

int options_take_retry(const char *word, void *field, struct error *error)
{
	uint64_t *more = field;
	if (!strcmp(word, "forever"))
		*more = UINT64_MAX;
	else if (text_number(word, UINT32_MAX, more))
		return error_set(error, ERROR_USAGE, 0, "is not a number or 'forever'");
	return 0;
}

static const struct option connecting[] = {
	{ "source", 's', OPTION_TEXT, AT(source), "ADDR", "our own address" },
	{ "source-port", 'p', OPTION_TEXT, AT(source_port), "PORT", "our own port" },
	{ "attempt-delay", 0, OPTION_DURATION, AT(attempt_delay), "DURATION",
	  "between attempts at two addresses (250ms)" },
};
OPTION_GROUP(options_connect, "Connecting", connecting);

static const struct option retrying[] = {
	{ "retry", 0, OPTION_CUSTOM, AT(retry), "N|forever",
	  "try again so often when refused, unreachable or timed out", .take = options_take_retry },
	{ "retry-interval", 0, OPTION_DURATION, AT(retry_interval), "DURATION", "between two tries (1s)" },
};
OPTION_GROUP(options_retry, "Trying again", retrying);

/* What concerns standard input and output means nothing where clients are not piped to them. */
#define WITHOUT_PIPING(option) \
	{ OPTION_CONFLICT, option, "forward" }, { OPTION_CONFLICT, option, "echo" }, \
	    { OPTION_CONFLICT, option, "discard" }, { OPTION_CONFLICT, option, "exec" }, \
	    { OPTION_CONFLICT, option, "COMMAND" }
#define WITHOUT_STDIO(option) WITHOUT_PIPING(option), { OPTION_CONFLICT, option, "broker" }

const struct option_rule options_rules[] = {
	{ OPTION_CONFLICT, "recv-only", "send-only" },
	{ OPTION_CONFLICT, "recv-only", "crlf" },
	{ OPTION_CONFLICT, "recv-only", "rate" },
	{ OPTION_CONFLICT, "recv-only", "interval" },
	{ OPTION_CONFLICT, "recv-only", "hold" },
	{ OPTION_CONFLICT, "recv-only", "linger" },
	{ OPTION_CONFLICT, "send-only", "hold" },
	{ OPTION_CONFLICT, "send-only", "max-bytes" },
	{ OPTION_CONFLICT, "send-only", "linger" },
	{ OPTION_CONFLICT, "no-half-close", "linger" },
	{ OPTION_CONFLICT, "no-half-close", "send-only" },
	{ OPTION_CONFLICT, "sandbox", "exec" },
	{ OPTION_CONFLICT, "sandbox", "COMMAND" },
	{ OPTION_CONFLICT, "sandbox", "pass-fd" },
	{ OPTION_CONFLICT, "sandbox", "output" },
	WITHOUT_STDIO("progress"),
	WITHOUT_STDIO("crlf"),
	WITHOUT_STDIO("telnet"),
	WITHOUT_STDIO("rate"),
	WITHOUT_STDIO("interval"),
	WITHOUT_STDIO("hex-dump"),
	WITHOUT_STDIO("max-bytes"),
	WITHOUT_STDIO("linger"),
	WITHOUT_STDIO("hold"),
	WITHOUT_STDIO("send-only"),
	WITHOUT_PIPING("recv-only"),
	WITHOUT_STDIO("no-half-close"),
	WITHOUT_STDIO("buffer-size"),
	{ OPTION_CONFLICT, "pps", "interval" },
	{ OPTION_NEEDS, "join-source", "join" },
	{ OPTION_CONFLICT, "forward", "echo" },
	{ OPTION_CONFLICT, "forward", "discard" },
	{ OPTION_CONFLICT, "forward", "broker" },
	{ OPTION_CONFLICT, "echo", "discard" },
	{ OPTION_CONFLICT, "echo", "broker" },
	{ OPTION_CONFLICT, "discard", "broker" },
	{ OPTION_NEEDS, "broker", "listen" },
	{ OPTION_NEEDS, "broker-buffer", "broker" },
	{ OPTION_NEEDS, "forward", "listen" },
	{ OPTION_NEEDS, "echo", "listen" },
	{ OPTION_NEEDS, "discard", "listen" },
	{ OPTION_NEEDS, "clients", "listen" },
	{ OPTION_NEEDS, "max-clients", "listen" },
	{ OPTION_NEEDS, "drain", "listen" },
	{ OPTION_NEEDS, "allow-user", "listen" },
	{ OPTION_NEEDS, "allow-group", "listen" },
	{ OPTION_CONFLICT, "listen", "source" },
	{ OPTION_NEEDS, "keep-open", "listen" },
	{ OPTION_NEEDS, "backlog", "listen" },
	{ OPTION_NEEDS, "ready-fd", "listen" },
	{ OPTION_NEEDS, "ready-file", "listen" },
	{ OPTION_NEEDS, "accept-timeout", "listen" },
	{ OPTION_CONFLICT, "listen", "retry" },
	{ OPTION_NEEDS, "retry-interval", "retry" },
	{ OPTION_RULES_END, NULL, NULL },
};
