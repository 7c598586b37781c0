/* md5: TCP MD5 signatures (RFC 2385, tcp(7)), with which routers prove to each other who they are: a segment without the
 * right one is dropped, unanswered. */
#ifndef SKT_NET_MD5_H
#define SKT_NET_MD5_H

#include <stddef.h>

#include "base/error.h"
#include "base/trace.h"
#include "net/address.h"
#include "net/triple.h"

enum { MD5_MOST = 80 }; /* bytes of a key, TCP_MD5SIG_MAXKEYLEN */

struct md5_key {
	size_t length; /* 0: none */
	unsigned char bytes[MD5_MOST];
};

/* Has the socket sign what goes to this peer and take from it only what is signed; before connect(2). A key that is
 * NULL or empty, and a socket that is not TCP: nothing is done. -1: the kernel refused. */
int md5_sign_to(const struct md5_key *key, int fd, const struct triple *triple, const struct address *peer,
		const struct trace *trace, struct error *error);

/* The same for every peer of a listening socket; before listen(2). */
int md5_sign_all(const struct md5_key *key, int fd, const struct triple *triple, const struct trace *trace,
		 struct error *error);

#endif
