/* skt udp-recv: datagrams to standard output, from any number of senders. */
#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "commands/account.h"
#include "commands/command.h"
#include "commands/open.h"
#include "commands/options.h"
#include "commands/pump.h"
#include "commands/words.h"
#include "relay/echo.h"
#include "relay/sequence.h"

static int check_groups(struct context *context, struct error *error)
{
	const struct group_plan plan = open_groups(context->settings);
	const struct endpoint *at = &context->endpoint;
	struct address local;
	struct error why;
	if (!plan.groups_count)
		return 0;
	if (at->triple.family == AF_VSOCK)
		return parse_refuse(&context->command->syntax, error, "--join: vsock has no groups");
	bool known = at->host && address_literal(at->host, at->triple.family, &local, &why) == 1;
	int family = known && local.any.sa_family == AF_INET ? AF_INET : at->triple.family;
	if (group_check(&plan, family, known ? &local : NULL, &why))
		return parse_refuse(&context->command->syntax, error, "%s", why.text);
	return 0;
}

static int check(struct context *context, struct error *error)
{
	return words_endpoint(context, true, error) || check_groups(context, error) ? -1 : 0;
}

/* The end by a time limit is the usual one; with --count unmet it is a shortfall, and what was received must have been
 * written. */
static int judge(const struct settings *settings, const struct flow *in, int result, struct error *error)
{
	bool unmet = settings->count != UINT64_MAX && in->datagrams < settings->count;
	if (!result || error->class != ERROR_TIMEOUT)
		return result;
	if (flow_held(in))
		return error_set(error, ERROR_TIMEOUT, 0, "the time was over with %zu bytes received but not written",
				 flow_held(in));
	if (!unmet)
		return 0;
	return error_set(error, ERROR_INCOMPLETE, 0, "%" PRIu64 " of %" PRIu64 " datagrams came in time", in->datagrams,
			 settings->count);
}

/* Receives until the end, which is judged. */
static int receive(struct context *context, struct session *session, struct framing *framing, struct error *error)
{
	struct flow *in = &session->flows[SESSION_IN];
	session->flows[SESSION_OUT].need = FLOW_ENDED;
	in->framing = framing;
	in->piece = (size_t)context->settings->buffer_size;
	if (!framing->count)
		in->need = FLOW_START; /* nothing to wait for */
	int result = pump_session(context, session, error);
	return judge(context->settings, in, result, error);
}

static int receive_all(struct context *context, const struct server *server, struct error *error)
{
	const struct settings *settings = context->settings;
	struct session_plan plan = { .linger = CLOCK_NEVER,
				     .idle = pump_idle(settings),
				     .trace = &context->report.trace };
	struct sequence sequence = { .begun = clock_date() };
	struct echo echo = { 0 };
	struct framing framing = pump_framing_in(settings);
	struct session session;
	framing.sequence = settings->sequence ? &sequence : NULL;
	framing.echo = settings->echo ? &echo : NULL;
	end_open_nothing(&session.near_in);
	end_open(&session.near_out, STDOUT_FILENO, END_FOR_WRITING, "standard output");
	pump_open_peer(&session.far, server->fd, &server->triple, plan.trace);
	pump_stamp(server->fd, &framing, plan.trace);
	session_begin(&session, &plan);
	int result = receive(context, &session, &framing, error);
	account_loss(context, &session, result || !session.flows[SESSION_IN].enough);
	if (settings->sequence)
		account_sequence(&context->report, &sequence);
	pump_stats(context, &session);
	session_end(&session);
	sequence_free(&sequence);
	echo_free(&echo);
	return result;
}

static int run(struct context *context, struct error *error)
{
	struct server server;
	if (open_server(context, &server, error))
		return -1;
	sockopt_receive_many(server.fd, &server.triple, &context->settings->options, &context->report.trace);
	int result = receive_all(context, &server, error);
	serve_close(&server, &context->report.trace);
	return result;
}

static const struct option_group *const groups[] = { &options_datagram_in, &options_serve_ready, &options_triple,
						     &options_limits,      &options_socket,      &options_sandbox,
						     &options_progress,    &options_say,         NULL };
/* Not those of servers of streams, whose --echo means that nothing is written. */
static const struct option_rule own_rules[] = { { OPTION_NEEDS, "join-source", "join" },
						{ OPTION_RULES_END, NULL, NULL } };
static const struct option_rule *const rules[] = { own_rules, NULL };

const struct command udp_recv_command = {
	.syntax = { "skt", "udp-recv", "[HOST] PORT", "write the datagrams that come", groups, rules,
		    .habits = options_habits_udp_recv, .most_words = 2 },
	.triple = { AF_UNSPEC, SOCK_DGRAM, IPPROTO_UDP },
	.check = check,
	.run = run,
};
