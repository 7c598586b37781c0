/* group: multicast groups: as they are written, GROUP[%DEV], and how a bound socket joins them. */
#ifndef SKT_NET_GROUP_H
#define SKT_NET_GROUP_H

#include <stddef.h>

#include "base/error.h"
#include "base/trace.h"
#include "net/address.h"
#include "net/triple.h"

struct group_plan {
	const char *const *groups;  /* words, each GROUP[%DEV]; %DEV, a name or a number, may stand behind IPv4, too */
	size_t groups_count;        /* 0: none is joined */
	const char *const *sources; /* words: only what these addresses send to the groups is heard */
	size_t sources_count;       /* 0: whatever anybody sends */
};

/* Checks the words for a socket of this family (AF_UNSPEC: both) that is bound to `local` (NULL: not known yet),
 * without opening one. -1, ERROR_USAGE: one is no multicast address, names no interface, is of another family than the
 * rest; or a socket that is bound so would hear none of them. */
int group_check(const struct group_plan *plan, int family, const struct address *local, struct error *error);

/* Joins all groups; the socket hears no others from then on (IP_MULTICAST_ALL, ip(7)). -1: ERROR_UNREACHABLE where no
 * route says by which interface, else ERROR_UNEXPECTED. */
int group_join(const struct group_plan *plan, int fd, const struct triple *triple, const struct trace *trace,
	       struct error *error);

#endif
