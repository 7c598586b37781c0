/* skt unix: unix-domain sockets, either role. */
#include "base/text.h"
#include "commands/child.h"
#include "commands/command.h"
#include "commands/filters.h"
#include "commands/connect.h"
#include "commands/listen.h"
#include "commands/options.h"
#include "commands/words.h"

/* Who asks for permissions must not believe in some that there are not. */
static int check_mode(const struct context *context, struct error *error)
{
	char shown[160];
	const struct settings *settings = context->settings;
	const char *name = settings->listen ? context->endpoint.path : settings->source;
	if (settings->mode == UINT64_MAX)
		return 0;
	if (!name)
		return parse_refuse(&context->command->syntax, error,
				    "'--mode' needs '--listen' or '--source' beside it");
	if (name[0] == '@')
		return parse_refuse(&context->command->syntax, error,
				    "'--mode' is for a path: the abstract name '%s' has no permissions",
				    TEXT_SHOW(shown, name));
	return 0;
}

static int check(struct context *context, struct error *error)
{
	const struct settings *settings = context->settings;
	if (words_path(context, error) || check_mode(context, error))
		return -1;
	if (settings->listen)
		return listen_check(context, error);
	return child_check(context, false, error) || filters_check(context, error) ? -1 : 0;
}

static int run(struct context *context, struct error *error)
{
	return context->settings->listen ? listen_run(context, error) : connect_run(context, error);
}

static const struct option_group *const groups[] = { &options_serve_unix,  &options_serve,
						     &options_serve_many,  &options_command,
						     &options_serve_ready, &options_accept_limit,
						     &options_pipe,        &options_datagram_both,
						     &options_limits,      &options_retry,
						     &options_sandbox,     &options_progress,
						     &options_say,         NULL };
static const struct option_rule *const rules[] = { options_rules, options_command_rules, options_serve_rules, NULL };

const struct command unix_command = {
	.syntax = { "skt", "unix", "PATH", "talk through a unix-domain socket, in either role", groups, rules,
		    .habits = options_habits_unix, .most_words = 1, .command = true },
	.triple = { AF_UNIX, SOCK_STREAM, 0 },
	.check = check,
	.run = run,
};
