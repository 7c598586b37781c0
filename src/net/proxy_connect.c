/* CONNECT (RFC 9110 9.3.6): any 2xx opens the tunnel, and what follows the head is the target's, whatever lengths the
 * head announces. */
#include <string.h>
#include <strings.h>

#include "base/encode.h"
#include "base/text.h"
#include "net/proxy_protocol.h"

enum { HEAD_MOST = 65536 }; /* bytes of all heads together */

static int append_authority(struct buffer *out, const struct proxy_target *target)
{
	char host[ADDRESS_TEXT];
	const struct address *address = &target->address;
	if (address->any.sa_family == AF_UNSPEC)
		return buffer_printf(out, "%s:%u", target->name, (unsigned)target->port);
	return buffer_printf(out, address->any.sa_family == AF_INET6 ? "[%s]:%u" : "%s:%u", address_host(host, address),
			     (unsigned)target->port);
}

static int append_credentials(struct buffer *out, const struct proxy *proxy)
{
	struct buffer both = { 0 };
	if (!proxy->user)
		return 0;
	int bad = buffer_printf(&both, "%s:%s", proxy->user, proxy->password ? proxy->password : "") ||
		  buffer_printf(out, "Proxy-Authorization: Basic ") ||
		  encode_base64(out, buffer_head(&both), buffer_held(&both)) || buffer_append(out, "\r\n", 2);
	if (both.data)
		explicit_bzero(both.data, both.size);
	buffer_free(&both);
	return bad ? -1 : 0;
}

static int begin(struct proxy_talk *talk)
{
	struct buffer *out = &talk->out;
	return buffer_printf(out, "CONNECT ") || append_authority(out, talk->target) ||
		       buffer_printf(out, " HTTP/1.1\r\nHost: ") || append_authority(out, talk->target) ||
		       buffer_append(out, "\r\n", 2) || append_credentials(out, talk->proxy) ||
		       buffer_append(out, "\r\n", 2)
		   ? -1
		   : 0;
}

static enum proxy_state nonsense(const struct proxy_talk *talk, const char *why, struct error *error)
{
	char shown[100];
	bool socks = talk->total == 1 && (talk->reply[0] == 5 || !talk->reply[0]);
	error_set(error, ERROR_PROTOCOL, 0, "the proxy's answer to CONNECT %s%s: '%s'", why,
		  socks ? " (is it a SOCKS proxy?)" : "", text_escape(shown, sizeof shown, talk->reply, talk->got));
	return PROXY_BAD;
}

static enum proxy_state refused(const struct proxy_talk *talk, const char *reason, size_t n, struct error *error)
{
	char shown[200];
	const char *hint = "";
	text_escape(shown, sizeof shown, reason, n);
	if (talk->status == 407)
		hint = talk->proxy->user
			   ? ": it does not take these credentials (skt signs in by Basic only)"
			   : ": it wants credentials (user:pass@ in the URL of --proxy, or --proxy-auth-file)";
	error_set(error, ERROR_PROTOCOL, 0, "the proxy refuses: %u%s%s%s", talk->status, *shown ? " " : "", shown,
		  hint);
	return PROXY_BAD;
}

static bool digit(unsigned char byte)
{
	return byte >= '0' && byte <= '9';
}

/* HTTP/1.1 200 Reason; version and reason are nobody's concern. */
static enum proxy_state take_status(struct proxy_talk *talk, struct error *error)
{
	const unsigned char *line = talk->reply, *end = line + talk->got;
	const unsigned char *at = line + 5;
	while (at < end && (digit(*at) || *at == '.'))
		at++;
	if (at == line + 5 || end - at < 4 || *at != ' ' || !digit(at[1]) || !digit(at[2]) || !digit(at[3]) ||
	    (end - at > 4 && at[4] != ' '))
		return nonsense(talk, "has no status line", error);
	talk->status = (at[1] - '0') * 100u + (at[2] - '0') * 10u + (at[3] - '0');
	if (talk->status / 100 == 2 || (talk->status / 100 == 1 && talk->status != 101))
		return PROXY_MORE;
	at += end - at > 4 ? 5 : 4;
	return refused(talk, (const char *)at, (size_t)(end - at), error);
}

static enum proxy_state take_line(struct proxy_talk *talk, struct error *error)
{
	enum proxy_state state = PROXY_MORE;
	if (talk->got && talk->reply[talk->got - 1] == '\r')
		talk->got--;
	if (!talk->status)
		state = take_status(talk, error);
	else if (!talk->got && talk->status / 100 == 2)
		state = PROXY_DONE;
	else if (!talk->got)
		talk->status = 0; /* the head of an interim answer has ended: another one follows */
	talk->got = 0;
	return state;
}

/* Line by line; of a long one the beginning is kept. */
static enum proxy_state take(struct proxy_talk *talk, unsigned char byte, struct error *error)
{
	static const char version[] = "HTTP/";
	if (++talk->total > HEAD_MOST) {
		error_set(error, ERROR_PROTOCOL, 0, "the proxy's answer to CONNECT has more than %d bytes of head",
			  HEAD_MOST);
		return PROXY_BAD;
	}
	if (byte == '\n' && (talk->status || talk->got > 5))
		return take_line(talk, error);
	if (talk->got < sizeof talk->reply)
		talk->reply[talk->got++] = byte;
	if (!byte)
		return nonsense(talk, "has a NUL", error);
	if (!talk->status && talk->got <= 5 && strncasecmp(version, (const char *)talk->reply, talk->got) != 0)
		return nonsense(talk, "is no HTTP", error);
	return PROXY_MORE;
}

const struct proxy_protocol proxy_connect = { "HTTP", true, begin, take };
