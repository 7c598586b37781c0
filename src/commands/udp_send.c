/* skt udp-send: standard input as datagrams. */
#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "commands/command.h"
#include "commands/open.h"
#include "commands/options.h"
#include "commands/pump.h"
#include "commands/words.h"

/* What a datagram to this host can hold, as far as its word tells. */
static uint64_t most_for(const struct context *context)
{
	struct address address;
	struct error ignored;
	const struct endpoint *to = &context->endpoint;
	int literal = address_literal(to->host, to->triple.family, &address, &ignored);
	if (literal == 1)
		return pump_framing_out(context->settings, &address, &to->triple).most;
	address.any.sa_family = to->triple.family == AF_INET ? AF_INET : AF_INET6;
	address.in6.sin6_addr = in6addr_any;
	return pump_framing_out(context->settings, &address, &to->triple).most;
}

static int check(struct context *context, struct error *error)
{
	const struct frame_choice *frame = &context->settings->frame;
	if (words_endpoint(context, false, error))
		return -1;
	if (frame->out == FRAME_SIZE && frame->size > most_for(context))
		return parse_refuse(&context->command->syntax, error,
				    "--frame: size=%" PRIu64 " is more than a datagram can hold (%" PRIu64 ")",
				    frame->size, most_for(context));
	return 0;
}

static int send_all(struct context *context, const struct opened *peer, struct error *error)
{
	const struct settings *settings = context->settings;
	struct session_plan plan = { .linger = CLOCK_NEVER,
				     .idle = pump_idle(settings),
				     .trace = &context->report.trace };
	struct framing framing = pump_framing_out(settings, &peer->peer, &peer->triple);
	struct session session;
	struct replay replay;
	char shown[ADDRESS_TEXT];
	if (framing.frame == FRAME_SIZE && framing.size > framing.most)
		return error_set(error, ERROR_USAGE, 0,
				 "--frame: size=%zu is more than a datagram to %s can hold (%zu)", framing.size,
				 address_show(shown, &peer->peer), framing.most);
	end_open(&session.near_in, STDIN_FILENO, END_FOR_READING, "standard input");
	end_open_nothing(&session.near_out);
	end_open_socket(&session.far, peer->fd, true, false);
	sockopt_hear_errors(peer->fd, &peer->triple, plan.trace);
	session_begin(&session, &plan);
	session.flows[SESSION_OUT].framing = &framing;
	replay_begin(&replay, &session.near_in, settings->repeat);
	framing.replay = &replay;
	if (!framing.count)
		session.flows[SESSION_OUT].need = FLOW_START; /* nothing to wait for */
	session.flows[SESSION_IN].need = FLOW_ENDED;
	int result = pump_session(context, &session, error);
	if (!result)
		result = pump_complaint(&session, &framing, error);
	report_closed(&context->report, &peer->peer, session.flows[SESSION_OUT].given, 0);
	pump_stats(context, &session);
	session_end(&session);
	replay_free(&replay);
	return result;
}

static int run(struct context *context, struct error *error)
{
	struct dial_plan plan = open_dial_plan(context);
	struct opened peer;
	if (open_dial(context, &plan, &peer, error))
		return -1;
	int result = send_all(context, &peer, error);
	(void)trace_close(&context->report.trace, peer.fd);
	return result;
}

static const struct option_group *const groups[] = { &options_datagram_out, &options_triple,
						     &options_limits,       &options_connect,
						     &options_socket,       &options_progress,
						     &options_say,          NULL };
static const struct option_rule *const rules[] = { options_rules, NULL };

const struct command udp_send_command = {
	.syntax = { "skt", "udp-send", "HOST PORT", "send standard input as datagrams", groups, rules,
		    .most_words = 2 },
	.triple = { AF_UNSPEC, SOCK_DGRAM, IPPROTO_UDP },
	.check = check,
	.run = run,
};
