/* The row of --pass-fd, and what does not go with it: no byte passes through us. */
#include "commands/options.h"
#include "commands/settings.h"

static const struct option pass[] = {
	{ "pass-fd", 0, OPTION_FLAG, .offset = offsetof(struct settings, pass_fd),
	  .help = "hand the connected socket over standard output, a unix socket, and exit" },
};
OPTION_GROUP(options_pass, "Handing over", pass);

/* clang-format off */
const struct option_rule options_pass_rules[] = {
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
