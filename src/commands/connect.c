/* skt connect, and the client's role of skt unix. */
#include "commands/connect.h"

#include "commands/options.h"

static int check(struct context *context, struct error *error)
{
	return command_words(context, false, error);
}

int connect_run(struct context *context, struct error *error)
{
	struct dial_plan plan = command_dial_plan(context);
	struct triple triple;
	int fd = command_dial(context, &plan, &triple, error);
	if (fd < 0)
		return -1;
	report_peer(&context->report, "connected", fd, &triple);
	return command_pump(context, fd, &triple, false, error);
}

static const struct option_group *const groups[] = { &options_triple,  &options_pipe,  &options_limits,
						     &options_connect, &options_retry, &options_socket,
						     &options_tcp,     &options_say,   NULL };
static const struct option_rule *const rules[] = { options_rules, NULL };

const struct command command_connect = {
	.syntax = { "skt", "connect", "HOST PORT", "talk to a server", groups, rules, .most_words = 2 },
	.triple = { AF_UNSPEC, SOCK_STREAM, IPPROTO_TCP },
	.check = check,
	.run = connect_run,
};
