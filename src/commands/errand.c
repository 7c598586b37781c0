#include "commands/errand.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "commands/secret.h"

/* "user:pass" of the URL, owned, NULL where it has none. */
static int take_credentials(const struct url *url, char **both, struct error *error)
{
	free(*both);
	*both = NULL;
	if (!url->user || asprintf(both, "%s:%s", url->user, url->password ? url->password : "") >= 0)
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

/* What --proxy says; its words were checked with the others. */
static int take_proxy(struct errand *errand, const struct syntax *syntax, struct error *error)
{
	const struct settings *settings = errand->settings;
	const char *file = settings->http_proxy_auth_file;
	if (!settings->http_proxy)
		return 0;
	if (url_parse(settings->http_proxy, &errand->proxy, error))
		return -1;
	if (file ? secret_read(syntax, "--proxy-auth-file", file, &errand->proxy_credentials, error)
		 : take_credentials(&errand->proxy, &errand->proxy_credentials, error))
		return -1;
	errand->request.absolute = true;
	errand->request.proxy_authorization = errand->proxy_credentials;
	return 0;
}

static void choose_fields(struct errand *errand, bool home)
{
	const struct option_list *given = &errand->settings->fields;
	size_t n = 0;
	for (size_t i = 0; i < given->count; i++)
		if (home || for_all(given->items[i], errand->settings->http_proxy))
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
				: take_credentials(url, &errand->credentials, error))
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
	choose_fields(errand, true);
	return take_proxy(errand, syntax, error);
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
	if (take_credentials(&errand->moved, &errand->moved_credentials, error))
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
	const struct url *to = errand->proxy.host ? &errand->proxy : errand->request.url;
	endpoint->host = to->host;
	endpoint->service = to->port;
}

void errand_free(struct errand *errand)
{
	free(errand->credentials);
	free(errand->moved_credentials);
	free(errand->proxy_credentials);
	url_free(&errand->moved);
	url_free(&errand->proxy);
}
