#include "net/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <net/if.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { PATH_MOST = sizeof((struct sockaddr_un *)0)->sun_path - 1 };

static int refuse(struct error *error, const char *host, const char *why)
{
	char shown[128];
	return error_set(error, ERROR_USAGE, 0, "'%s' %s", TEXT_SHOW(shown, host), why);
}

/* A part like 010 would be read as octal by inet_aton(3), as decimal by people. */
static bool has_octal_part(const char *host)
{
	for (const char *part = host; part; part = strchr(part, '.')) {
		part += *part == '.';
		if (part[0] == '0' && isdigit((unsigned char)part[1]))
			return true;
	}
	return false;
}

static bool looks_like_ipv4(const char *host)
{
	if (host[0] == '0' && (host[1] == 'x' || host[1] == 'X'))
		return host[2 + strspn(host + 2, "0123456789abcdefABCDEF.xX")] == '\0';
	return isdigit((unsigned char)host[0]) && host[strspn(host, "0123456789.")] == '\0';
}

static int literal4(const char *host, int family, struct address *address, struct error *error)
{
	struct in_addr in;
	if (has_octal_part(host) || !inet_aton(host, &in))
		return refuse(error, host,
			      "is not an IPv4 address: four numbers from 0 to 255, or one from 0 to 0xffffffff");
	if (family == AF_INET6)
		return refuse(error, host, "is an IPv4 address, but IPv6 was asked for");
	*address = (struct address){ .length = sizeof address->in };
	address->in = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr = in };
	return 1;
}

uint32_t address_zone(const char *zone)
{
	char name[IF_NAMESIZE];
	uint64_t index;
	if (!text_number(zone, UINT32_MAX, &index))
		return if_indextoname((unsigned)index, name) ? (uint32_t)index : 0;
	return if_nametoindex(zone);
}

static int literal6(const char *host, int family, struct address *address, struct error *error)
{
	char text[INET6_ADDRSTRLEN + IF_NAMESIZE + 4];
	size_t n = strlen(host);
	bool brackets = host[0] == '[' && n > 1 && host[n - 1] == ']';
	*address = (struct address){ .length = sizeof address->in6 };
	address->in6.sin6_family = AF_INET6;
	if (n - 2 * brackets >= sizeof text)
		return refuse(error, host, "is not an IPv6 address");
	memcpy(text, host + brackets, n - 2 * brackets);
	text[n - 2 * brackets] = '\0';
	char *zone = strchr(text, '%');
	if (zone)
		*zone++ = '\0';
	if (inet_pton(AF_INET6, text, &address->in6.sin6_addr) != 1)
		return refuse(error, host,
			      strchr(text, ':') == strrchr(text, ':') ? "is no address alone: it has a port" :
									"is not an IPv6 address");
	if (family == AF_INET)
		return refuse(error, host, "is an IPv6 address, but IPv4 was asked for");
	if (zone && !(address->in6.sin6_scope_id = address_zone(zone)))
		return refuse(error, host, "has a zone that is no interface here");
	return 1;
}

int address_literal(const char *host, int family, struct address *address, struct error *error)
{
	if (family != AF_UNSPEC && family != AF_INET && family != AF_INET6)
		return 0;
	if (host[0] == '[' || strchr(host, ':'))
		return literal6(host, family, address, error);
	return looks_like_ipv4(host) ? literal4(host, family, address, error) : 0;
}

int address_vsock(const char *host, const char *service, bool bind, struct address *address, struct error *error)
{
	static const struct {
		const char *word;
		unsigned cid;
	} words[] = { { "any", VMADDR_CID_ANY },
		      { "hypervisor", VMADDR_CID_HYPERVISOR },
		      { "local", 1 }, /* VMADDR_CID_LOCAL of Linux 5.6 */
		      { "host", VMADDR_CID_HOST } };
	uint64_t cid = (uint64_t)VMADDR_CID_ANY, port;
	bool known = !host || !text_number_any(host, UINT32_MAX, &cid);
	for (size_t i = 0; i < sizeof words / sizeof words[0] && !known; i++)
		if (!strcmp(host, words[i].word)) {
			cid = words[i].cid;
			known = true;
		}
	if (!known)
		return refuse(error, host, "is not a vsock CID: a number up to 4294967295, or any, hypervisor, local, host");
	if (!bind && cid == (uint64_t)VMADDR_CID_ANY)
		return refuse(error, host ? host : "any", "is every CID: there is nobody to connect to");
	if (text_number_any(service, UINT32_MAX, &port))
		return refuse(error, service, "is not a vsock port: a number from 0 to 4294967295");
	if (!bind && !port)
		return refuse(error, service, "is no port to connect to: 0 is only for binding");
	*address = (struct address){ .length = sizeof address->vm };
	address->vm = (struct sockaddr_vm){ .svm_family = AF_VSOCK, .svm_cid = (unsigned)cid };
	address->vm.svm_port = bind && !port ? VMADDR_PORT_ANY : (unsigned)port;
	return 0;
}

int address_unix(const char *path, struct address *address, struct error *error)
{
	bool abstract = path[0] == '@';
	size_t n = strlen(path);
	if (n <= (size_t)abstract)
		return error_set(error, ERROR_USAGE, 0, "the path of a unix socket is empty");
	if (n - abstract > PATH_MOST)
		return error_set(error, ERROR_USAGE, 0,
				 "the path of a unix socket has at most %d bytes, this one has %zu", PATH_MOST,
				 n - abstract);
	*address = (struct address){ .length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + !abstract) };
	address->un.sun_family = AF_UNIX;
	memcpy(address->un.sun_path, path, n);
	if (abstract)
		address->un.sun_path[0] = '\0';
	return 0;
}

bool address_is_group(const struct address *address)
{
	if (address->any.sa_family == AF_INET6)
		return IN6_IS_ADDR_MULTICAST(&address->in6.sin6_addr);
	return address->any.sa_family == AF_INET && IN_MULTICAST(ntohl(address->in.sin_addr.s_addr));
}

bool address_is_path(const struct address *address)
{
	return address->any.sa_family == AF_UNIX && address->length > offsetof(struct sockaddr_un, sun_path) &&
	       address->un.sun_path[0];
}

uint32_t address_port(const struct address *address)
{
	switch (address->any.sa_family) {
	case AF_INET:
		return ntohs(address->in.sin_port);
	case AF_INET6:
		return ntohs(address->in6.sin6_port);
	case AF_VSOCK:
		return address->vm.svm_port;
	default:
		return 0;
	}
}

void address_set_port(struct address *address, uint32_t port)
{
	if (address->any.sa_family == AF_INET)
		address->in.sin_port = htons((uint16_t)port);
	else if (address->any.sa_family == AF_INET6)
		address->in6.sin6_port = htons((uint16_t)port);
	else if (address->any.sa_family == AF_VSOCK)
		address->vm.svm_port = port;
}

static char *show_unix(char out[static ADDRESS_TEXT], const struct address *address)
{
	size_t n = address->length > offsetof(struct sockaddr_un, sun_path)
		       ? address->length - offsetof(struct sockaddr_un, sun_path)
		       : 0;
	const char *path = address->un.sun_path;
	if (!n)
		snprintf(out, ADDRESS_TEXT, "(unnamed)");
	else if (path[0])
		text_escape(out, ADDRESS_TEXT, path, strnlen(path, n));
	else {
		out[0] = '@';
		text_escape(out + 1, ADDRESS_TEXT - 1, path + 1, n - 1);
	}
	return out;
}

static void show_in6(char out[static ADDRESS_TEXT], const struct sockaddr_in6 *in6)
{
	char name[IF_NAMESIZE];
	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
		inet_ntop(AF_INET, in6->sin6_addr.s6_addr + 12, out, ADDRESS_TEXT);
		return;
	}
	inet_ntop(AF_INET6, &in6->sin6_addr, out, ADDRESS_TEXT);
	if (!in6->sin6_scope_id || !IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr))
		return;
	size_t used = strlen(out);
	if (if_indextoname(in6->sin6_scope_id, name))
		snprintf(out + used, ADDRESS_TEXT - used, "%%%s", name);
	else
		snprintf(out + used, ADDRESS_TEXT - used, "%%%u", (unsigned)in6->sin6_scope_id);
}

char *address_host(char out[static ADDRESS_TEXT], const struct address *address)
{
	switch (address->any.sa_family) {
	case AF_INET:
		inet_ntop(AF_INET, &address->in.sin_addr, out, ADDRESS_TEXT);
		return out;
	case AF_INET6:
		show_in6(out, &address->in6);
		return out;
	case AF_VSOCK:
		snprintf(out, ADDRESS_TEXT, "%u", address->vm.svm_cid);
		return out;
	case AF_UNIX:
		return show_unix(out, address);
	default:
		snprintf(out, ADDRESS_TEXT, "(unknown)");
		return out;
	}
}

char *address_show(char out[static ADDRESS_TEXT], const struct address *address)
{
	char host[ADDRESS_TEXT];
	address_host(host, address);
	if (address->any.sa_family == AF_UNIX || address->any.sa_family == AF_UNSPEC)
		memcpy(out, host, sizeof host);
	else
		snprintf(out, ADDRESS_TEXT, strchr(host, ':') ? "[%.300s]:%u" : "%.300s:%u", host,
			 (unsigned)address_port(address));
	return out;
}

typedef int name_call(int fd, struct sockaddr *address, socklen_t *length);

static void name_of(int fd, struct address *address, name_call *call)
{
	*address = (struct address){ .length = sizeof address->storage };
	if (call(fd, &address->any, &address->length))
		*address = (struct address){ .length = 0 };
	else if (address->length > sizeof address->storage)
		address->length = sizeof address->storage;
}

void address_local(int fd, struct address *address)
{
	name_of(fd, address, getsockname);
}

void address_peer(int fd, struct address *address)
{
	name_of(fd, address, getpeername);
}
