#include "http/request.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/encode.h"
#include "base/text.h"

/* RFC 9110 5.6.2; spelled out, as isalnum(3) follows the locale. */
#define TOKEN "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* A field that skt sends by itself, unless -H speaks of the same name. */
struct own {
	const char *name, *prefix, *value; /* value NULL: not sent */
	bool basic;                        /* the value is "user:pass" */
};

static bool blank(const char *text)
{
	return !text[strspn(text, " \t")];
}

bool request_has_field(const struct request *request, const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 0; i < request->fields_count; i++)
		if (strspn(request->fields[i], TOKEN) == n && !strncasecmp(request->fields[i], name, n))
			return true;
	return false;
}

static int append(struct buffer *out, const char *text)
{
	return buffer_append(out, text, strlen(text));
}

static int append_own(struct buffer *out, const struct request *request, const struct own *own)
{
	if (!own->value || request_has_field(request, own->name))
		return 0;
	if (append(out, own->name) || append(out, ": ") || append(out, own->prefix))
		return -1;
	return (own->basic ? encode_base64(out, own->value, strlen(own->value)) : append(out, own->value)) || append(out, "\r\n") ? -1 : 0;
}

/* `Name: value` as it was typed; "Name:" asks for none at all, "Name;" for an empty one. */
static int append_given(struct buffer *out, const char *field)
{
	size_t name = strspn(field, TOKEN);
	if (field[name] == ';')
		return buffer_append(out, field, name) || append(out, ":\r\n") ? -1 : 0;
	if (blank(field + name + 1))
		return 0;
	return append(out, field) || append(out, "\r\n") ? -1 : 0;
}

static int append_fields(struct buffer *out, const struct request *request)
{
	const struct own own[] = {
		{ "Host", "", request->url->authority, false },
		{ "User-Agent", "", request->user_agent && *request->user_agent ? request->user_agent : NULL, false },
		{ "Accept", "", "*/*", false },
		{ "Accept-Encoding", "", "identity", false },
		{ "Connection", "", "close", false },
		{ "Range", "bytes=", request->range, false },
		{ "If-Range", "", request->if_range, false },
		{ "Authorization", "Basic ", request->authorization, true },
		{ "Proxy-Authorization", "Basic ", request->proxy_authorization, true },
	};
	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
		if (append_own(out, request, &own[i]))
			return -1;
	for (size_t i = 0; i < request->fields_count; i++)
		if (append_given(out, request->fields[i]))
			return -1;
	return append(out, "\r\n");
}

int request_write(struct buffer *out, const struct request *request)
{
	if (append(out, "GET "))
		return -1;
	if (request->absolute && (append(out, "http://") || append(out, request->url->authority)))
		return -1;
	if (append(out, request->url->target))
		return -1;
	if (request->version == HTTP_0_9)
		return append(out, request->extra_crlf ? "\r\n\r\n" : "\r\n");
	if (append(out, request->version == HTTP_1_0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n"))
		return -1;
	return append_fields(out, request);
}

static int refuse(struct error *error, const char *what, const char *word, const char *why)
{
	char shown[160];
	return error_set(error, ERROR_USAGE, 0, "%s '%s': %s", what, TEXT_SHOW(shown, word), why);
}

int request_check_value(const char *what, const char *value, struct error *error)
{
	return strpbrk(value, "\r\n") ? refuse(error, what, value, "a line end cannot stand in it") : 0;
}

int request_check_field(const char *field, struct error *error)
{
	static const char what[] = "header";
	static const char form[] = "'Name: value' sends it, 'Name:' leaves it out, 'Name;' sends it empty";
	size_t name = strspn(field, TOKEN);
	if (request_check_value(what, field, error))
		return -1;
	if (!field[name] || (field[name] == ';' && !blank(field + name + 1)))
		return refuse(error, what, field, form);
	if (!name)
		return refuse(error, what, field, "the name is empty or begins with a byte that no name holds");
	if (field[name] != ':' && field[name] != ';')
		return refuse(error, what, field, "the name holds a byte that no name may hold");
	return 0;
}

/* Decimal digits at *at, up to 2^63-1; *at is left behind them. */
static int number(const char **at, uint64_t *value)
{
	const char *start = *at;
	*value = 0;
	for (; **at >= '0' && **at <= '9'; ++*at) {
		unsigned digit = (unsigned)(**at - '0');
		if (*value > ((uint64_t)INT64_MAX - digit) / 10)
			return -1;
		*value = *value * 10 + digit;
	}
	return *at > start ? 0 : -1;
}

int request_check_range(const char *range, struct error *error)
{
	static const char what[] = "range", form[] = "it is written A-B, A- or -N, in bytes";
	const char *at = range;
	uint64_t first, last = INT64_MAX;
	bool suffix = *at == '-';
	at += suffix;
	bool good = !number(&at, &first);
	if (good && suffix && !*at)
		return first ? 0 : refuse(error, what, range, "it is of no bytes");
	good = good && !suffix && *at == '-';
	at += good;
	good = good && (!*at || !number(&at, &last)) && !*at;
	if (!good) /* a number that is too large is left at the digit that is too many */
		return refuse(error, what, range, *at >= '0' && *at <= '9' ? "it reaches beyond 2^63-1" : form);
	return first <= last ? 0 : refuse(error, what, range, "it ends before it begins");
}
