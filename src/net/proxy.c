#include "net/proxy.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "net/proxy_protocol.h"

enum { FIELD_MOST = 255 }; /* what a length byte of SOCKS5 can say; the same for all, as no name is longer */

static const struct proxy_protocol *const protocols[PROXY_KINDS] = {
	[PROXY_HTTP] = &proxy_connect,
	[PROXY_SOCKS4] = &proxy_socks4,
	[PROXY_SOCKS4A] = &proxy_socks4_a,
	[PROXY_SOCKS5] = &proxy_socks5,
};

bool proxy_resolves(enum proxy_kind kind)
{
	return protocols[kind]->resolves;
}

const char *proxy_word(enum proxy_kind kind)
{
	return protocols[kind]->word;
}

static bool is_socks4(enum proxy_kind kind)
{
	return kind == PROXY_SOCKS4 || kind == PROXY_SOCKS4A;
}

int proxy_check(const struct proxy *proxy, struct error *error)
{
	const char *user = proxy->user, *password = proxy->password;
	if (!user || proxy->kind == PROXY_HTTP)
		return 0;
	if (is_socks4(proxy->kind) && password && *password)
		return error_set(error, ERROR_USAGE, 0, "SOCKS4 knows a user name but no password");
	if (strlen(user) > FIELD_MOST)
		return error_set(error, ERROR_USAGE, 0, "a user name for SOCKS has at most %d bytes", FIELD_MOST);
	if (is_socks4(proxy->kind))
		return 0;
	if (!*user || !password || !*password || strlen(password) > FIELD_MOST)
		return error_set(error, ERROR_USAGE, 0,
				 "SOCKS5 wants a user name and a password, of 1 to %d bytes each (RFC 1929)",
				 FIELD_MOST);
	return 0;
}

/* Nothing that could end or bend a request. */
static int check_name(const char *name, struct error *error)
{
	char shown[200];
	size_t n = 0;
	while (name[n] > ' ' && name[n] < 0x7f && !strchr("/:@?#[]\\", name[n]))
		n++;
	if (!n || name[n])
		return error_set(error, ERROR_USAGE, 0, "'%s' is no name that a proxy could look up",
				 TEXT_SHOW(shown, name));
	if (n > FIELD_MOST)
		return error_set(error, ERROR_USAGE, 0, "the name '%s' is longer than %d bytes", TEXT_SHOW(shown, name),
				 FIELD_MOST);
	return 0;
}

int proxy_check_target(const struct proxy *proxy, const char *host, struct error *error)
{
	struct address address;
	char shown[ADDRESS_TEXT];
	int literal = address_literal(host, AF_UNSPEC, &address, error);
	if (literal < 0)
		return -1;
	if (!literal)
		return check_name(host, error);
	bool inet6 = address.any.sa_family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(&address.in6.sin6_addr);
	if (inet6 && address.in6.sin6_scope_id)
		return error_set(error, ERROR_USAGE, 0, "the zone of '%s' means nothing to a proxy",
				 address_host(shown, &address));
	if (inet6 && is_socks4(proxy->kind))
		return error_set(error, ERROR_USAGE, 0, "%s has no room for the IPv6 address '%s'; socks5:// has",
				 proxy_word(proxy->kind), address_host(shown, &address));
	return 0;
}

int proxy_begin(struct proxy_talk *talk, const struct proxy *proxy, const struct proxy_target *target,
		struct error *error)
{
	*talk = (struct proxy_talk){ .proxy = proxy, .target = target };
	if (target->address.any.sa_family == AF_UNSPEC && check_name(target->name, error))
		return -1;
	if (protocols[proxy->kind]->begin(talk))
		return error_system(error, ERROR_UNEXPECTED, ENOMEM, "proxy");
	return 0;
}

enum proxy_state proxy_take(struct proxy_talk *talk, const char *bytes, size_t n, size_t *used, struct error *error)
{
	enum proxy_state state = PROXY_MORE;
	for (*used = 0; *used < n && state == PROXY_MORE && !buffer_held(&talk->out); ++*used)
		state = protocols[talk->proxy->kind]->take(talk, (unsigned char)bytes[*used], error);
	return state;
}

int proxy_end(const struct proxy_talk *talk, struct error *error)
{
	return error_set(error, ERROR_PROTOCOL, 0, "the proxy ended the connection %s",
			 talk->total ? "in the midst of its answer" : "without an answer");
}

void proxy_free(struct proxy_talk *talk)
{
	if (talk->out.data)
		explicit_bzero(talk->out.data, talk->out.size); /* credentials were in there */
	buffer_free(&talk->out);
}
