/* skt udp-recv: datagrams to standard output, from any number of senders. */
#include <inttypes.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "commands/command.h"
#include "commands/open.h"
#include "commands/options.h"
#include "commands/pump.h"
#include "commands/words.h"

enum { UNREAD_MOST = 1000000 };

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

/* What the kernel dropped, also after the last datagram that was received (SO_MEMINFO), and what lay unread when we
 * ended. */
static void count_losses(int fd, struct framing *framing, bool ended_early)
{
	uint32_t memory[SK_MEMINFO_VARS] = { 0 };
	socklen_t size = sizeof memory;
	char nothing;
	if (!getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &size) && memory[SK_MEMINFO_DROPS] > framing->dropped)
		framing->dropped = memory[SK_MEMINFO_DROPS];
	while (ended_early && framing->unread < UNREAD_MOST && recv(fd, &nothing, 0, MSG_DONTWAIT) >= 0)
		framing->unread++;
}

/* Loss is never silent. */
static void report_loss(const struct context *context, const struct framing *framing, uint64_t unwritten)
{
	const struct {
		const char *key, *words;
		uint64_t number;
	} rows[] = { { "truncated", "datagrams truncated", framing->truncated },
		     { "dropped", "or more dropped by the kernel", framing->dropped },
		     { "unread", "not read before the end", framing->unread },
		     { "unwritten", "bytes received but not written", unwritten } };
	struct report_field fields[sizeof rows / sizeof rows[0]];
	char sentence[300] = "";
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t used = strlen(sentence);
		fields[i] = (struct report_field){ rows[i].key, .number = rows[i].number };
		if (rows[i].number)
			snprintf(sentence + used, sizeof sentence - used, "%s%" PRIu64 " %s", used ? ", " : "",
				 rows[i].number, rows[i].words);
	}
	if (*sentence)
		report_event(&context->report, "loss", fields, sizeof rows / sizeof rows[0], "lost: %s", sentence);
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

static int receive_all(struct context *context, const struct server *server, struct error *error)
{
	const struct settings *settings = context->settings;
	struct session_plan plan = { .linger = CLOCK_NEVER,
				     .idle = pump_idle(settings),
				     .trace = &context->report.trace };

	struct framing framing = pump_framing_in(settings);
	struct session session;
	end_open_nothing(&session.near_in);
	end_open(&session.near_out, STDOUT_FILENO, END_FOR_WRITING, "standard output");
	pump_open_peer(&session.far, server->fd, &server->triple, plan.trace);
	pump_stamp(server->fd, &framing, plan.trace);
	session_begin(&session, &plan);
	session.flows[SESSION_OUT].need = FLOW_ENDED;
	session.flows[SESSION_IN].framing = &framing;
	if (!framing.count)
		session.flows[SESSION_IN].need = FLOW_START; /* nothing to wait for */
	int result = pump_session(context, &session, error);
	result = judge(settings, &session.flows[SESSION_IN], result, error);
	count_losses(server->fd, &framing, result || !session.flows[SESSION_IN].enough);
	report_loss(context, &framing, flow_held(&session.flows[SESSION_IN]));
	pump_stats(context, &session);
	session_end(&session);
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
static const struct option_rule *const rules[] = { options_rules, NULL };

const struct command udp_recv_command = {
	.syntax = { "skt", "udp-recv", "[HOST] PORT", "write the datagrams that come", groups, rules,
		    .habits = options_habits_udp_recv, .most_words = 2 },
	.triple = { AF_UNSPEC, SOCK_DGRAM, IPPROTO_UDP },
	.check = check,
	.run = run,
};
