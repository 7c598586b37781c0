#include "net/group.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "net/call.h"
#include "net/sockopt.h"

#ifndef IPV6_MULTICAST_ALL
#define IPV6_MULTICAST_ALL 29
#endif

static int refuse(struct error *error, const char *option, const char *word, const char *why)
{
	char shown[128];
	return error_set(error, ERROR_USAGE, 0, "%s: '%s' %s", option, TEXT_SHOW(shown, word), why);
}

/* An address whose zone, which IPv4 has only here, is an interface: its number, 0 without one. */
static int read_zoned(const char *word, int family, struct address *address, uint32_t *interface, struct error *error)
{
	char text[128];
	struct error why;
	bool ipv6 = strchr(word, ':');
	*interface = 0;
	*address = (struct address){ .length = 0 };
	if (text_copy(text, sizeof text, word))
		return refuse(error, "--join", word, "is not a multicast address");
	char *zone = ipv6 ? NULL : strchr(text, '%');
	if (zone)
		*zone++ = '\0';
	int literal = address_literal(text, family, address, &why);
	if (literal < 0)
		return error_set(error, ERROR_USAGE, 0, "--join: %s", why.text);
	if (!literal || !address_is_group(address))
		return refuse(error, "--join", word,
			      "is not a multicast address (224.0.0.0 to 239.255.255.255, or ff00::/8)");
	if (zone && !(*interface = address_zone(zone)))
		return refuse(error, "--join", word, "has a zone that is no interface here");
	if (ipv6)
		*interface = address->in6.sin6_scope_id;
	return 0;
}

static int read_source(const char *word, struct address *address, struct error *error)
{
	struct error why;
	int literal = address_literal(word, AF_UNSPEC, address, &why);
	if (literal < 0)
		return error_set(error, ERROR_USAGE, 0, "--join-source: %s", why.text);
	if (!literal || address_is_group(address))
		return refuse(error, "--join-source", word, "is not the address of a sender");
	return 0;
}

/* The same host, whatever the port and zone. */
static bool is_same(const struct address *a, const struct address *b)
{
	if (a->any.sa_family != b->any.sa_family)
		return false;
	if (a->any.sa_family == AF_INET)
		return a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
	return !memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr, sizeof a->in6.sin6_addr);
}

/* A socket hears groups when it is bound to all addresses, or to the group. */
static int check_local(const struct group_plan *plan, const struct address *local, struct error *error)
{
	static const struct in6_addr any6 = IN6ADDR_ANY_INIT;
	struct address group;
	uint32_t interface;
	char shown[ADDRESS_TEXT];
	bool ipv6 = local->any.sa_family == AF_INET6;
	if (ipv6 ? !memcmp(&local->in6.sin6_addr, &any6, sizeof any6) : local->in.sin_addr.s_addr == htonl(INADDR_ANY))
		return 0;
	for (size_t i = 0; i < plan->groups_count; i++)
		if (!read_zoned(plan->groups[i], AF_UNSPEC, &group, &interface, error) && is_same(&group, local))
			return 0;
	return error_set(error, ERROR_USAGE, 0,
			 "--join: a socket of %.200s hears no such group: leave HOST out, or name the group itself",
			 address_host(shown, local));
}

int group_check(const struct group_plan *plan, int family, const struct address *local, struct error *error)
{
	struct address group, source;
	uint32_t interface;
	for (size_t i = 0; i < plan->groups_count; i++) {
		if (read_zoned(plan->groups[i], family, &group, &interface, error))
			return -1;
		for (size_t k = 0; k < plan->sources_count; k++) {
			if (read_source(plan->sources[k], &source, error))
				return -1;
			if (source.any.sa_family != group.any.sa_family)
				return refuse(error, "--join-source", plan->sources[k],
					      "is of another family than the group");
		}
	}
	return local && plan->groups_count ? check_local(plan, local, error) : 0;
}

static int refused(const char *word, int number, struct error *error)
{
	char shown[128];
	if (number == ENODEV || number == EADDRNOTAVAIL)
		return error_system(error, ERROR_UNREACHABLE, number,
				    "join %s: no route says by which interface: name it, as GROUP%%DEV",
				    TEXT_SHOW(shown, word));
	return error_system(error, ERROR_UNEXPECTED, number, "join %s", TEXT_SHOW(shown, word));
}

/* One group, from one source or (NULL) from all. Twice is once. */
static int join_one(int fd, const char *word, const char *from, const struct trace *trace, struct error *error)
{
	struct address group, source = { .length = 0 };
	char what[200], shown[100], shown_source[100];
	uint32_t interface;
	if (read_zoned(word, AF_UNSPEC, &group, &interface, error) || (from && read_source(from, &source, error)))
		return -1;
	bool ipv6 = group.any.sa_family == AF_INET6;
	int level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, result;
	snprintf(what, sizeof what, "%s, %s, %.60s%s%.60s", ipv6 ? "IPPROTO_IPV6" : "IPPROTO_IP",
		 from ? "MCAST_JOIN_SOURCE_GROUP" : "MCAST_JOIN_GROUP", TEXT_SHOW(shown, word), from ? ", " : "",
		 from ? TEXT_SHOW(shown_source, from) : "");
	if (from) {
		struct group_source_req request = { .gsr_interface = interface,
						    .gsr_group = group.storage,
						    .gsr_source = source.storage };
		result = call_setsockopt(trace, fd, level, MCAST_JOIN_SOURCE_GROUP, &request, sizeof request, what);
	} else {
		struct group_req request = { .gr_interface = interface, .gr_group = group.storage };
		result = call_setsockopt(trace, fd, level, MCAST_JOIN_GROUP, &request, sizeof request, what);
	}
	return result && errno != EADDRINUSE ? refused(word, errno, error) : 0;
}

int group_join(const struct group_plan *plan, int fd, const struct triple *triple, const struct trace *trace,
	       struct error *error)
{
	if (!plan->groups_count)
		return 0;
	/* Kernels before 4.20 have no such thing for IPv6, where it matters less: a host seldom has many groups. */
	(void)sockopt_set(trace, fd, IPPROTO_IP, IP_MULTICAST_ALL, 0, "IPPROTO_IP, IP_MULTICAST_ALL, 0");
	if (triple->family == AF_INET6)
		(void)sockopt_set(trace, fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0,
				  "IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0");
	for (size_t i = 0; i < plan->groups_count; i++) {
		if (!plan->sources_count && join_one(fd, plan->groups[i], NULL, trace, error))
			return -1;
		for (size_t k = 0; k < plan->sources_count; k++)
			if (join_one(fd, plan->groups[i], plan->sources[k], trace, error))
				return -1;
	}
	return 0;
}
