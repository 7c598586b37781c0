/* url: http URLs (RFC 3986, RFC 9110 4.2) taken apart, and request targets put together. Pure text. */
#ifndef SKT_HTTP_URL_H
#define SKT_HTTP_URL_H

#include <stdbool.h>

#include "base/error.h"

struct url {
	char *host;      /* name or literal, without brackets; a zone stays as "fe80::1%eth0" (%25 undone, RFC 6874) */
	char *port;      /* decimal, 1-65535; "80" where the URL has none */
	bool has_port;   /* it has one */
	char *target;    /* "/path?query": begins with "/", no fragment */
	char *authority; /* for Host and CONNECT: v6 in brackets without its zone, ":port" unless it is 80 */
	char *user;      /* percent-decoded; NULL without userinfo */
	char *password;  /* percent-decoded; NULL where the userinfo has no colon */
};

/* Takes a URL as people type it: [http://][user:pass@]HOST[:PORT][/PATH][?QUERY][#FRAGMENT]; the scheme in any case.
 * -1 with ERROR_USAGE: https:// (the text says that TLS needs a library skt does without and names what composes with
 * skt: curl, openssl s_client, socat, stunnel), another scheme, no host, a bad port, CR LF NUL, spaces or any other
 * control byte (named escaped), a bad percent escape in the userinfo (%00 is one), a user name with a colon. An IPv6
 * host may stand without brackets where no port follows. Messages mask the userinfo. Bytes >= 0x80 in path and query
 * are percent-encoded. On success all strings are owned: url_free. On -1 nothing is. */
int url_parse(const char *word, struct url *url, struct error *error);

/* Appends NAME=VALUE to the query of the target ("?" or "&" first, where neither ends the target already), each side
 * percent-encoded but for the unreserved bytes of RFC 3986 2.3 (space is %20); only the first "=" parts them; "NAME"
 * alone stays without "=". -1: no memory (ERROR_UNEXPECTED), or an empty name (ERROR_USAGE). */
int url_add_query(struct url *url, const char *name_value, struct error *error);

/* Where a redirect from `base` leads (RFC 3986 5.2: absolute, scheme-relative, absolute path, relative path with dot
 * segments removed, query alone). Userinfo is not inherited. -1 with ERROR_PROTOCOL: https, another scheme, nonsense.
 * A raw space in the path or query becomes %20, as in browsers and curl. *url is not *base. */
int url_resolve(const struct url *base, const char *location, struct url *url, struct error *error);

/* Same host (case-insensitively) and port: credentials may go there too. */
bool url_same_origin(const struct url *a, const struct url *b);

void url_free(struct url *url);

#endif
