/* skt http-get: fetch a page, by the raw GET line or in HTTP/1.x. */
#include <string.h>
#include <strings.h>

#include "commands/command.h"
#include "commands/exchange.h"
#include "commands/options.h"
#include "commands/proxying.h"
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
			return parse_refuse(syntax, error, "%s", why.text);
		}
	return 0;
}

/* FILE of --output; NULL: standard output. */
static const char *output_file(const struct settings *settings)
{
	return settings->output && strcmp(settings->output, "-") != 0 ? settings->output : NULL;
}

/* What becomes part of a request. */
static int check_request(struct context *context, struct error *error)
{
	const struct settings *settings = context->settings;
	const struct syntax *syntax = &context->command->syntax;
	struct error why;
	if (settings->user_agent && request_check_value("--user-agent", settings->user_agent, &why))
		return parse_refuse(syntax, error, "%s", why.text);
	if (settings->range && request_check_range(settings->range, &why))
		return parse_refuse(syntax, error, "%s", why.text);
	if (settings->resume && !output_file(settings))
		return parse_refuse(syntax, error, "--continue needs a FILE, and '-' is standard output");
	bool ranged = settings->range || settings->resume;
	for (size_t i = 0; i < settings->fields.count; i++) {
		if (request_check_field(settings->fields.items[i], &why))
			return parse_refuse(syntax, error, "%s", why.text);
		if (ranged && !strncasecmp(settings->fields.items[i], "Range:", 6))
			return parse_refuse(syntax, error,
					    "a Range of --header does not go with --range or --continue");
	}
	return 0;
}

/* The host of the URL is the proxy's to find: an HTTP proxy is asked for the page, the others for a tunnel. */
static int check_proxy(struct context *context, const char *host, struct error *error)
{
	const struct proxy *proxy = &context->proxy;
	struct error why;
	if (proxy->kind != PROXY_HTTP)
		return proxying_tunnel(context, host, error);
	if (proxy_check_target(proxy, host, &why))
		return parse_refuse(&context->command->syntax, error, "%s", why.text);
	if (context->settings->http09 && proxy->user)
		return parse_refuse(&context->command->syntax, error,
				    "the raw line of --http0.9 has no place for the proxy's credentials");
	return 0;
}

static int check_unix(struct context *context, const char *path, struct error *error)
{
	static const struct triple triple = { AF_UNIX, SOCK_STREAM, 0 };
	struct address ignored;
	struct error why;
	if (address_unix(path, &ignored, &why))
		return parse_refuse(&context->command->syntax, error, "%s", why.text);
	if (sockopt_check(&context->settings->options, &triple, &why))
		return parse_refuse(&context->command->syntax, error, "--unix-socket: %s", why.text);
	return 0;
}

/* Whom to connect to: the unix socket, the proxy or the host of the URL. */
static int check_place(struct context *context, const struct url *url, struct error *error)
{
	const struct settings *settings = context->settings;
	struct address ignored;
	struct error why;
	if (settings->proxy)
		return check_proxy(context, url->host, error);
	if (settings->unix_socket)
		return check_unix(context, settings->unix_socket, error);
	int family = context->endpoint.triple.family;
	int literal = family == AF_VSOCK ? address_vsock(url->host, url->port, false, &ignored, &why)
					 : address_literal(url->host, family, &ignored, &why);
	return literal < 0 ? parse_refuse(&context->command->syntax, error, "%s", why.text) : 0;
}

static int check(struct context *context, struct error *error)
{
	const struct settings *settings = context->settings;
	struct url url = { 0 };
	if (words_triple(context, true, error) || words_source(context, error) || proxying_check(context, error) ||
	    make_url(context, &url, error))
		return -1;
	int place = check_place(context, &url, error);
	bool raw_credentials = settings->http09 && url.user;
	url_free(&url);
	if (place)
		return -1;
	if (raw_credentials)
		return parse_refuse(&context->command->syntax, error,
				    "the raw line of --http0.9 has no place for a user name");
	return check_request(context, error);
}

static int get(struct context *context, const struct url *url, struct error *error)
{
	const struct settings *settings = context->settings;
	struct output output;
	int result = output_prepare(&output, output_file(settings), settings->resume, error);
	if (!result)
		result = exchange_run(context, url, &output, error);
	output_close(&output);
	return result;
}

static int run(struct context *context, struct error *error)
{
	struct url url = { 0 };
	if (make_url(context, &url, error))
		return -1;
	int result = get(context, &url, error);
	url_free(&url);
	return result;
}

static const struct option_group *const groups[] = { &options_http,     &options_proxy,      &options_triple,
						     &options_limits,   &options_connect,    &options_http_retry,
						     &options_socket,   &options_socket_tcp, &options_sandbox,
						     &options_progress, &options_say,        NULL };
static const struct option_rule *const rules[] = { options_rules, options_http_rules, options_proxy_rules, NULL };

const struct command http_get_command = {
	.syntax = { "skt", "http-get", "URL", "fetch a page", groups, rules, .habits = options_habits_http,
		    .most_words = 1 },
	.triple = { AF_UNSPEC, SOCK_STREAM, IPPROTO_TCP },
	.check = check,
	.run = run,
};
