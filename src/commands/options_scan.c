/* The rows of --scan, and what does not go with it: no bytes pass through the loop, and each port is tried once. */
#include "commands/options.h"
#include "commands/settings.h"

#define AT(field) .offset = offsetof(struct settings, field)

static const struct option scan[] = {
	{ "scan", 'z', OPTION_FLAG, AT(scan),
	  .help = "tell which ports are open; PORT may be a list like http,443,8000-8100" },
	{ "parallel", 0, OPTION_NUMBER, AT(parallel), "N",
	  "ports asked at a time, as far as RLIMIT_NOFILE allows (256)", .least = 1, .most = 65535 },
	{ "payload", 0, OPTION_FLAG, AT(payload),
	  .help = "with -u: send all of standard input to each port, not an empty datagram" },
};
OPTION_GROUP(options_scan, "Scanning", scan);

/* clang-format off */
const struct option_rule options_scan_rules[] = {
	{ OPTION_NEEDS, "parallel", "scan" },
	{ OPTION_NEEDS, "payload", "scan" },
	{ OPTION_CONFLICT, "scan", "exec" },
	{ OPTION_CONFLICT, "scan", "COMMAND" },
	{ OPTION_CONFLICT, "scan", "retry" },
	{ OPTION_CONFLICT, "scan", "retry-interval" },
	{ OPTION_CONFLICT, "scan", "proxy" },
	{ OPTION_CONFLICT, "scan", "proxy-auth-file" },
	{ OPTION_CONFLICT, "scan", "pass-fd" },
	{ OPTION_CONFLICT, "scan", "fast-open" }, /* its connect(2) succeeds before anyone was asked */
	{ OPTION_CONFLICT, "scan", "recv-only" },
	{ OPTION_CONFLICT, "scan", "send-only" },
	{ OPTION_CONFLICT, "scan", "no-half-close" },
	{ OPTION_CONFLICT, "scan", "hold" },
	{ OPTION_CONFLICT, "scan", "linger" },
	{ OPTION_CONFLICT, "scan", "max-bytes" },
	{ OPTION_CONFLICT, "scan", "buffer-size" },
	{ OPTION_CONFLICT, "scan", "rate" },
	{ OPTION_CONFLICT, "scan", "interval" },
	{ OPTION_CONFLICT, "scan", "crlf" },
	{ OPTION_CONFLICT, "scan", "telnet" },
	{ OPTION_CONFLICT, "scan", "hex-dump" },
	{ OPTION_CONFLICT, "scan", "frame" },
	{ OPTION_CONFLICT, "scan", "chomp" },
	{ OPTION_CONFLICT, "scan", "max-datagram" },
	{ OPTION_CONFLICT, "scan", "progress" },
	{ OPTION_CONFLICT, "scan", "no-progress" },
	{ OPTION_CONFLICT, "scan", "stats" },
	{ OPTION_RULES_END, NULL, NULL },
};
/* clang-format on */
