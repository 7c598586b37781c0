/* SOCKS 5 (RFC 1928), with user name and password (RFC 1929) where they were given. */
#include <string.h>

#include "net/proxy_protocol.h"

enum { VERSION = 5, AUTH_VERSION = 1, CONNECT = 1 };
enum { METHOD_NONE = 0, METHOD_PASSWORD = 2, METHOD_NOT_ACCEPTABLE = 0xff };
enum { ADDRESS_IPV4 = 1, ADDRESS_NAME = 3, ADDRESS_IPV6 = 4 };
enum stage { STAGE_METHOD, STAGE_AUTH, STAGE_REPLY };

static int begin(struct proxy_talk *talk)
{
	static const unsigned char alone[] = { VERSION, 1, METHOD_NONE },
				   both[] = { VERSION, 2, METHOD_NONE, METHOD_PASSWORD };
	return talk->proxy->user ? buffer_append(&talk->out, both, sizeof both)
				 : buffer_append(&talk->out, alone, sizeof alone);
}

static enum proxy_state bad(struct error *error, enum error_class class, const char *words)
{
	error_set(error, class, 0, "the proxy %s", words);
	return PROXY_BAD;
}

static enum proxy_state no_memory(struct error *error)
{
	error_set(error, ERROR_UNEXPECTED, 0, "proxy: out of memory");
	return PROXY_BAD;
}

/* A length byte and so many bytes; at most 255, which was checked. */
static int append_short(struct buffer *out, const char *text)
{
	unsigned char n = (unsigned char)strlen(text);
	return buffer_append(out, &n, 1) || buffer_append(out, text, n) ? -1 : 0;
}

static enum proxy_state sign_in(struct proxy_talk *talk, struct error *error)
{
	static const unsigned char version = AUTH_VERSION;
	talk->stage = STAGE_AUTH;
	if (buffer_append(&talk->out, &version, 1) || append_short(&talk->out, talk->proxy->user) ||
	    append_short(&talk->out, talk->proxy->password))
		return no_memory(error);
	return PROXY_MORE;
}

static int append_target(struct buffer *out, const struct proxy_target *target)
{
	static const unsigned char ipv4 = ADDRESS_IPV4, name = ADDRESS_NAME, ipv6 = ADDRESS_IPV6;
	const struct address *address = &target->address;
	switch (address->any.sa_family) {
	case AF_INET:
		return buffer_append(out, &ipv4, 1) || buffer_append(out, &address->in.sin_addr, 4) ? -1 : 0;
	case AF_INET6:
		return buffer_append(out, &ipv6, 1) || buffer_append(out, &address->in6.sin6_addr, 16) ? -1 : 0;
	default:
		return buffer_append(out, &name, 1) || append_short(out, target->name) ? -1 : 0;
	}
}

static enum proxy_state ask(struct proxy_talk *talk, struct error *error)
{
	static const unsigned char head[] = { VERSION, CONNECT, 0 };
	const unsigned char port[] = { (unsigned char)(talk->target->port >> 8), (unsigned char)talk->target->port };
	talk->stage = STAGE_REPLY;
	if (buffer_append(&talk->out, head, sizeof head) || append_target(&talk->out, talk->target) ||
	    buffer_append(&talk->out, port, sizeof port))
		return no_memory(error);
	return PROXY_MORE;
}

static enum proxy_state not_socks5(unsigned byte, struct error *error)
{
	error_set(error, ERROR_PROTOCOL, 0, "the proxy's answer is no SOCKS5: it begins with the byte 0x%02x%s", byte,
		  byte == 'H' ? " (is it an HTTP proxy?)" : "");
	return PROXY_BAD;
}

static enum proxy_state take_method(struct proxy_talk *talk, struct error *error)
{
	unsigned method = talk->reply[1];
	if (talk->reply[0] != VERSION)
		return not_socks5(talk->reply[0], error);
	if (talk->got < 2)
		return PROXY_MORE;
	talk->got = 0;
	if (method == METHOD_NONE)
		return ask(talk, error);
	if (method == METHOD_PASSWORD && talk->proxy->user)
		return sign_in(talk, error);
	if (method == METHOD_NOT_ACCEPTABLE && !talk->proxy->user)
		return bad(error, ERROR_PROTOCOL,
			   "wants credentials (user:pass@ in the URL of --proxy, or --proxy-auth-file)");
	if (method == METHOD_NOT_ACCEPTABLE)
		return bad(error, ERROR_PROTOCOL,
			   "takes neither a password nor none: it wants to be signed in to by "
			   "another method, which skt lacks");
	error_set(error, ERROR_PROTOCOL, 0, "the proxy chose the method %u, which was not offered", method);
	return PROXY_BAD;
}

static enum proxy_state take_auth(struct proxy_talk *talk, struct error *error)
{
	if (talk->reply[0] != AUTH_VERSION)
		return bad(error, ERROR_PROTOCOL, "answered to the password with something else than RFC 1929 has");
	if (talk->got < 2)
		return PROXY_MORE;
	if (talk->reply[1])
		return bad(error, ERROR_PROTOCOL, "says that user name or password are wrong");
	talk->got = 0;
	return ask(talk, error);
}

static enum proxy_state refused(unsigned code, struct error *error)
{
	static const struct {
		enum error_class class;
		const char *words;
	} rows[] = {
		[1] = { ERROR_PROTOCOL, "general failure" },
		[2] = { ERROR_PROTOCOL, "its rules forbid this connection" },
		[3] = { ERROR_UNREACHABLE, "network unreachable" },
		[4] = { ERROR_UNREACHABLE, "host unreachable" },
		[5] = { ERROR_REFUSED, "connection refused" },
		[6] = { ERROR_UNREACHABLE, "time to live expired" },
		[7] = { ERROR_PROTOCOL, "it does not know the command CONNECT" },
		[8] = { ERROR_PROTOCOL, "it does not know this type of address" },
	};
	bool known = code < sizeof rows / sizeof rows[0];
	error_set(error, known ? rows[code].class : ERROR_PROTOCOL, 0, "the proxy says: %s (SOCKS5 reply %u)",
		  known ? rows[code].words : "a code without a meaning", code);
	return PROXY_BAD;
}

/* VER REP RSV ATYP ADDRESS PORT. A refusal is known by its second byte; not every proxy sends more then. */
static enum proxy_state take_reply(struct proxy_talk *talk, struct error *error)
{
	const unsigned char *reply = talk->reply;
	if (reply[0] != VERSION)
		return not_socks5(reply[0], error);
	if (talk->got == 2 && reply[1])
		return refused(reply[1], error);
	if (talk->got < 5)
		return PROXY_MORE;
	size_t address = reply[3] == ADDRESS_IPV4 ? 4 : reply[3] == ADDRESS_IPV6 ? 16 : 1 + (size_t)reply[4];
	if (reply[3] != ADDRESS_IPV4 && reply[3] != ADDRESS_IPV6 && reply[3] != ADDRESS_NAME) {
		error_set(error, ERROR_PROTOCOL, 0, "the proxy's answer has an address of the unknown type %u",
			  reply[3]);
		return PROXY_BAD;
	}
	return talk->got == 4 + address + 2 ? PROXY_DONE : PROXY_MORE;
}

static enum proxy_state take(struct proxy_talk *talk, unsigned char byte, struct error *error)
{
	static enum proxy_state (*const stages[])(struct proxy_talk *, struct error *) = {
		[STAGE_METHOD] = take_method, [STAGE_AUTH] = take_auth, [STAGE_REPLY] = take_reply
	};
	talk->total++;
	talk->reply[talk->got++] = byte; /* at most 4 + 1 + 255 + 2 */
	return stages[talk->stage](talk, error);
}

const struct proxy_protocol proxy_socks5 = { "SOCKS5", true, begin, take };
