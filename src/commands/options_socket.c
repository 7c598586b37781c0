/* The rows of socket options: each fills one value of struct sockopts (net/sockopt.h), which knows what the kernel
 * calls it. */
#include <limits.h>
#include <strings.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "commands/options.h"
#include "commands/settings.h"
#include "net/address.h"

#define VALUE(which) .offset = offsetof(struct settings, options.items[which])

static void give(void *field, uint64_t number)
{
	*(struct sockopt_value *)field = (struct sockopt_value){ .given = true, .number = (int)number };
}

static int take_on(const char *word, void *field, struct error *error)
{
	(void)word, (void)error;
	give(field, 1);
	return 0;
}

static int take_off(const char *word, void *field, struct error *error)
{
	(void)word, (void)error;
	give(field, 0);
	return 0;
}

static int take_device(const char *word, void *field, struct error *error)
{
	uint32_t interface = address_zone(word);
	if (!interface)
		return error_set(error, ERROR_USAGE, 0, "is no network interface here");
	give(field, interface);
	return 0;
}

/* For who connects, and for who listens: so many handshakes at once, of which the kernel may allow fewer. */
static int take_fast_open(const char *word, void *field, struct error *error)
{
	struct sockopt_value *values = field;
	(void)word, (void)error;
	give(&values[0], 1);
	give(&values[1], 128);
	return 0;
}

static int take_size(const char *word, void *field, struct error *error)
{
	uint64_t bytes;
	if (text_size(word, &bytes) || bytes > INT_MAX)
		return error_set(error, ERROR_USAGE, 0, "is not a number of bytes up to 2G (like 64, 10K, 4M)");
	give(field, bytes);
	return 0;
}

static int take_hops(const char *word, void *field, struct error *error)
{
	uint64_t hops;
	if (text_number(word, 255, &hops))
		return error_set(error, ERROR_USAGE, 0, "is not a number from 0 to 255");
	give(field, hops);
	return 0;
}

static int take_mark(const char *word, void *field, struct error *error)
{
	uint64_t mark;
	if (text_number_any(word, UINT32_MAX, &mark))
		return error_set(error, ERROR_USAGE, 0, "is not a number up to 0xffffffff");
	give(field, mark);
	return 0;
}

static int take_name(const char *word, void *field, struct error *error)
{
	if (!*word)
		return error_set(error, ERROR_USAGE, 0, "is not a name");
	*(struct sockopt_value *)field = (struct sockopt_value){ .given = true, .text = word };
	return 0;
}

static int take_milliseconds(const char *word, void *field, struct error *error)
{
	int64_t span;
	if (text_duration(word, &span) || span / CLOCK_MS > INT_MAX)
		return error_set(error, ERROR_USAGE, 0, "is not a duration (like 250ms, 5s, 1.5s, 2m)");
	give(field, (uint64_t)(span / CLOCK_MS));
	return 0;
}

/* DSCP names (RFC 2474, 2597, 3246, 5865, 8622) stand for the upper six bits of the byte. */
static int take_tos(const char *word, void *field, struct error *error)
{
	static const struct {
		const char *name;
		int dscp;
	} names[] = { { "cs0", 0 },   { "cs1", 8 },   { "cs2", 16 },  { "cs3", 24 },  { "cs4", 32 },  { "cs5", 40 },
		      { "cs6", 48 },  { "cs7", 56 },  { "af11", 10 }, { "af12", 12 }, { "af13", 14 }, { "af21", 18 },
		      { "af22", 20 }, { "af23", 22 }, { "af31", 26 }, { "af32", 28 }, { "af33", 30 }, { "af41", 34 },
		      { "af42", 36 }, { "af43", 38 }, { "ef", 46 },   { "va", 44 },   { "le", 1 } };
	uint64_t byte;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (!strcasecmp(word, names[i].name)) {
			give(field, (uint64_t)names[i].dscp << 2);
			return 0;
		}
	if (text_number_any(word, 255, &byte))
		return error_set(error, ERROR_USAGE, 0,
				 "is not a DSCP name (like ef, af41, cs1) or a number from 0 to 255");
	give(field, byte);
	return 0;
}

/* --keep-alive[=IDLE,INTERVAL,COUNT] fills four values that lie one behind the other. */
static int take_keep_alive(const char *word, void *field, struct error *error)
{
	struct sockopt_value *values = field;
	char part[32];
	int64_t span[2];
	uint64_t count;
	give(&values[0], 1);
	if (!word)
		return 0;
	for (int i = 0; i < 2; i++) {
		size_t n = strcspn(word, ",");
		if (n >= sizeof part || word[n] != ',')
			goto refuse;
		memcpy(part, word, n);
		part[n] = '\0';
		if (text_duration(part, &span[i]) || span[i] < CLOCK_S || span[i] % CLOCK_S ||
		    span[i] / CLOCK_S > 32767)
			goto refuse;
		give(&values[1 + i], (uint64_t)(span[i] / CLOCK_S));
		word += n + 1;
	}
	if (text_number(word, 127, &count) || !count)
		goto refuse;
	give(&values[3], count);
	return 0;
refuse:
	return error_set(error, ERROR_USAGE, 0, "is not IDLE,INTERVAL,COUNT (like 60s,10s,5; whole seconds)");
}

static const struct option socket_rows[] = {
	{ "interface", 0, OPTION_CUSTOM, VALUE(SOCKOPT_INTERFACE), "DEV", "use this network interface only",
	  .take = take_name },
	{ "tos", 0, OPTION_CUSTOM, VALUE(SOCKOPT_TOS), "NAME|NUMBER", "DSCP name, or the whole type-of-service byte",
	  .take = take_tos },
	{ "ttl", 0, OPTION_CUSTOM, VALUE(SOCKOPT_TTL), "N", "time to live (hop limit) of what is sent",
	  .take = take_hops },
	{ "send-buffer", 0, OPTION_CUSTOM, VALUE(SOCKOPT_SEND_BUFFER), "SIZE", "the kernel's send buffer",
	  .take = take_size },
	{ "recv-buffer", 0, OPTION_CUSTOM, VALUE(SOCKOPT_RECV_BUFFER), "SIZE", "the kernel's receive buffer",
	  .take = take_size },
	{ "mark", 0, OPTION_CUSTOM, VALUE(SOCKOPT_MARK), "N", "firewall mark (needs CAP_NET_ADMIN)",
	  .take = take_mark },
	{ "reuse-port", 0, OPTION_CUSTOM, VALUE(SOCKOPT_REUSE_PORT),
	  .help = "share the port with others that ask for this too", .take = take_on },
};
OPTION_GROUP(options_socket, "Socket options", socket_rows);

static const struct option many_rows[] = {
	{ "broadcast", 0, OPTION_CUSTOM, VALUE(SOCKOPT_BROADCAST), .help = "let HOST be a broadcast address",
	  .take = take_on },
	{ "multicast-interface", 0, OPTION_CUSTOM, VALUE(SOCKOPT_MULTICAST_INTERFACE), "DEV",
	  "send to a multicast group by this network interface", .take = take_device },
	{ "no-loop", 0, OPTION_CUSTOM, VALUE(SOCKOPT_MULTICAST_LOOP),
	  .help = "members of a multicast group on this machine get nothing", .take = take_off },
};
OPTION_GROUP(options_socket_many, "Broadcast and multicast", many_rows);

static const struct option tcp_rows[] = {
	{ "no-delay", 0, OPTION_CUSTOM, VALUE(SOCKOPT_NO_DELAY), .help = "send small segments at once (TCP_NODELAY)",
	  .take = take_on },
	{ "keep-alive", 0, OPTION_CUSTOM, VALUE(SOCKOPT_KEEP_ALIVE), "IDLE,INTERVAL,COUNT", "probe an idle connection",
	  .optional = true, .take = take_keep_alive },
	{ "user-timeout", 0, OPTION_CUSTOM, VALUE(SOCKOPT_USER_TIMEOUT), "DURATION",
	  "give up when what was sent stays unacknowledged for so long", .take = take_milliseconds },
	{ "fast-open", 0, OPTION_CUSTOM, VALUE(SOCKOPT_FAST_OPEN),
	  .help = "send the first bytes with the SYN, and take such (TCP Fast Open)", .take = take_fast_open },
	{ "md5-file", 0, OPTION_TEXT, .offset = offsetof(struct settings, md5_file), "FILE",
	  "sign each segment with the key that is this file's one line (RFC 2385)" },
	{ "congestion", 0, OPTION_CUSTOM, VALUE(SOCKOPT_CONGESTION), "NAME", "congestion control (cubic, bbr, ...)",
	  .take = take_name },
	{ "min-ttl", 0, OPTION_CUSTOM, VALUE(SOCKOPT_MIN_TTL), "N", "drop packets that come with a lower time to live",
	  .take = take_hops },
};
OPTION_GROUP(options_socket_tcp, "TCP", tcp_rows);
