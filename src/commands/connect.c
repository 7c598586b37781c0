/* skt connect, and the client's role of skt unix. */
#include "commands/connect.h"

#include "commands/child.h"
#include "commands/command.h"
#include "commands/filters.h"
#include "commands/open.h"
#include "commands/options.h"
#include "commands/pass.h"
#include "commands/pump.h"
#include "commands/scan.h"
#include "commands/words.h"

static int check(struct context *context, struct error *error)
{
	if (words_endpoint(context, false, error) || child_check(context, false, error))
		return -1;
	return filters_check(context, error) || scan_check(context, error) || pass_check(context, error) ? -1 : 0;
}

int connect_run(struct context *context, struct error *error)
{
	struct dial_plan plan = open_dial_plan(context);
	struct opened peer;
	bool ours = !context->program.words && !context->settings->pass_fd;
	plan.first_bytes = context->tunnel || (ours && pump_has_bytes(context->settings));
	if (open_dial(context, &plan, &peer, error))
		return -1;
	if (context->program.words)
		return child_run(context, &peer, error);
	if (context->settings->pass_fd)
		return pass_run(context, &peer, error);
	return pump_stream(context, &peer, false, error);
}

static int run(struct context *context, struct error *error)
{
	return context->settings->scan ? scan_run(context, error) : connect_run(context, error);
}

static const struct option_group *const groups[] = { &options_triple,
						     &options_udp,
						     &options_command,
						     &options_pipe,
						     &options_datagram_both,
						     &options_limits,
						     &options_connect,
						     &options_proxy,
						     &options_pass,
						     &options_retry,
						     &options_scan,
						     &options_socket,
						     &options_socket_tcp,
						     &options_sandbox,
						     &options_progress,
						     &options_say,
						     NULL };
static const struct option_rule *const rules[] = { options_rules,      options_command_rules, options_proxy_rules,
						   options_pass_rules, options_scan_rules,    NULL };

const struct command connect_command = {
	.syntax = { "skt", "connect", "HOST PORT", "talk to a server", groups, rules,
		    .habits = options_habits_connect, .most_words = 2, .command = true },
	.triple = { AF_UNSPEC, SOCK_STREAM, IPPROTO_TCP },
	.check = check,
	.run = run,
};
