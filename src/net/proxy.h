/* proxy: what is said to a proxy until it lets bytes through to the target, and what it answers: SOCKS 4, 4a and 5, and
 * CONNECT of HTTP. Bytes in, bytes out; no descriptors (net/tunnel.h has one). */
#ifndef SKT_NET_PROXY_H
#define SKT_NET_PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "net/address.h"

enum proxy_kind { PROXY_NONE, PROXY_HTTP, PROXY_SOCKS4, PROXY_SOCKS4A, PROXY_SOCKS5, PROXY_KINDS };

struct proxy {
	enum proxy_kind kind;
	char *host, *port;     /* owned */
	char *user, *password; /* owned; NULL: not given */
};

/* Where the proxy is to connect to: an address, or (family AF_UNSPEC) a name that it looks up. */
struct proxy_target {
	struct address address;
	const char *name;
	uint16_t port;
};

enum { PROXY_REPLY = 512 }; /* room for the longest reply of SOCKS, or a line of HTTP */

struct proxy_talk {
	const struct proxy *proxy;
	const struct proxy_target *target;
	struct buffer out; /* to be sent before the next byte is read; owned */
	/* The protocol's own: */
	unsigned stage, status;
	size_t got, total;
	unsigned char reply[PROXY_REPLY];
};

enum proxy_state {
	PROXY_MORE, /* send what is in `out`, read on */
	PROXY_DONE, /* what comes from now on is the target's */
	PROXY_BAD,  /* refused, or nonsense: error says which */
};

/* Whether the proxy's kind can carry these credentials. -1: ERROR_USAGE. */
int proxy_check(const struct proxy *proxy, struct error *error);

/* Whether this HOST can be asked of the proxy: a literal (of IPv4 for SOCKS4) or a name. -1: ERROR_USAGE. */
int proxy_check_target(const struct proxy *proxy, const char *host, struct error *error);

/* Whether the proxy looks names up. If not, they are resolved here, and to IPv4. */
bool proxy_resolves(enum proxy_kind kind);

/* "SOCKS5", for messages. */
const char *proxy_word(enum proxy_kind kind);

/* Begins: the first message is in talk->out. Both must outlive the talk. -1: no memory, or ERROR_USAGE as in
 * proxy_check_target. proxy_free either way. */
int proxy_begin(struct proxy_talk *talk, const struct proxy *proxy, const struct proxy_target *target,
		struct error *error);

/* The proxy said these n bytes; *used of them were for us. PROXY_BAD fills error: ERROR_REFUSED or ERROR_UNREACHABLE
 * where SOCKS5 (RFC 1928) says that this is what the target was, ERROR_PROTOCOL else; the text says that it is the
 * proxy's word. */
enum proxy_state proxy_take(struct proxy_talk *talk, const char *bytes, size_t n, size_t *used, struct error *error);

/* The proxy's stream ended before it said its all. Returns -1. */
int proxy_end(const struct proxy_talk *talk, struct error *error);

void proxy_free(struct proxy_talk *talk);

#endif
