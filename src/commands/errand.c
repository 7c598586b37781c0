#include "commands/errand.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "commands/secret.h"

/* "user:pass", owned, NULL where there is no user. */
static int join_credentials(const char *user, const char *password, char **both, struct error *error)
{
	free(*both);
	*both = NULL;
	if (!user || asprintf(both, "%s:%s", user, password ? password : "") >= 0)
		return 0;
	*both = NULL;
	return error_system(error, ERROR_UNEXPECTED, ENOMEM, "credentials");
}

/* What --header says to one host is not for another; a proxy stays the same. */
static bool for_all(const char *field, bool proxied)
{
	static const char *const private[] = { "Authorization", "Cookie", "Host", "Proxy-Authorization" };
	size_t n = strcspn(field, ":;"), count = sizeof private / sizeof private[0] - (proxied ? 1 : 0);
	for (size_t i = 0; i < count; i++)
		if (strlen(private[i]) == n && !strncasecmp(field, private[i], n))
			return false;
	return true;
}

/* An HTTP proxy is part of the request; through any other kind goes a tunnel. */
static int take_proxy(struct errand *errand, const struct context *context, struct error *error)
{
	const struct proxy *proxy = &context->proxy;
	if (proxy->kind != PROXY_HTTP)
		return 0;
	if (join_credentials(proxy->user, proxy->password, &errand->proxy_credentials, error))
		return -1;
	errand->proxy = &context->proxy_at;
	errand->request.absolute = true;
	errand->request.proxy_authorization = errand->proxy_credentials;
	return 0;
}

static void choose_fields(struct errand *errand, bool home)
{
	const struct option_list *given = &errand->settings->fields;
	size_t n = 0;
	for (size_t i = 0; i < given->count; i++)
		if (home || for_all(given->items[i], errand->proxy))
			errand->fields[n++] = given->items[i];
	errand->request.fields = errand->fields;
	errand->request.fields_count = n;
}

int errand_begin(struct errand *errand, const struct context *context, const struct url *url, struct error *error)
{
	const struct settings *settings = context->settings;
	const struct syntax *syntax = &context->command->syntax;
	*errand = (struct errand){ .settings = settings, .first = url };
	if (settings->auth_file ? secret_read(syntax, "--auth-file", settings->auth_file, &errand->credentials, error)
				: join_credentials(url->user, url->password, &errand->credentials, error))
		return -1;
	errand->request =
	    (struct request){ .url = url,
			      .version = settings->http09   ? HTTP_0_9
					 : settings->http10 ? HTTP_1_0
							    : HTTP_1_1,
			      .extra_crlf = settings->extra_crlf,
			      .user_agent = settings->user_agent ? settings->user_agent : "skt/" SKT_VERSION,
			      .authorization = errand->credentials,
			      .range = settings->range };
	if (take_proxy(errand, context, error))
		return -1;
	choose_fields(errand, true);
	return 0;
}

int errand_redirect(struct errand *errand, const char *location, struct error *error)
{
	struct url url;
	if (++errand->hops > ERRAND_HOPS)
		return error_set(error, ERROR_PROTOCOL, 0, "more than %d redirects", ERRAND_HOPS);
	if (url_resolve(errand->request.url, location, &url, error))
		return -1;
	url_free(&errand->moved);
	errand->moved = url;
	if (join_credentials(url.user, url.password, &errand->moved_credentials, error))
		return -1;
	bool home = url_same_origin(errand->first, &errand->moved);
	errand->request.url = &errand->moved;
	errand->request.authorization = errand->moved_credentials;
	if (home && !errand->moved_credentials)
		errand->request.authorization = errand->credentials;
	choose_fields(errand, home);
	return 0;
}

void errand_endpoint(const struct errand *errand, struct endpoint *endpoint)
{
	if (errand->settings->unix_socket) {
		*endpoint =
		    (struct endpoint){ .triple = { AF_UNIX, SOCK_STREAM, 0 }, .path = errand->settings->unix_socket };
		return;
	}
	const struct url *to = errand->request.url;
	endpoint->host = errand->proxy ? errand->proxy->host : to->host;
	endpoint->service = errand->proxy ? errand->proxy->service : to->port;
}

void errand_free(struct errand *errand)
{
	free(errand->credentials);
	free(errand->moved_credentials);
	free(errand->proxy_credentials);
	url_free(&errand->moved);
}
