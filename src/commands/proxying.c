#include "commands/proxying.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"
#include "commands/secret.h"
#include "http/url.h"
#include "net/tunnel.h"

static const char default_port[] = "1080"; /* of all kinds, as with curl */

static int refuse(const struct context *context, struct error *error, const char *why)
{
	return parse_refuse(&context->command->syntax, error, "--proxy: %s", why);
}

/* The kind that the scheme of the word says, and what stands behind it. Without a scheme it is HTTP. */
static int take_scheme(struct context *context, const char **rest, struct error *error)
{
	static const struct {
		const char *scheme;
		enum proxy_kind kind;
		const char *why; /* PROXY_NONE */
	} rows[] = {
		{ "http", PROXY_HTTP, NULL },
		{ "socks4", PROXY_SOCKS4, NULL },
		{ "socks4a", PROXY_SOCKS4A, NULL },
		{ "socks5", PROXY_SOCKS5, NULL },
		{ "socks5h", PROXY_NONE, "write socks5://, which has the proxy look names up (as socks5h:// of curl)" },
		{ "socks", PROXY_NONE, "write socks5:// or socks4://" },
		{ "https", PROXY_NONE,
		  "https:// needs TLS, a library that skt does without; curl can, or socat and stunnel between" },
	};
	const char *word = context->settings->proxy, *colon = strstr(word, "://");
	size_t n = colon ? (size_t)(colon - word) : 0;
	*rest = colon ? colon + 3 : word;
	context->proxy.kind = PROXY_HTTP;
	if (!colon)
		return 0;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strlen(rows[i].scheme) == n && !strncasecmp(rows[i].scheme, word, n)) {
			context->proxy.kind = rows[i].kind;
			return rows[i].why ? refuse(context, error, rows[i].why) : 0;
		}
	char shown[60];
	return parse_refuse(&context->command->syntax, error,
			    "--proxy: '%s://' is none of http://, socks4://, socks4a://, socks5://",
			    text_escape(shown, sizeof shown, word, n));
}

/* Takes what the proxy needs out of the URL. */
static int take_url(struct context *context, struct url *url, struct error *error)
{
	struct proxy *proxy = &context->proxy;
	struct address ignored;
	struct error why;
	if (address_literal(url->host, context->endpoint.triple.family, &ignored, &why) < 0)
		return refuse(context, error, why.text);
	if (strcmp(url->target, "/") != 0)
		return refuse(context, error, "a proxy has no path");
	proxy->host = url->host;
	proxy->user = url->user;
	proxy->password = url->password;
	url->host = url->user = url->password = NULL;
	proxy->port = strdup(url->has_port ? url->port : default_port);
	return proxy->port ? 0 : error_system(error, ERROR_UNEXPECTED, ENOMEM, "--proxy");
}

static int read_file(struct context *context, struct error *error)
{
	const char *path = context->settings->proxy_auth_file;
	struct proxy *proxy = &context->proxy;
	char *both;
	if (!path)
		return 0;
	if (proxy->user)
		return refuse(context, error, "credentials stand in its URL and in --proxy-auth-file: which ones?");
	if (secret_read(&context->command->syntax, "--proxy-auth-file", path, &both, error))
		return -1;
	size_t n = strcspn(both, ":");
	proxy->user = strndup(both, n);
	proxy->password = strdup(both + n + 1);
	explicit_bzero(both, strlen(both));
	free(both);
	return proxy->user && proxy->password ? 0 : error_system(error, ERROR_UNEXPECTED, ENOMEM, "--proxy-auth-file");
}

int proxying_check(struct context *context, struct error *error)
{
	struct triple triple = context->endpoint.triple, either = triple;
	const char *rest;
	struct url url;
	struct error why;
	if (!context->settings->proxy)
		return 0;
	if (either.family == AF_UNSPEC)
		either.family = AF_INET;
	if (!triple_is_tcp(&either))
		return refuse(context, error, "a proxy passes on TCP, no other protocol");
	if (take_scheme(context, &rest, error))
		return -1;
	if (url_parse(rest, &url, &why))
		return refuse(context, error, why.text);
	int result = take_url(context, &url, error);
	url_free(&url);
	if (result || read_file(context, error))
		return -1;
	if (proxy_check(&context->proxy, &why))
		return refuse(context, error, why.text);
	context->proxy_at =
	    (struct endpoint){ .triple = triple, .host = context->proxy.host, .service = context->proxy.port };
	return 0;
}

int proxying_tunnel(struct context *context, const char *host, struct error *error)
{
	struct error why;
	context->tunnel = true;
	if (proxy_check_target(&context->proxy, host, &why))
		return parse_refuse(&context->command->syntax, error, "%s", why.text);
	return 0;
}

static void tell(const struct context *context, const struct opened *opened)
{
	char host[300], service[80], at[ADDRESS_TEXT];
	const struct endpoint *to = &context->endpoint;
	const struct report_field fields[] = { { "host", .text = TEXT_SHOW(host, to->host) },
					       { "service", .text = TEXT_SHOW(service, to->service) },
					       { "proxy", .text = address_show(at, &opened->peer) } };
	if (context->report.verbose)
		report_event(&context->report, "tunnel", fields, sizeof fields / sizeof fields[0],
			     "connected to %s port %s through the %s proxy %s", host, service,
			     proxy_word(context->proxy.kind), at);
}

int proxying_open(struct context *context, const struct dial_plan *plan, const struct opened *opened,
		  struct error *error)
{
	const struct tunnel_plan way = { .proxy = &context->proxy,
					 .to = &context->endpoint,
					 .at = &opened->peer,
					 .limit = clock_after(opened->begun, plan->timeout),
					 .timeout = plan->timeout,
					 .trace = plan->trace };
	struct tunnel tunnel;
	tunnel_start(&tunnel, &way, opened->fd);
	loop_add(&context->loop, &tunnel.machine);
	int result = loop_run(&context->loop, &tunnel.machine, error);
	loop_remove(&context->loop, &tunnel.machine);
	tunnel_stop(&tunnel);
	if (!result && tunnel.open) {
		tell(context, opened);
		return 0;
	}
	if (!result)
		*error = tunnel.error;
	(void)trace_close(plan->trace, opened->fd);
	return -1;
}

int proxying_blame(const struct context *context, struct error *error)
{
	struct error why = *error;
	char host[300];
	if (why.class != ERROR_RESOLVE && why.class != ERROR_REFUSED && why.class != ERROR_UNREACHABLE &&
	    why.class != ERROR_TIMEOUT && why.class != ERROR_RESET)
		return -1;
	return error_set(error, why.class, why.number, "proxy %s: %.400s", TEXT_SHOW(host, context->proxy.host),
			 why.text);
}

void proxying_free(struct context *context)
{
	struct proxy *proxy = &context->proxy;
	free(proxy->host);
	free(proxy->port);
	free(proxy->user);
	free(proxy->password);
	*proxy = (struct proxy){ 0 };
}
