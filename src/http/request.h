/* request: what is sent to a server, as bytes (RFC 9112 3). Pure. */
#ifndef SKT_HTTP_REQUEST_H
#define SKT_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "http/url.h"

enum http_version { HTTP_1_1, HTTP_1_0, HTTP_0_9 };

struct request {
	const struct url *url;
	enum http_version version;
	bool absolute;              /* absolute-form target, for a proxy: "http://authority/target" */
	bool extra_crlf;            /* HTTP_0_9: a blank line behind the request line */
	const char *user_agent;     /* NULL or empty: none is sent; see request_check_value */
	const char *range;          /* "A-B", "A-" or "-N" as "Range: bytes=..."; NULL: none */
	const char *if_range;       /* value of "If-Range": the range only of this page, else all of it; NULL: none */
	const char *authorization;  /* "user:pass", sent as Basic; NULL: none */
	const char *proxy_authorization; /* likewise */
	const char *const *fields;  /* `Name: value` lines given by -H */
	size_t fields_count;
};

/* Appends the request. HTTP_0_9: exactly "GET TARGET\r\n" and nothing else (plus "\r\n" with extra_crlf). Otherwise
 * request line, Host (also with 1.0), User-Agent, "Accept: * / *" without the spaces, "Accept-Encoding: identity",
 * "Connection: close", Range, If-Range, Authorization, then the fields; a field given by -H replaces the one of the same name
 * (case-insensitively) that would be sent by default; "Name:" with an empty value removes it, "Name;" sends it empty,
 * as with curl. -1: no memory. The fields were checked by request_check_field. */
int request_write(struct buffer *out, const struct request *request);

/* Whether the fields given by -H speak of this name. */
bool request_has_field(const struct request *request, const char *name);

/* Whether a -H word can be sent: "Name: value" with a token as name (RFC 9110 5.1), no CR, LF or NUL (NUL cannot come
 * in a string). -1: error->text says what is wrong, class ERROR_USAGE. */
int request_check_field(const char *field, struct error *error);

/* Whether a text can be sent as the value of a field (--user-agent): no CR or LF. `what` names it in the error. -1 as
 * above. */
int request_check_value(const char *what, const char *value, struct error *error);

/* Whether a -r word is A-B (A <= B), A- or -N (N >= 1), numbers up to 2^63-1. -1 as above. */
int request_check_range(const char *range, struct error *error);

#endif
