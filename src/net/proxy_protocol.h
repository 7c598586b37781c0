/* proxy_protocol: what the protocols of net/proxy.h bring each: how it begins, and what a byte means. */
#ifndef SKT_NET_PROXY_PROTOCOL_H
#define SKT_NET_PROXY_PROTOCOL_H

#include "net/proxy.h"

struct proxy_protocol {
	const char *word;                      /* "SOCKS5" */
	bool resolves;                         /* names are its to look up */
	int (*begin)(struct proxy_talk *talk); /* -1: no memory */
	enum proxy_state (*take)(struct proxy_talk *talk, unsigned char byte, struct error *error); /* one more byte */
};

extern const struct proxy_protocol proxy_socks4, proxy_socks4_a, proxy_socks5, proxy_connect;

#endif
