/* triple: (address family, socket type, protocol), what exists, what each can do, and what they are called. */
#ifndef SKT_NET_TRIPLE_H
#define SKT_NET_TRIPLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct triple {
	int family; /* AF_UNSPEC: IPv4 or IPv6, as the name resolves */
	int type;
	int protocol; /* 0: the kernel's default for family and type */
};

/* What was asked for: a triple and where. */
struct endpoint {
	struct triple triple;
	const char *host;    /* NULL: every address (to bind) */
	const char *service; /* number or name */
	const char *path;    /* AF_UNIX */
};

/* Words for the constants, for options and for --trace; NULL ends the rows. */
struct triple_name {
	const char *word;     /* "inet" */
	const char *constant; /* "AF_INET" */
	int value;
};
extern const struct triple_name triple_families[], triple_types[], triple_protocols[];

/* "AF_INET" for AF_INET, or the number as text into out (size >= 12). */
const char *triple_constant(const struct triple_name *names, int value, char *out, size_t size);

/* "inet stream tcp" for messages; the protocol as a number where it has no name. Returns out. */
char *triple_show(char *out, size_t size, const struct triple *triple);

/* What was not asked for follows from what was: family, type or protocol that are TRIPLE_OPEN are filled, from each
 * other and else from the command's own triple. */
enum { TRIPLE_OPEN = -1 };
void triple_complete(struct triple *triple, const struct triple *usual);

/* Whether the combination exists at all: -1, ERROR_USAGE, names the conflict. A protocol number without a row passes:
 * the kernel judges it. */
int triple_check(const struct triple *triple, struct error *error);

bool triple_is_tcp(const struct triple *triple); /* TCP or MPTCP, the default of internet streams included */
bool triple_is_mptcp(const struct triple *triple);
bool triple_is_udp(const struct triple *triple);               /* UDP, the default of internet datagrams included */
bool triple_is_internet_datagram(const struct triple *triple); /* UDP and its kin: ICMP errors, 16 bits of length */
bool triple_has_boundaries(const struct triple *triple);       /* messages, not a stream of bytes */
bool triple_has_end(const struct triple *triple); /* connected: a peer can end; shutdown(2) means something */
bool triple_listens(const struct triple *triple); /* a server calls listen(2) */

/* A socket of this triple, non-blocking and close-on-exec. -1: error says what this kernel lacks (ERROR_UNEXPECTED) or
 * the errno's class. Its errno is in error->number. */
struct trace;
int triple_socket(const struct triple *triple, const struct trace *trace, struct error *error);

#endif
