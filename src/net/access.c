#include "net/access.h"

#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { BITS4 = 32, BITS6 = 128, MAPPED = 96 }; /* the prefix ::ffff:0:0/96 */

static int refuse(struct error *error, const char *spec, const char *why)
{
	char shown[200];
	return error_set(error, ERROR_USAGE, 0, "'%s' %s", TEXT_SHOW(shown, spec), why);
}

struct access_range access_range_of(const struct address *address)
{
	struct access_range range = { .family = AF_INET, .bits = BITS4 };
	if (address->any.sa_family == AF_INET) {
		memcpy(range.bytes, &address->in.sin_addr, 4);
	} else if (IN6_IS_ADDR_V4MAPPED(&address->in6.sin6_addr)) {
		memcpy(range.bytes, address->in6.sin6_addr.s6_addr + 12, 4);
	} else {
		range.family = AF_INET6;
		range.bits = BITS6;
		memcpy(range.bytes, &address->in6.sin6_addr, 16);
		/* Elsewhere a zone means nothing, and the kernel tells none of a client. */
		if (IN6_IS_ADDR_LINKLOCAL(&address->in6.sin6_addr))
			range.zone = address->in6.sin6_scope_id;
	}
	return range;
}

static void mask(struct access_range *range, unsigned bits)
{
	range->bits = (uint8_t)bits;
	for (unsigned i = 0; i < sizeof range->bytes; i++) {
		unsigned kept = bits > 8 * i ? bits - 8 * i : 0;
		if (kept < 8)
			range->bytes[i] &= (uint8_t)(0xff00u >> kept);
	}
}

/* BITS as written: of 32 for IPv4, of 128 for IPv6, and for a v4-mapped address, too. */
static int read_bits(const char *spec, const char *word, bool mapped, struct access_range *range, struct error *error)
{
	uint64_t bits;
	unsigned most = range->family == AF_INET && !mapped ? BITS4 : BITS6;
	bool octal = word[0] == '0' && word[1];
	if (octal || text_number(word, most, &bits))
		return refuse(error, spec,
			      most == BITS4 ? "has no prefix length from 0 to 32 behind the slash"
					    : "has no prefix length from 0 to 128 behind the slash");
	if (mapped && bits < MAPPED)
		return refuse(error, spec, "is a net of v4-mapped addresses: its prefix length is 96 to 128");
	mask(range, (unsigned)(mapped ? bits - MAPPED : bits));
	return 1;
}

/* What inet_aton(3) fills with zeros in the middle, and people at the end. */
static bool is_short(const char *host, bool net)
{
	unsigned dots = 0;
	for (const char *at = host; *at; at++)
		dots += *at == '.';
	return dots != 3 && (dots || net || strlen(host) < 4);
}

static bool is_name(const char *spec)
{
	bool letter = false;
	for (const char *at = spec; *at; at++) {
		if (!isalnum((unsigned char)*at) && !strchr("-._", *at))
			return false;
		letter |= isalpha((unsigned char)*at) != 0;
	}
	return letter && spec[0] != '-' && spec[0] != '.';
}

int access_read(const char *spec, struct access_range *range, struct error *error)
{
	char host[128];
	struct address address;
	size_t n = strcspn(spec, "/");
	bool net = spec[n] == '/';
	if (!*spec)
		return error_set(error, ERROR_USAGE, 0, "is empty: an address, ADDRESS/BITS or a name is wanted");
	if (n >= sizeof host)
		return net || !is_name(spec) ? refuse(error, spec, "is too long for an address") : 0;
	memcpy(host, spec, n);
	host[n] = '\0';
	int literal = n ? address_literal(host, AF_UNSPEC, &address, error) : 0;
	if (literal < 0)
		return -1;
	if (!literal && !net && is_name(spec))
		return 0;
	if (!literal)
		return refuse(error, spec, "is not an address, ADDRESS/BITS or a name");
	if (address.any.sa_family == AF_INET && is_short(host, net))
		return refuse(error, spec, "is not clear: an IPv4 address has four numbers here, as 10.0.0.0/8 has");
	*range = access_range_of(&address);
	bool mapped = range->family == AF_INET && address.any.sa_family == AF_INET6;
	return net ? read_bits(spec, spec + n + 1, mapped, range, error) : 1;
}

int access_add(struct access_list *list, const struct access_range *range, struct error *error)
{
	size_t room = list->count & (list->count - 1) ? 0 : list->count ? list->count * 2 : 1; /* full at powers of 2 */
	struct access_range *items = room ? realloc(list->items, room * sizeof *items) : list->items;
	if (!items)
		return error_system(error, ERROR_UNEXPECTED, ENOMEM, "access list");
	list->items = items;
	items[list->count++] = *range;
	return 0;
}

char *access_line(char *line, size_t n)
{
	const char *comment = memchr(line, '#', n);
	size_t end = comment ? (size_t)(comment - line) : n, begin = 0;
	while (begin < end && isspace((unsigned char)line[begin]))
		begin++;
	while (end > begin && isspace((unsigned char)line[end - 1]))
		end--;
	line[end] = '\0';
	return begin < end ? line + begin : NULL;
}

static bool within(const struct access_range *one, const struct access_range *range)
{
	unsigned whole = range->bits / 8, rest = range->bits % 8;
	if (one->family != range->family || (range->zone && range->zone != one->zone) ||
	    memcmp(one->bytes, range->bytes, whole))
		return false;
	return !rest || !((one->bytes[whole] ^ range->bytes[whole]) >> (8 - rest));
}

static bool holds(const struct access_list *list, const struct access_range *one)
{
	for (size_t i = 0; i < list->count; i++)
		if (within(one, &list->items[i]))
			return true;
	return false;
}

enum access_verdict access_judge(const struct access *access, const struct address *client)
{
	bool inet = client->any.sa_family == AF_INET || client->any.sa_family == AF_INET6;
	struct access_range one = { 0 };
	if (inet)
		one = access_range_of(client);
	if (inet && holds(&access->deny, &one))
		return ACCESS_DENIED;
	return access->closed && !(inet && holds(&access->allow, &one)) ? ACCESS_NOT_ALLOWED : ACCESS_ADMITTED;
}

void access_free(struct access *access)
{
	free(access->allow.items);
	free(access->deny.items);
	*access = (struct access){ 0 };
}
