#include "net/md5.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "net/call.h"

/* By their numbers (linux/tcp.h, since 4.13), for that header and netinet/tcp.h do not bear each other. */
enum { OPTION = 14, OPTION_EXT = 32, FLAG_PREFIX = 1 };

struct signature {
	struct sockaddr_storage address;
	uint8_t flags, prefix;
	uint16_t length;
	int32_t interface;
	uint8_t key[MD5_MOST];
};

static int set(const struct md5_key *key, int fd, int option, struct signature *signature, const struct trace *trace,
	       struct error *error)
{
	signature->length = (uint16_t)key->length;
	memcpy(signature->key, key->bytes, key->length);
	int failed =
	    call_setsockopt(trace, fd, IPPROTO_TCP, option, signature, sizeof *signature,
			    option == OPTION ? "IPPROTO_TCP, TCP_MD5SIG, ..." : "IPPROTO_TCP, TCP_MD5SIG_EXT, ...");
	int number = errno;
	explicit_bzero(signature, sizeof *signature);
	if (!failed)
		return 0;
	if (number == ENOPROTOOPT || number == EOPNOTSUPP)
		return error_system(error, ERROR_UNEXPECTED, number,
				    "--md5-file: this kernel signs no such connection (CONFIG_TCP_MD5SIG)");
	return error_system(error, ERROR_UNEXPECTED, number, "--md5-file");
}

static bool wanted(const struct md5_key *key, const struct triple *triple)
{
	return key && key->length && triple_is_tcp(triple);
}

int md5_sign_to(const struct md5_key *key, int fd, const struct triple *triple, const struct address *peer,
		const struct trace *trace, struct error *error)
{
	struct signature signature = { 0 };
	if (!wanted(key, triple))
		return 0;
	memcpy(&signature.address, &peer->storage, sizeof signature.address);
	return set(key, fd, OPTION, &signature, trace, error);
}

/* A prefix of no bits is everybody, in each family by itself: a dual-stack socket hears IPv4 as ::ffff:0:0/96. */
int md5_sign_all(const struct md5_key *key, int fd, const struct triple *triple, const struct trace *trace,
		 struct error *error)
{
	struct signature signature = { .flags = FLAG_PREFIX };
	if (!wanted(key, triple))
		return 0;
	signature.address.ss_family = (sa_family_t)triple->family;
	if (set(key, fd, OPTION_EXT, &signature, trace, error))
		return -1;
	if (triple->family != AF_INET6)
		return 0;
	struct sockaddr_in6 mapped = { .sin6_family = AF_INET6 };
	mapped.sin6_addr.s6_addr[10] = mapped.sin6_addr.s6_addr[11] = 0xff;
	signature = (struct signature){ .flags = FLAG_PREFIX };
	memcpy(&signature.address, &mapped, sizeof mapped);
	return set(key, fd, OPTION_EXT, &signature, trace, error);
}
