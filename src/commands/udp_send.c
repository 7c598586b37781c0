/* skt udp-send: standard input as datagrams. */
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "commands/command.h"
#include "commands/open.h"
#include "commands/options.h"
#include "commands/pump.h"
#include "commands/words.h"

/* What is for groups only means nothing for a host; of a name that is known once it is looked up. */
static int check_group(struct context *context, struct error *error)
{
	const struct sockopt_value *options = context->settings->options.items;
	const struct endpoint *to = &context->endpoint;
	struct address address;
	struct error ignored;
	bool device = options[SOCKOPT_MULTICAST_INTERFACE].given;
	if ((!device && !options[SOCKOPT_MULTICAST_LOOP].given) ||
	    address_literal(to->host, to->triple.family, &address, &ignored) != 1 || address_is_group(&address))
		return 0;
	return parse_refuse(&context->command->syntax, error, "%s: %s is no multicast group",
			    device ? "--multicast-interface" : "--no-loop", to->host);
}

static int check(struct context *context, struct error *error)
{
	return words_endpoint(context, false, error) || check_group(context, error) ? -1 : 0;
}

/* A number that other runs do not have, as good as surely. */
static uint32_t any_number(void)
{
	uint32_t number;
	if (getrandom(&number, sizeof number, GRND_NONBLOCK) != (ssize_t)sizeof number)
		number = (uint32_t)clock_now() ^ (uint32_t)getpid() << 16;
	return number;
}

/* Whether what comes back is of interest. */
static bool wants_replies(const struct settings *settings)
{
	return settings->replies != UINT64_MAX || settings->reply_wait != CLOCK_NEVER;
}

struct sending {
	struct session_plan plan;
	struct framing out, in;
	struct framing_peer to; /* where the socket is not connected */
	struct framing_stamp stamp; /* of --sequence */
	struct replay replay;
	struct session session;
};

/* Replies are written to standard output until enough came, or some time after the last datagram. */
static void expect_replies(struct sending *sending, const struct settings *settings)
{
	struct flow *in = &sending->session.flows[SESSION_IN];
	if (!wants_replies(settings)) {
		in->need = FLOW_ENDED;
		return;
	}
	sending->in = pump_framing_in(settings);
	sending->in.count = settings->replies;
	in->framing = &sending->in;
	sending->out.segments = false;                         /* ICMP is to tell of each datagram, not of a run */
	sending->session.flows[SESSION_OUT].half_close = true; /* --wait counts from its end on */
}

static void begin(struct context *context, const struct opened *peer, struct sending *sending)
{
	const struct settings *settings = context->settings;
	struct session *session = &sending->session;
	sending->plan = (struct session_plan){ .linger = settings->reply_wait,
					       .idle = pump_idle(settings),
					       .answers = true,
					       .trace = &context->report.trace };
	end_open(&session->near_in, STDIN_FILENO, END_FOR_READING, "standard input");
	if (wants_replies(settings))
		end_open(&session->near_out, STDOUT_FILENO, END_FOR_WRITING, "standard output");
	else
		end_open_nothing(&session->near_out);
	pump_open_peer(&session->far, peer->fd, &peer->triple, sending->plan.trace);
	sockopt_hear_errors(peer->fd, &peer->triple, sending->plan.trace);
	session_begin(session, &sending->plan);
	session->flows[SESSION_OUT].framing = &sending->out;
	replay_begin(&sending->replay, &session->near_in, settings->repeat);
	sending->out.replay = &sending->replay;
	sending->stamp.run = any_number();
	sending->out.stamp = settings->sequence ? &sending->stamp : NULL;
	if (!peer->connected) {
		sending->to.length = peer->peer.length;
		memcpy(&sending->to.address, &peer->peer.storage, peer->peer.length);
		sending->out.heard = &sending->to;
	}
	if (!sending->out.count)
		session->flows[SESSION_OUT].need = FLOW_START; /* nothing to wait for */
	expect_replies(sending, settings);
}

static int came_short(const struct settings *settings, const struct flow *in, struct error *error)
{
	if (settings->replies == UINT64_MAX || in->datagrams >= settings->replies)
		return 0;
	return error_set(error, ERROR_INCOMPLETE, 0, "%" PRIu64 " of %" PRIu64 " replies came", in->datagrams,
			 settings->replies);
}

static int send_all(struct context *context, const struct opened *peer, struct error *error)
{
	const struct settings *settings = context->settings;
	struct sending sending = { .out = pump_framing_out(settings, &peer->peer, &peer->triple) };
	struct session *session = &sending.session;
	if (pump_check_size(&sending.out, &peer->peer, error))
		return -1;
	begin(context, peer, &sending);
	int result = pump_complaint(session, &peer->peer, pump_session(context, session, error), error);
	if (!result)
		result = came_short(settings, &session->flows[SESSION_IN], error);
	report_closed(&context->report, &peer->peer, session->flows[SESSION_OUT].given,
		      session->flows[SESSION_IN].taken);
	pump_stats(context, session);
	session_end(session);
	replay_free(&sending.replay);
	return result;
}

static int run(struct context *context, struct error *error)
{
	struct dial_plan plan = open_dial_plan(context);
	struct opened peer;
	plan.unconnected = wants_replies(context->settings);
	if (open_dial(context, &plan, &peer, error))
		return -1;
	int result = send_all(context, &peer, error);
	(void)trace_close(&context->report.trace, peer.fd);
	return result;
}

static const struct option_group *const groups[] = { &options_datagram_out, &options_socket_many,
						     &options_triple,       &options_limits_of_sender,
						     &options_connect,      &options_socket,
						     &options_sandbox,      &options_progress,
						     &options_say,          NULL };
static const struct option_rule *const rules[] = { options_rules, NULL };

const struct command udp_send_command = {
	.syntax = { "skt", "udp-send", "HOST PORT", "send standard input as datagrams", groups, rules,
		    .habits = options_habits_udp_send, .most_words = 2 },
	.triple = { AF_UNSPEC, SOCK_DGRAM, IPPROTO_UDP },
	.check = check,
	.run = run,
};
