#include "http/url.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/text.h"

/* Spelled out: isalnum(3) and its kin follow the locale. */
#define DIGITS "0123456789"
#define ALPHA "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define UNRESERVED ALPHA DIGITS "-._~"
#define SUB_DELIMS "!$&'()*+,;="

/* A text being taken apart: a word that a person typed, or the Location of a redirect. */
struct source {
	const char *text;
	struct error *error;
	enum error_class class;
	bool redirect;
};

/* The text with its userinfo masked: messages end in logs, and a password is none of theirs. */
static int refuse(const struct source *source, const char *why)
{
	char shown[240];
	const char *text = source->text, *slashes = strstr(text, "//");
	struct buffer masked = { 0 };
	if (slashes && slashes == text + strcspn(text, "/?#@"))
		text = slashes + 2;
	size_t at = strcspn(text, "/?#");
	while (at && text[at - 1] != '@')
		at--;
	int hidden = (int)(text - source->text);
	if (at ? buffer_printf(&masked, "%.*s***@%s", hidden, source->text, text + at)
	       : buffer_printf(&masked, "%s", source->text))
		return error_system(source->error, ERROR_UNEXPECTED, ENOMEM, "URL");
	text_escape(shown, sizeof shown, masked.data ? masked.data : "", buffer_held(&masked));
	buffer_free(&masked);
	const char *what = source->redirect ? "redirect to" : "URL";
	return error_set(source->error, source->class, 0, "%s '%s': %s", what, shown, why);
}

static int no_memory(struct error *error)
{
	return error_system(error, ERROR_UNEXPECTED, ENOMEM, "URL");
}

/* Servers do send raw spaces in Location, and browsers and curl take them; a person's space is a slip. */
static int check_bytes(const struct source *source)
{
	for (const char *at = source->text; *at; at++) {
		unsigned char byte = (unsigned char)*at;
		if (byte > 0x20 && byte != 0x7f)
			continue;
		if (byte == ' ' && source->redirect)
			continue;
		char shown[8], why[80];
		text_escape(shown, sizeof shown, at, 1);
		snprintf(why, sizeof why, "the byte '%s' cannot stand in a URL%s", shown,
			 byte == ' ' ? " (%20 is a space)" : "");
		return refuse(source, why);
	}
	return 0;
}

static int check_scheme(const struct source *source, const char *name, size_t size)
{
	if (size == 4 && !strncasecmp(name, "http", size))
		return 0;
	if (size == 5 && !strncasecmp(name, "https", size))
		return refuse(source, "https needs TLS, a library that skt does without; use curl, or skt with openssl "
				      "s_client, socat or stunnel");
	return refuse(source, "http:// is the only scheme known here");
}

/* Bytes of "name:" at the front, 0 where no scheme stands (RFC 3986 3.1). */
static size_t scheme_size(const char *text)
{
	size_t n = strspn(text, ALPHA DIGITS "+-.");
	return n && text[n] == ':' && strchr(ALPHA, text[0]) ? n + 1 : 0;
}

static int append_encoded(struct buffer *out, const char *bytes, size_t n, const char *kept)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char byte = (unsigned char)bytes[i];
		bool keep = kept ? strchr(kept, byte) != NULL : byte > 0x20 && byte < 0x7f;
		if (keep ? buffer_append(out, bytes + i, 1) : buffer_printf(out, "%%%02X", byte))
			return -1;
	}
	return 0;
}

/* Path and query as a server may be sent them, without the fragment. */
static int append_target(struct buffer *out, const char *text)
{
	return append_encoded(out, text, strcspn(text, "#"), NULL);
}

/* The built string, owned by the caller now; NULL: no memory. */
static char *finish(struct buffer *built, int failed)
{
	if (failed || buffer_append(built, "", 1)) {
		buffer_free(built);
		return NULL;
	}
	return built->data;
}

static int hex_digit(char digit)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = digit ? strchr(digits, digit) : NULL;
	return at ? (int)(at - digits) & 15 : -1;
}

static int decode(const struct source *source, const char *text, size_t n, char **decoded)
{
	char *out = malloc(n + 1);
	size_t used = 0;
	if (!out)
		return no_memory(source->error);
	*decoded = out; /* url_free takes it when the escape is bad */
	for (size_t i = 0; i < n; i++) {
		out[used] = text[i];
		if (text[i] == '%') {
			int high = i + 2 < n ? hex_digit(text[i + 1]) : -1;
			int low = i + 2 < n ? hex_digit(text[i + 2]) : -1;
			if (high < 0 || low < 0 || !(high | low))
				return refuse(source, "bad percent escape in the user name or password");
			out[used] = (char)(high << 4 | low);
			i += 2;
		}
		used++;
	}
	out[used] = '\0';
	return 0;
}

/* n bytes of "user:pass"; nothing at all is as good as no userinfo. */
static int take_userinfo(const struct source *source, const char *text, size_t n, struct url *url)
{
	const char *colon = memchr(text, ':', n);
	size_t user = colon ? (size_t)(colon - text) : n;
	if (!n)
		return 0;
	if (decode(source, text, user, &url->user))
		return -1;
	if (strchr(url->user, ':'))
		return refuse(source, "a user name with a colon cannot be sent (RFC 7617)");
	return colon ? decode(source, colon + 1, n - user - 1, &url->password) : 0;
}

/* An IPv6 literal of n bytes, with "%zone" or, as RFC 6874 has it, "%25zone". "%25" alone is interface 25. */
static int take_literal(const struct source *source, const char *text, size_t n, struct url *url)
{
	char address[INET6_ADDRSTRLEN];
	unsigned char parsed[16];
	const char *percent = memchr(text, '%', n), *zone = percent;
	size_t bare = percent ? (size_t)(percent - text) : n, zone_size = 0;
	if (percent) {
		zone += n - bare > 3 && !strncmp(zone, "%25", 3) ? 3 : 1;
		zone_size = n - (size_t)(zone - text);
	}
	if (bare >= sizeof address || (percent && (!zone_size || strspn(zone, UNRESERVED) < zone_size)))
		return refuse(source, "bad IPv6 address");
	memcpy(address, text, bare);
	address[bare] = '\0';
	if (inet_pton(AF_INET6, address, parsed) != 1)
		return refuse(source, "bad IPv6 address");
	struct buffer host = { 0 }, authority = { 0 };
	url->host = finish(&host, buffer_printf(&host, percent ? "%s%%%.*s" : "%s", address, (int)zone_size, zone));
	url->authority = finish(&authority, buffer_printf(&authority, "[%s]", address));
	return url->host && url->authority ? 0 : no_memory(source->error);
}

static int take_name(const struct source *source, const char *text, size_t n, struct url *url)
{
	if (!n)
		return refuse(source, "no host");
	if (strspn(text, UNRESERVED SUB_DELIMS) < n)
		return refuse(source, "bad byte in the host name (an international name is written in its xn-- form)");
	url->host = strndup(text, n);
	url->authority = strndup(text, n);
	return url->host && url->authority ? 0 : no_memory(source->error);
}

/* What stands behind the host: nothing, ":" or ":PORT" of n bytes. Fills port and completes authority. */
static int take_port(const struct source *source, const char *text, size_t n, struct url *url)
{
	uint64_t port = 80;
	char digits[8] = "";
	url->has_port = n > 1;
	if (url->has_port) {
		memcpy(digits, text + 1, n - 1 < sizeof digits ? n - 1 : sizeof digits - 1);
		if (n - 1 >= sizeof digits || text_number(digits, 65535, &port) || !port)
			return refuse(source, "bad port (1 to 65535)");
	}
	struct buffer word = { 0 }, authority = { 0 };
	url->port = finish(&word, buffer_printf(&word, "%u", (unsigned)port));
	if (port == 80)
		return url->port ? 0 : no_memory(source->error);
	char *whole = finish(&authority, buffer_printf(&authority, "%s:%u", url->authority, (unsigned)port));
	free(url->authority);
	url->authority = whole;
	return url->port && whole ? 0 : no_memory(source->error);
}

/* HOST[:PORT] of n bytes. Two colons outside brackets can only be an IPv6 address, and one without a port. */
static int take_host(const struct source *source, const char *text, size_t n, struct url *url)
{
	const char *colon = memchr(text, ':', n);
	size_t host = colon ? (size_t)(colon - text) : n;
	if (*text == '[' && n) {
		const char *close = memchr(text, ']', n);
		host = close ? (size_t)(close - text) + 1 : n;
		if (!close || (host < n && text[host] != ':'))
			return refuse(source, "bad brackets around the host");
		if (take_literal(source, text + 1, host - 2, url))
			return -1;
	} else if (colon && memchr(colon + 1, ':', n - host - 1)) {
		host = n;
		if (take_literal(source, text, n, url))
			return -1;
	} else if (take_name(source, text, host, url)) {
		return -1;
	}
	return take_port(source, text + host, n - host, url);
}

/* RFC 3986 5.2.4, in place, on the path of a target that begins with "/". */
static void remove_dots(char *target)
{
	char *out = target;
	const char *in = target, *end = target + strcspn(target, "?");
	while (in < end) {
		size_t n = 1 + strcspn(in + 1, "/?");
		bool dot = n == 2 && in[1] == '.', dots = n == 3 && in[1] == '.' && in[2] == '.';
		while (dots && out > target && *--out != '/')
			;
		if (!dot && !dots) {
			memmove(out, in, n);
			out += n;
		} else if (in + n == end) {
			*out++ = '/';
		}
		in += n;
	}
	memmove(out, end, strlen(end) + 1);
}

/* Everything behind "http://". */
static int take_rest(const struct source *source, const char *text, struct url *url)
{
	struct buffer target = { 0 };
	const char *host = text, *path = text + strcspn(text, "/?#");
	/* The last "@": passwords are typed with a raw one. */
	for (const char *at = text; at < path; at++)
		if (*at == '@')
			host = at + 1;
	if (host > text && take_userinfo(source, text, (size_t)(host - text) - 1, url))
		return -1;
	if (take_host(source, host, (size_t)(path - host), url))
		return -1;
	url->target = finish(&target, (*path != '/' && buffer_append(&target, "/", 1)) || append_target(&target, path));
	return url->target ? 0 : no_memory(source->error);
}

static int done(struct url *url, int answer)
{
	if (answer)
		url_free(url);
	return answer;
}

/* "http:host" and "https:/host" are slips; "http:80" is a host of that name, and "http:word@host" a user. */
static bool lacks_slashes(const char *word, size_t scheme)
{
	bool named = (scheme == 5 && !strncasecmp(word, "http", 4)) || (scheme == 6 && !strncasecmp(word, "https", 5));
	const char *rest = word + scheme;
	size_t port = strspn(rest, DIGITS), host = strcspn(rest, "/?#");
	return named && (!port || port < host) && !memchr(rest, '@', host);
}

int url_parse(const char *word, struct url *url, struct error *error)
{
	struct source source = { .text = word, .error = error, .class = ERROR_USAGE };
	size_t scheme = scheme_size(word);
	*url = (struct url){ 0 };
	if (check_bytes(&source))
		return -1;
	if (!strncmp(word + scheme, "//", 2)) {
		if (!scheme)
			return refuse(&source, "no scheme before '//'");
		if (check_scheme(&source, word, scheme - 1))
			return -1;
		return done(url, take_rest(&source, word + scheme + 2, url));
	}
	if (lacks_slashes(word, scheme))
		return refuse(&source, "two slashes belong behind the scheme");
	return done(url, take_rest(&source, word, url));
}

/* A reference without scheme and host: what it leaves out comes from the base. */
static int take_relative(const struct source *source, const struct url *base, const char *text, struct url *url)
{
	struct buffer target = { 0 };
	size_t kept = strcspn(base->target, "?");
	if (!*text || *text == '#')
		kept = strlen(base->target);
	else if (*text == '/')
		kept = 0;
	else if (*text != '?')
		while (base->target[kept - 1] != '/')
			kept--;
	url->host = strdup(base->host);
	url->port = strdup(base->port);
	url->authority = strdup(base->authority);
	url->target = finish(&target, buffer_append(&target, base->target, kept) || append_target(&target, text));
	return url->host && url->port && url->authority && url->target ? 0 : no_memory(source->error);
}

int url_resolve(const struct url *base, const char *location, struct url *url, struct error *error)
{
	struct source source = { .text = location, .error = error, .class = ERROR_PROTOCOL, .redirect = true };
	size_t scheme = scheme_size(location);
	const char *rest = location + scheme;
	int answer;
	*url = (struct url){ 0 };
	if (check_bytes(&source) || (scheme && check_scheme(&source, location, scheme - 1)))
		return -1;
	if (!strncmp(rest, "//", 2))
		answer = take_rest(&source, rest + 2, url);
	else if (scheme)
		return refuse(&source, "two slashes belong behind the scheme");
	else
		answer = take_relative(&source, base, rest, url);
	if (!answer)
		remove_dots(url->target);
	return done(url, answer);
}

int url_add_query(struct url *url, const char *name_value, struct error *error)
{
	struct buffer target = { 0 };
	size_t old = strlen(url->target), name = strcspn(name_value, "=");
	const char *query = strchr(url->target, '?'), *value = name_value + name;
	if (!name) {
		char shown[120];
		return error_set(error, ERROR_USAGE, 0, "query '%s': no name", TEXT_SHOW(shown, name_value));
	}
	int failed = buffer_append(&target, url->target, old);
	if (!query)
		failed = failed || buffer_append(&target, "?", 1);
	else if (!strchr("?&", url->target[old - 1])) /* "/?" has its question mark, but no parameter yet */
		failed = failed || buffer_append(&target, "&", 1);
	failed = failed || append_encoded(&target, name_value, name, UNRESERVED);
	if (*value)
		failed = failed || buffer_append(&target, "=", 1) ||
			 append_encoded(&target, value + 1, strlen(value + 1), UNRESERVED);
	char *whole = finish(&target, failed);
	if (!whole)
		return no_memory(error);
	free(url->target);
	url->target = whole;
	return 0;
}

bool url_same_origin(const struct url *a, const struct url *b)
{
	return !strcasecmp(a->host, b->host) && !strcmp(a->port, b->port);
}

void url_free(struct url *url)
{
	free(url->host);
	free(url->port);
	free(url->target);
	free(url->authority);
	free(url->user);
	free(url->password);
	*url = (struct url){ 0 };
}
