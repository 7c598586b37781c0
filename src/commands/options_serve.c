/* The rows of servers: listening, many clients, readiness, unix-domain sockets. */
#include <stdint.h>

#include "commands/options.h"
#include "commands/settings.h"

#define AT(field) .offset = offsetof(struct settings, field)

static const struct option serving[] = {
	{ "keep-open", 'k', OPTION_FLAG, AT(keep_open), .help = "serve the next client after this one, for ever" },
	{ "backlog", 0, OPTION_NUMBER, AT(backlog), "N", "connections that may wait to be accepted (128)", .least = 0,
	  .most = INT32_MAX },
	{ "inherit", 0, OPTION_FLAG, AT(inherit),
	  .help = "serve the sockets that systemd or inetd opened, in place of one of our own" },
};
OPTION_GROUP(options_serve, "Serving", serving);

static const struct option access_rows[] = {
	{ "allow", 0, OPTION_LIST, AT(allow), "SPEC",
	  "let in address, ADDRESS/BITS or name; with any of these all others are out" },
	{ "deny", 0, OPTION_LIST, AT(deny), "SPEC", "keep out address, ADDRESS/BITS or name, though it be allowed" },
	{ "allow-file", 0, OPTION_LIST, AT(allow_file), "FILE", "as --allow, a SPEC a line; an empty one lets nobody in" },
};
OPTION_GROUP(options_serve_access, "Who may come", access_rows);

static const struct option many[] = {
	{ "forward", 0, OPTION_TEXT, AT(forward), "HOST:PORT|unix:PATH", "pipe every client to a connection there" },
	{ "echo", 0, OPTION_FLAG, AT(echo), .help = "send every client what it says (RFC 862)" },
	{ "discard", 0, OPTION_FLAG, AT(discard), .help = "take what every client says and drop it (RFC 863)" },
	{ "broker", 0, OPTION_FLAG, AT(broker),
	  .help = "what one client says, or standard input, all others get, and standard output" },
	{ "broker-buffer", 0, OPTION_SIZE, AT(broker_buffer), "SIZE",
	  "a client that is so far behind the others is dropped (1M)", .least = 1, .most = 1 << 30 },
	{ "clients", 0, OPTION_NUMBER, AT(clients), "N", "end after N clients have been served", .least = 1 },
	{ "max-clients", 0, OPTION_NUMBER, AT(max_clients), "N",
	  "at a time; more wait in the backlog (what RLIMIT_NOFILE allows)", .least = 1 },
	{ "drain", 0, OPTION_DURATION, AT(drain), "DURATION",
	  "on SIGTERM or SIGINT let open sessions go on for so long (0)" },
};
OPTION_GROUP(options_serve_many, "Many clients at a time", many);

static const struct option ready[] = {
	{ "ready-fd", 0, OPTION_NUMBER, AT(ready_fd), "FD",
	  "write 'ADDRESS PORT' (or 'PATH') there once bound and listening, and close it", .most = INT32_MAX },
	{ "ready-file", 0, OPTION_TEXT, AT(ready_file), "FILE",
	  "let FILE with 'ADDRESS PORT' (or 'PATH') appear once bound and listening" },
};
OPTION_GROUP(options_serve_ready, "Readiness", ready);

static const struct option unix_only[] = {
	{ "listen", 'l', OPTION_FLAG, AT(listen), .help = "be the server" },
	{ "type", 0, OPTION_WORD, AT(type), "TYPE", "stream (default), dgram or seqpacket", .words = options_types },
	{ "source", 's', OPTION_TEXT, AT(source), "PATH",
	  "a name of our own for the client, which answers can be sent to" },
	{ "mode", 0, OPTION_OCTAL, AT(mode), "OCTAL", "permissions of the socket's file (0600)", .most = 0777 },
	{ "allow-user", 0, OPTION_LIST, AT(allow_user), "NAME|UID", "let in processes of this user, and no others" },
	{ "allow-group", 0, OPTION_LIST, AT(allow_group), "NAME|GID", "let in processes of this group, and no others" },
};
OPTION_GROUP(options_serve_unix, "Unix sockets", unix_only);

/* Inherited sockets are what they are: made, bound, and shared with others, whose options they have. */
#define NOT_INHERITED(option) { OPTION_CONFLICT, "inherit", option }

/* clang-format off */
const struct option_rule options_serve_rules[] = {
	{ OPTION_NEEDS, "inherit", "listen" },
	NOT_INHERITED("backlog"),
	NOT_INHERITED("mode"),
	NOT_INHERITED("4"),
	NOT_INHERITED("6"),
	NOT_INHERITED("u"),
	NOT_INHERITED("family"),
	NOT_INHERITED("type"),
	NOT_INHERITED("protocol"),
	NOT_INHERITED("interface"),
	NOT_INHERITED("tos"),
	NOT_INHERITED("ttl"),
	NOT_INHERITED("min-ttl"),
	NOT_INHERITED("send-buffer"),
	NOT_INHERITED("recv-buffer"),
	NOT_INHERITED("mark"),
	NOT_INHERITED("md5-file"),
	NOT_INHERITED("reuse-port"),
	NOT_INHERITED("no-delay"),
	NOT_INHERITED("keep-alive"),
	NOT_INHERITED("user-timeout"),
	NOT_INHERITED("congestion"),
	NOT_INHERITED("fast-open"),
	{ OPTION_RULES_END, NULL, NULL },
};
/* clang-format on */
