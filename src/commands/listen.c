/* skt listen, and the server's role of skt unix. */
#include "commands/listen.h"

#include "base/clock.h"
#include "commands/child.h"
#include "commands/command.h"
#include "commands/crowd.h"
#include "commands/filters.h"
#include "commands/open.h"
#include "commands/options.h"
#include "commands/pump.h"
#include "commands/words.h"

/* Datagrams come from anybody, at any time: what is about clients means nothing. */
static int check_datagrams(const struct context *context, struct error *error)
{
	const struct settings *settings = context->settings;
	const struct {
		const char *option;
		bool given;
	} rows[] = { { "--accept-timeout", settings->accept_timeout != CLOCK_NEVER },
		     { "--backlog", settings->backlog != UINT64_MAX },
		     { "--drain", settings->drain } };
	bool echoes = settings->echo && triple_is_internet_datagram(&context->endpoint.triple);
	if (crowd_service(context) || settings->clients != UINT64_MAX)
		return parse_refuse(&context->command->syntax, error, "datagrams have no clients to count or to forward%s",
				    echoes ? ": 'skt udp-recv --echo' sends each back" : "");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].given)
			return parse_refuse(&context->command->syntax, error,
					    "'%s' is about clients, and datagrams have none", rows[i].option);
	return 0;
}

int listen_check(struct context *context, struct error *error)
{
	if (child_check(context, true, error))
		return -1;
	if (!triple_has_end(&context->endpoint.triple) && check_datagrams(context, error))
		return -1;
	if (gate_check(context, &context->endpoint.triple, error))
		return -1;
	return filters_check(context, error) || crowd_check(context, error) ? -1 : 0;
}

static int check(struct context *context, struct error *error)
{
	return words_endpoint(context, true, error) ? -1 : listen_check(context, error);
}

/* With --keep-open a client's error is its own: told, and the next one is served. What concerns our side ends the
 * server. */
static bool ends_server(const struct error *error)
{
	return error->class == ERROR_SIGNAL || error->class == ERROR_READER_GONE || error->class == ERROR_LOCAL ||
	       error->class == ERROR_UNEXPECTED;
}

/* One client; with the last one the listener is closed as soon as it is there. */
static int serve_client(struct context *context, struct server *server, bool last, struct error *error)
{
	struct opened client;
	if (open_client(context, server, &client, error))
		return -1;
	if (last)
		serve_close(server, &context->report.trace);
	if (!pump_stream(context, &client, true, error))
		return 0;
	bool over = context->loop.limit != CLOCK_NEVER && clock_now() >= context->loop.limit;
	if (last || over || ends_server(error))
		return -1;
	report_error_of(&context->report, &client.peer, error);
	return 0;
}

/* Datagrams know no clients: all are heard, and the one who was heard last is answered. */
static int serve_datagrams(struct context *context, struct server *server, struct error *error)
{
	struct opened all = {
		.fd = server->fd, .triple = server->triple, .peer = server->local, .claim = server->claim
	}; /* pump_stream closes it */
	return pump_stream(context, &all, true, error);
}

static int serve(struct context *context, struct error *error)
{
	struct server server;
	if (open_server(context, &server, error))
		return -1;
	const struct service *service = crowd_service(context);
	if (service)
		return crowd_run(context, &server, service, error);
	if (!triple_has_end(&server.triple))
		return serve_datagrams(context, &server, error);
	const struct settings *settings = context->settings;
	bool many = (settings->clients != UINT64_MAX || settings->keep_open) && !server.connected;
	uint64_t clients = many ? settings->clients : 1;
	int result = 0;
	for (uint64_t served = 0; !result && served < clients; served++)
		result = serve_client(context, &server, served + 1 == clients, error);
	serve_close(&server, &context->report.trace);
	return result;
}

int listen_run(struct context *context, struct error *error)
{
	if (gate_open(context, error))
		return -1;
	int result = serve(context, error);
	gate_close(&context->gate);
	return result;
}

static const struct option_group *const groups[] = { &options_serve,
						     &options_serve_access,
						     &options_serve_many,
						     &options_command,
						     &options_serve_ready,
						     &options_accept_limit,
						     &options_triple,
						     &options_udp,
						     &options_pipe,
						     &options_datagram_both,
						     &options_limits,
						     &options_socket,
						     &options_socket_tcp,
						     &options_sandbox,
						     &options_progress,
						     &options_say,
						     NULL };
static const struct option_rule *const rules[] = { options_rules, options_command_rules, options_serve_rules, NULL };

const struct command listen_command = {
	.syntax = { "skt", "listen", "[HOST] PORT", "be the server", groups, rules,
		    .habits = options_habits_listen, .most_words = 2, .command = true },
	.triple = { AF_UNSPEC, SOCK_STREAM, IPPROTO_TCP },
	.check = check,
	.run = listen_run,
};
