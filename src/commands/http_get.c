/* skt http-get: fetch a page, by the raw GET line or in HTTP/1.x. */
#include <stdio.h>
#include <stdlib.h>

#include "commands/command.h"
#include "commands/fetch.h"
#include "commands/open.h"
#include "commands/options.h"
#include "commands/words.h"
#include "http/request.h"
#include "http/url.h"

/* The URL of the command line with what --query adds. */
static int make_url(struct context *context, struct url *url, struct error *error)
{
	const struct settings *settings = context->settings;
	const struct syntax *syntax = &context->command->syntax;
	struct error why;
	if (!context->arguments->count)
		return parse_refuse(syntax, error, "URL is missing");
	if (url_parse(context->arguments->words[0], url, &why))
		return parse_refuse(syntax, error, "%s", why.text);
	for (size_t i = 0; i < settings->query.count; i++)
		if (url_add_query(url, settings->query.items[i], &why)) {
			url_free(url);
			return parse_refuse(syntax, error, "--query: %s", why.text);
		}
	return 0;
}

static int check(struct context *context, struct error *error)
{
	const struct settings *settings = context->settings;
	struct url url = { 0 };
	struct address ignored;
	struct error why;
	if (words_triple(context, true, error) || make_url(context, &url, error))
		return -1;
	int literal = address_literal(url.host, context->endpoint.triple.family, &ignored, &why);
	bool raw_credentials = settings->http09 && url.user;
	url_free(&url);
	if (literal < 0)
		return parse_refuse(&context->command->syntax, error, "%s", why.text);
	if (raw_credentials)
		return parse_refuse(&context->command->syntax, error,
				    "the raw line of --http0.9 has no place for a user name");
	if (settings->user_agent && request_check_value("--user-agent", settings->user_agent, &why))
		return parse_refuse(&context->command->syntax, error, "%s", why.text);
	for (size_t i = 0; i < settings->fields.count; i++)
		if (request_check_field(settings->fields.items[i], &why))
			return parse_refuse(&context->command->syntax, error, "--header: %s", why.text);
	return 0;
}

/* The answer as a result: 400 and above is a failure whose page was written all the same. */
static int judge(const struct fetch *fetch, struct error *error)
{
	char reason[200];
	if (fetch->head.status < 400)
		return 0;
	head_reason(&fetch->head, reason, sizeof reason);
	return error_set(error, ERROR_HTTP, 0, "the server answered %d%s%s", fetch->head.status, *reason ? " " : "",
			 reason);
}

static int exchange(struct context *context, const struct request *request, struct output *output, struct error *error)
{
	struct dial_plan plan = open_dial_plan(context);
	struct opened server;
	struct fetch fetch;
	if (open_dial(context, &plan, &server, error))
		return -1;
	int result = fetch_run(&fetch, context, &server, request, output, error);
	(void)trace_close(&context->report.trace, server.fd);
	if (!result)
		result = judge(&fetch, error);
	if (!result)
		result = output_commit(output, error);
	fetch_free(&fetch);
	return result;
}

/* "user:pass" of the URL, owned; NULL where it has none (or memory is short, which the request finds out too). */
static char *credentials(const struct url *url)
{
	char *both = NULL;
	return url->user && asprintf(&both, "%s:%s", url->user, url->password ? url->password : "") >= 0 ? both : NULL;
}

static int get(struct context *context, const struct url *url, struct error *error)
{
	const struct settings *settings = context->settings;
	struct output output;
	char *authorization = credentials(url);
	const struct request request = { .url = url,
					 .version = settings->http09   ? HTTP_0_9
						    : settings->http10 ? HTTP_1_0
								       : HTTP_1_1,
					 .extra_crlf = settings->extra_crlf,
					 .user_agent = settings->user_agent ? settings->user_agent : "skt/" SKT_VERSION,
					 .authorization = authorization,
					 .fields = settings->fields.items,
					 .fields_count = settings->fields.count };
	int result = output_prepare(&output, settings->output, error);
	if (!result)
		result = exchange(context, &request, &output, error);
	output_close(&output);
	free(authorization);
	return result;
}

static int run(struct context *context, struct error *error)
{
	struct url url = { 0 };
	if (make_url(context, &url, error))
		return -1;
	context->endpoint.host = url.host;
	context->endpoint.service = url.port;
	int result = get(context, &url, error);
	url_free(&url);
	return result;
}

static const struct option_group *const groups[] = {
	&options_http,   &options_triple,     &options_limits,   &options_connect, &options_retry,
	&options_socket, &options_socket_tcp, &options_progress, &options_say,     NULL
};
static const struct option_rule *const rules[] = { options_rules, NULL };

const struct command http_get_command = {
	.syntax = { "skt", "http-get", "URL", "fetch a page", groups, rules, .most_words = 1 },
	.triple = { AF_UNSPEC, SOCK_STREAM, IPPROTO_TCP },
	.check = check,
	.run = run,
};
