/* address: socket addresses as people write them and as the kernel takes them. Never asks a name server. */
#ifndef SKT_NET_ADDRESS_H
#define SKT_NET_ADDRESS_H

#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/error.h"

struct address {
	socklen_t length;
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
		struct sockaddr_vm vm;
		struct sockaddr_storage storage;
	};
};

enum { ADDRESS_TEXT = 512 }; /* room for any address as text, a unix path escaped byte by byte too */

/* Reads HOST as a literal: dotted IPv4, its 32-bit forms (0x7f000001, 2130706433) and the short forms of inet_aton(3)
 * but octal ones, any RFC 4291 IPv6 form, bare or in brackets, with %zone (a name or a number of an interface that
 * exists). 1: it is one, and *address is filled with port 0. 0: it is no literal but a name. -1, ERROR_USAGE: a literal
 * out of range, with an unknown zone, or of another family than `family` (AF_UNSPEC: either). */
int address_literal(const char *host, int family, struct address *address, struct error *error);

/* The address of a vsock: HOST is a CID, decimal or 0x..., or one of the words any, hypervisor, local, host; PORT has 32
 * bits. A NULL host is any CID. With `bind`, port 0 is left to the kernel. -1, ERROR_USAGE: neither. */
int address_vsock(const char *host, const char *service, bool bind, struct address *address, struct error *error);

/* The address of a unix socket: a path of 1 to 107 bytes, or @name for the abstract namespace. -1, ERROR_USAGE: too
 * long or empty. */
int address_unix(const char *path, struct address *address, struct error *error);

/* An interface by name or number, as behind % in an address: its number, or 0 where there is none. */
uint32_t address_zone(const char *zone);

/* A multicast address, IPv4 or IPv6. */
bool address_is_group(const struct address *address);

/* A path in the file system (not abstract, not unnamed): something to remove in the end. */
bool address_is_path(const struct address *address);

uint32_t address_port(const struct address *address); /* 0 for unix */
void address_set_port(struct address *address, uint32_t port);

/* HOST alone in RFC 5952 form, a v4-mapped one as IPv4, with its zone where it is link-local; the path of a unix socket
 * escaped, "@name" for an abstract and "(unnamed)" for no name. Returns out. */
char *address_host(char out[static ADDRESS_TEXT], const struct address *address);

/* "127.0.0.1:80", "[::1]:80", or as address_host for unix. Returns out. */
char *address_show(char out[static ADDRESS_TEXT], const struct address *address);

/* The local / the remote address of a socket; an empty one (AF_UNSPEC) where the kernel has none. */
void address_local(int fd, struct address *address);
void address_peer(int fd, struct address *address);

#endif
