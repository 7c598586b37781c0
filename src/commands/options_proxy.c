/* The rows of --proxy and --pass-fd, and what does not go with them. */
#include "commands/options.h"
#include "commands/settings.h"

#define AT(field) .offset = offsetof(struct settings, field)

static const struct option proxy[] = {
	{ "proxy", 0, OPTION_TEXT, AT(proxy), "URL",
	  "go through this proxy: http://, socks4://, socks4a:// or socks5://[user:pass@]HOST[:PORT]" },
	{ "proxy-auth-file", 0, OPTION_TEXT, AT(proxy_auth_file), "FILE",
	  "tell the proxy the 'user:pass' of this file's one line" },
};
OPTION_GROUP(options_proxy, "A proxy", proxy);

static const struct option pass[] = {
	{ "pass-fd", 0, OPTION_FLAG, AT(pass_fd),
	  .help = "hand the connected socket over standard output, a unix socket, and exit" },
};
OPTION_GROUP(options_pass, "Handing over", pass);

/* clang-format off */
const struct option_rule options_proxy_rules[] = {
	{ OPTION_NEEDS, "proxy-auth-file", "proxy" },
	{ OPTION_CONFLICT, "proxy", "u" },
	/* No byte passes through us. */
	{ OPTION_CONFLICT, "pass-fd", "exec" },
	{ OPTION_CONFLICT, "pass-fd", "COMMAND" },
	{ OPTION_CONFLICT, "pass-fd", "recv-only" },
	{ OPTION_CONFLICT, "pass-fd", "send-only" },
	{ OPTION_CONFLICT, "pass-fd", "no-half-close" },
	{ OPTION_CONFLICT, "pass-fd", "hold" },
	{ OPTION_CONFLICT, "pass-fd", "linger" },
	{ OPTION_CONFLICT, "pass-fd", "max-bytes" },
	{ OPTION_CONFLICT, "pass-fd", "buffer-size" },
	{ OPTION_CONFLICT, "pass-fd", "rate" },
	{ OPTION_CONFLICT, "pass-fd", "interval" },
	{ OPTION_CONFLICT, "pass-fd", "crlf" },
	{ OPTION_CONFLICT, "pass-fd", "telnet" },
	{ OPTION_CONFLICT, "pass-fd", "hex-dump" },
	{ OPTION_CONFLICT, "pass-fd", "frame" },
	{ OPTION_CONFLICT, "pass-fd", "chomp" },
	{ OPTION_CONFLICT, "pass-fd", "max-datagram" },
	{ OPTION_CONFLICT, "pass-fd", "idle-timeout" },
	{ OPTION_CONFLICT, "pass-fd", "progress" },
	{ OPTION_CONFLICT, "pass-fd", "no-progress" },
	{ OPTION_CONFLICT, "pass-fd", "stats" },
	{ OPTION_RULES_END, NULL, NULL },
};
/* clang-format on */
