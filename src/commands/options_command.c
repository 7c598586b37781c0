/* The row of --exec, and what does not go with a command: its bytes do not pass through the loop. */
#include "commands/options.h"
#include "commands/settings.h"

static const struct option command[] = {
	{ "exec", 0, OPTION_TEXT, .offset = offsetof(struct settings, exec), "'SHELL COMMAND'",
	  "run it by /bin/sh with the socket as its standard input and output; '-- COMMAND' does so without a shell" },
};
OPTION_GROUP(options_command, "A command", command);

/* Beside what WITHOUT_STDIO in options.c says of the loop's own options. */
#define NEVER_WITH(option) { OPTION_CONFLICT, option, "exec" }, { OPTION_CONFLICT, option, "COMMAND" }

/* clang-format off */
const struct option_rule options_command_rules[] = {
	{ OPTION_CONFLICT, "exec", "COMMAND" },
	NEVER_WITH("scan"),
	NEVER_WITH("forward"),
	NEVER_WITH("echo"),
	NEVER_WITH("discard"),
	NEVER_WITH("broker"),
	NEVER_WITH("stats"),
	NEVER_WITH("idle-timeout"),
	NEVER_WITH("frame"),
	NEVER_WITH("chomp"),
	NEVER_WITH("max-datagram"),
	{ OPTION_RULES_END, NULL, NULL },
};
/* clang-format on */
