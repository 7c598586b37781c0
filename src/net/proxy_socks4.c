/* SOCKS 4 ("SOCKS: A protocol for TCP proxy across firewalls", Ying-Da Lee) and its extension 4a, by which the proxy
 * looks the name up: VN=4 CD=1 PORT ADDRESS USERID NUL [NAME NUL]; the reply is 0 CODE and six bytes without a meaning.
 */
#include <string.h>

#include "net/proxy_protocol.h"

enum { CONNECT = 1, GRANTED = 90, REPLY_SIZE = 8 };

static int begin(struct proxy_talk *talk)
{
	const struct proxy_target *target = talk->target;
	const char *user = talk->proxy->user ? talk->proxy->user : "";
	bool named = target->address.any.sa_family == AF_UNSPEC;
	unsigned char head[8] = { 4, CONNECT, (unsigned char)(target->port >> 8), (unsigned char)target->port, 0, 0,
				  0, 1 }; /* 0.0.0.1: a name follows */
	if (!named)
		memcpy(head + 4, &target->address.in.sin_addr, 4);
	if (buffer_append(&talk->out, head, sizeof head) || buffer_append(&talk->out, user, strlen(user) + 1))
		return -1;
	return named ? buffer_append(&talk->out, target->name, strlen(target->name) + 1) : 0;
}

static enum proxy_state refused(unsigned code, struct error *error)
{
	static const struct {
		unsigned code;
		const char *words;
	} rows[] = {
		{ 91, "request rejected or failed" },
		{ 92, "it cannot reach the identd of this machine" },
		{ 93, "the identd of this machine names another user" },
	};
	const char *words = "a code without a meaning";
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].code == code)
			words = rows[i].words;
	error_set(error, ERROR_PROTOCOL, 0, "the proxy says: %s (SOCKS4 reply %u)", words, code);
	return PROXY_BAD;
}

/* A refusal is known by its second byte; not every proxy sends more then. */
static enum proxy_state take(struct proxy_talk *talk, unsigned char byte, struct error *error)
{
	talk->total++;
	if (talk->total == 1 && byte) {
		error_set(error, ERROR_PROTOCOL, 0, "the proxy's answer is no SOCKS4: it begins with the byte 0x%02x%s",
			  byte, byte == 'H' ? " (is it an HTTP proxy?)" : "");
		return PROXY_BAD;
	}
	if (talk->total == 2 && byte != GRANTED)
		return refused(byte, error);
	return talk->total == REPLY_SIZE ? PROXY_DONE : PROXY_MORE;
}

const struct proxy_protocol proxy_socks4 = { "SOCKS4", false, begin, take };
const struct proxy_protocol proxy_socks4_a = { "SOCKS4a", true, begin, take };
