/* access: who may come, by address: lists of what is allowed and what is denied. Pure: no descriptors, no look-ups. */
#ifndef SKT_NET_ACCESS_H
#define SKT_NET_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/address.h"

/* Addresses whose first `bits` bits are these. What is IPv4 in IPv6's clothes (v4-mapped, RFC 4291 2.5.5.2) is IPv4. */
struct access_range {
	sa_family_t family; /* AF_INET or AF_INET6 */
	uint8_t bits;
	uint8_t bytes[16]; /* network order, the host's bits zero */
	uint32_t zone;     /* of a link-local address: its interface; 0: any */
};

struct access_list {
	struct access_range *items; /* owned */
	size_t count;
};

struct access {
	struct access_list allow, deny;
	bool closed; /* who is not allowed is out; else all are in but for the denied */
};

enum access_verdict { ACCESS_ADMITTED, ACCESS_NOT_ALLOWED, ACCESS_DENIED };

/* Reads SPEC: an address as address_literal takes it (but of IPv4 neither 10 nor 10.1, which could be meant as nets),
 * or ADDRESS/BITS, whose host bits are masked off. 1: *range is filled. 0: it is a name, to be looked up. -1,
 * ERROR_USAGE: it is none of these; the text is what is wrong with it, as in "'10.0.0.0/33' has ...". */
int access_read(const char *spec, struct access_range *range, struct error *error);

/* Appends. -1: no memory (ERROR_UNEXPECTED). */
int access_add(struct access_list *list, const struct access_range *range, struct error *error);

/* The range of one address of the internet families, its port aside. */
struct access_range access_range_of(const struct address *address);

/* A line of a file of SPECs, n bytes without its newline, to be changed: the SPEC in it, cut out and followed by NUL;
 * what # begins is a comment. NULL: it holds none. `line` has room for one byte more than n. */
char *access_line(char *line, size_t n);

/* Deny wins. A client of another family than the internet's is in no range. */
enum access_verdict access_judge(const struct access *access, const struct address *client);

void access_free(struct access *access);

#endif
