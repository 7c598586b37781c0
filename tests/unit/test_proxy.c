/* What is said to a proxy, and what its answers mean: each conversation in one piece and split at every byte. */
#include <stdlib.h>

#include "net/proxy.h"
#include "test.h"

#define GREETING "\x05\x00"
#define IPV4(host) "\x05\x00\x00\x01" host "\x00\x50"

/* A user name of SOCKS5, or a name in its reply, of the most that fit. */
static char longest[256 + 8];

struct talk {
	enum proxy_kind kind;
	const char *user, *password;
	const char *name, *ipv4, *ipv6; /* the target: one of these */
	const char *said;               /* all that we say */
	size_t said_size;
	const char *heard;
	size_t heard_size;
	enum proxy_state outcome;
	enum error_class class;
	const char *words;
	size_t tunnel; /* bytes at the end of `heard` that are the target's */
};

#define SAID(text) .said = (text), .said_size = sizeof(text) - 1
#define HEARD(text) .heard = (text), .heard_size = sizeof(text) - 1

static void make_target(const struct talk *row, struct proxy_target *target)
{
	*target = (struct proxy_target){ .name = row->name, .port = 80 };
	if (row->ipv4) {
		target->address.any.sa_family = AF_INET;
		memcpy(&target->address.in.sin_addr, row->ipv4, 4);
	}
	if (row->ipv6) {
		target->address.any.sa_family = AF_INET6;
		memcpy(&target->address.in6.sin6_addr, row->ipv6, 16);
	}
}

/* What is to be said is sent at once. */
static void drain(struct proxy_talk *talk, struct buffer *said)
{
	CHECK(!buffer_append(said, buffer_head(&talk->out), buffer_held(&talk->out)));
	buffer_consumed(&talk->out, buffer_held(&talk->out));
}

/* The conversation, `piece` bytes at a time. */
static void converse(const struct talk *row, size_t number, size_t piece)
{
	struct proxy proxy = { .kind = row->kind };
	struct proxy_target target;
	struct proxy_talk talk;
	struct buffer said = { 0 };
	struct error error = { 0 };
	enum proxy_state state = PROXY_MORE;
	size_t at = 0, used = 0;
	proxy.user = row->user ? strdup(row->user) : NULL;
	proxy.password = row->password ? strdup(row->password) : NULL;
	make_target(row, &target);
	CHECK_EQUAL_INT(proxy_begin(&talk, &proxy, &target, &error), 0);
	drain(&talk, &said);
	while (state == PROXY_MORE && at < row->heard_size) {
		size_t n = row->heard_size - at < piece ? row->heard_size - at : piece;
		state = proxy_take(&talk, row->heard + at, n, &used, &error);
		CHECK(used > 0 && used <= n);
		at += used;
		drain(&talk, &said);
	}
	bool good = CHECK_EQUAL_INT(state, row->outcome);
	if (row->said)
		good &= CHECK_EQUAL_BYTES(buffer_head(&said), buffer_held(&said), row->said, row->said_size);
	if (state == PROXY_DONE)
		good &= CHECK_EQUAL_INT(row->heard_size - at, row->tunnel);
	if (state == PROXY_MORE)
		proxy_end(&talk, &error);
	if (state != PROXY_DONE) {
		good &= CHECK_EQUAL_INT(error.class, row->class);
		good &= CHECK(strstr(error.text, "the proxy") && strstr(error.text, row->words ? row->words : ""));
	}
	if (!good)
		fprintf(stderr, "\trow %zu, by %zu: %s\n", number, piece, error.text);
	proxy_free(&talk);
	buffer_free(&said);
	free(proxy.user);
	free(proxy.password);
}

static const struct talk good[] = {
	/* SOCKS5, every type of address in the question and in the reply */
	{ PROXY_SOCKS5, .ipv4 = "\x7f\0\0\1", SAID("\5\1\0" "\5\1\0\1\x7f\0\0\1\0\x50"),
	  HEARD(GREETING IPV4("\0\0\0\0")), PROXY_DONE },
	{ PROXY_SOCKS5, .name = "a.b", SAID("\5\1\0" "\5\1\0\3\3a.b\0\x50"),
	  HEARD(GREETING "\5\0\0\3\4here\x12\x34" "early"), PROXY_DONE, .tunnel = 5 },
	{ PROXY_SOCKS5, .name = "a", HEARD(GREETING "\5\0\0\3\0\x12\x34"), PROXY_DONE },
	{ PROXY_SOCKS5, .ipv6 = "0123456789abcdef", SAID("\5\1\0" "\5\1\0\4" "0123456789abcdef\0\x50"),
	  HEARD(GREETING "\5\0\0\4" "fedcba9876543210\x12\x34" "\5\0\0"), PROXY_DONE, .tunnel = 3 },
	/* ... with a password asked for, and not */
	{ PROXY_SOCKS5, "u", "pw", .name = "a", SAID("\5\2\0\2" "\1\1u\2pw" "\5\1\0\3\1a\0\x50"),
	  HEARD("\5\2" "\1\0" IPV4("\1\2\3\4")), PROXY_DONE },
	{ PROXY_SOCKS5, "u", "pw", .name = "a", SAID("\5\2\0\2" "\5\1\0\3\1a\0\x50"), HEARD("\5\0" IPV4("\1\2\3\4")),
	  PROXY_DONE },
	/* SOCKS4 and 4a */
	{ PROXY_SOCKS4, .ipv4 = "\x7f\0\0\1", SAID("\4\1\0\x50\x7f\0\0\1\0"), HEARD("\0\x5a\1\2\3\4\5\6" "x"),
	  PROXY_DONE, .tunnel = 1 },
	{ PROXY_SOCKS4A, "me", NULL, .ipv4 = "\x7f\0\0\1", SAID("\4\1\0\x50\x7f\0\0\1me\0"),
	  HEARD("\0\x5a\0\0\0\0\0\0"), PROXY_DONE },
	{ PROXY_SOCKS4A, "me", NULL, .name = "a.b", SAID("\4\1\0\x50\0\0\0\1me\0a.b\0"), HEARD("\0\x5a\0\0\0\0\0\0"),
	  PROXY_DONE },
	/* CONNECT */
	{ PROXY_HTTP, .name = "a.b", SAID("CONNECT a.b:80 HTTP/1.1\r\nHost: a.b:80\r\n\r\n"),
	  HEARD("HTTP/1.1 200 Connection established\r\n\r\n"), PROXY_DONE },
	{ PROXY_HTTP, .ipv6 = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", SAID("CONNECT [::1]:80 HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"),
	  HEARD("HTTP/1.0 200\n\nSSH-2.0\r\n"), PROXY_DONE, .tunnel = 9 },
	{ PROXY_HTTP, "Aladdin", "open sesame", .ipv4 = "\x7f\0\0\1",
	  SAID("CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: 127.0.0.1:80\r\n"
	       "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"),
	  HEARD("HTTP/1.1 204 x\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\nA: \r\n b\r\n\r\n\r\n\r\n"),
	  PROXY_DONE, .tunnel = 4 },
	{ PROXY_HTTP, .name = "a",
	  HEARD("HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 103 x\r\n\r\nHTTP/1.1 299 ok\r\nB: c\r\n\r\nt"), PROXY_DONE,
	  .tunnel = 1 },
};

#define REFUSED5(code, of_class, text) \
	{ PROXY_SOCKS5, .name = "a", HEARD(GREETING "\5" code), PROXY_BAD, of_class, text }
#define BAD(of_kind, bytes, text) { of_kind, .name = "a", HEARD(bytes), PROXY_BAD, ERROR_PROTOCOL, text }
#define CUT(of_kind, bytes, text) { of_kind, .name = "a", HEARD(bytes), PROXY_MORE, ERROR_PROTOCOL, text }

static const struct talk bad[] = {
	REFUSED5("\1", ERROR_PROTOCOL, "general failure (SOCKS5 reply 1)"),
	REFUSED5("\2\0\1", ERROR_PROTOCOL, "rules forbid"),
	REFUSED5("\3\0\1\0\0\0\0\0\0", ERROR_UNREACHABLE, "network unreachable"),
	REFUSED5("\4", ERROR_UNREACHABLE, "host unreachable"),
	REFUSED5("\5", ERROR_REFUSED, "connection refused (SOCKS5 reply 5)"),
	REFUSED5("\6", ERROR_UNREACHABLE, "time to live expired"),
	REFUSED5("\7", ERROR_PROTOCOL, "command"),
	REFUSED5("\x08", ERROR_PROTOCOL, "type of address"),
	REFUSED5("\x09", ERROR_PROTOCOL, "without a meaning (SOCKS5 reply 9)"),
	REFUSED5("\xff", ERROR_PROTOCOL, "SOCKS5 reply 255"),
	BAD(PROXY_SOCKS5, "\4", "no SOCKS5: it begins with the byte 0x04"),
	BAD(PROXY_SOCKS5, "HTTP/1.1 400", "is it an HTTP proxy?"),
	BAD(PROXY_SOCKS5, "\5\xff", "wants credentials"),
	BAD(PROXY_SOCKS5, "\5\2", "method 2, which was not offered"),
	BAD(PROXY_SOCKS5, "\5\1", "method 1, which was not offered"),
	BAD(PROXY_SOCKS5, GREETING "\4", "no SOCKS5"),
	BAD(PROXY_SOCKS5, GREETING "\5\0\0\2x", "unknown type 2"),
	{ PROXY_SOCKS5, "u", "p", .name = "a", HEARD("\5\xff"), PROXY_BAD, ERROR_PROTOCOL, "another method" },
	{ PROXY_SOCKS5, "u", "p", .name = "a", HEARD("\5\2\1\1"), PROXY_BAD, ERROR_PROTOCOL, "password are wrong" },
	{ PROXY_SOCKS5, "u", "p", .name = "a", HEARD("\5\2\5\0"), PROXY_BAD, ERROR_PROTOCOL, "RFC 1929" },
	BAD(PROXY_SOCKS4A, "\0\x5b\0\0\0\0\0\0", "rejected or failed (SOCKS4 reply 91)"),
	BAD(PROXY_SOCKS4A, "\0\x5c", "identd"),
	BAD(PROXY_SOCKS4A, "\0\x5d", "another user"),
	BAD(PROXY_SOCKS4A, "\0\x01", "without a meaning (SOCKS4 reply 1)"),
	BAD(PROXY_SOCKS4A, "\5\xff", "no SOCKS4: it begins with the byte 0x05"),
	BAD(PROXY_HTTP, "HTTP/1.1 407 Who are you\r\n", "407 Who are you: it wants credentials"),
	{ PROXY_HTTP, "u", NULL, .name = "a", HEARD("HTTP/1.1 407\r\n"), PROXY_BAD, ERROR_PROTOCOL,
	  "407: it does not take these credentials" },
	BAD(PROXY_HTTP, "HTTP/1.1 403 No\x01\r\n", "refuses: 403 No\\x01"),
	BAD(PROXY_HTTP, "HTTP/1.0 502\n", "refuses: 502"),
	BAD(PROXY_HTTP, "HTTP/1.1 301 x\r\n", "refuses: 301 x"),
	BAD(PROXY_HTTP, "HTTP/1.1 101 x\r\n", "refuses: 101 x"),
	BAD(PROXY_HTTP, "HTTP/1.1 100 x\r\n\r\nHTTP/1.1 404 y\r\n", "refuses: 404 y"),
	BAD(PROXY_HTTP, "HTTP/1.1 20 x\r\n", "no status line"),
	BAD(PROXY_HTTP, "HTTP/1.1 2000 x\r\n", "no status line"),
	BAD(PROXY_HTTP, "HTTP/1.1\r\n", "no status line"),
	BAD(PROXY_HTTP, "HTTP/ 200 x\r\n", "no status line"),
	BAD(PROXY_HTTP, "HTTP/1.1 200 x\r\nA: \0\r\n", "has a NUL"),
	BAD(PROXY_HTTP, "\5\0", "is it a SOCKS proxy?"),
	BAD(PROXY_HTTP, "SSH-2.0", "is no HTTP: 'S'"),
	BAD(PROXY_HTTP, "\r\nHTTP/1.1 200", "is no HTTP"),
	BAD(PROXY_HTTP, "HTT\n", "is no HTTP"),
	CUT(PROXY_SOCKS5, "", "without an answer"),
	CUT(PROXY_SOCKS5, "\5", "in the midst of its answer"),
	CUT(PROXY_SOCKS5, GREETING "\5\0\0\1\0\0\0\0\0", "in the midst of its answer"),
	CUT(PROXY_SOCKS4A, "\0\x5a\0\0\0\0\0", "in the midst of its answer"),
	CUT(PROXY_HTTP, "HTTP/1.1 200 ok\r\nA: b\r\n", "in the midst of its answer"),
	CUT(PROXY_HTTP, "HTTP", "in the midst of its answer"),
};

static void check_rows(const struct talk *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t piece = 1; piece <= rows[i].heard_size + 1; piece++)
			converse(&rows[i], i, piece);
}

/* The longest reply of SOCKS5, and a head that never ends. */
static void check_sizes(void)
{
	struct talk row = { PROXY_SOCKS5, "u", "p", .name = "a", .outcome = PROXY_DONE, .tunnel = 1 };
	char reply[2 + 4 + 1 + 255 + 2 + 1] = "\5\0\5\0\0\3\xff";
	row.heard = reply;
	row.heard_size = sizeof reply;
	converse(&row, 0, 1);
	converse(&row, 0, sizeof reply);
	static char head[70000] = "HTTP/1.1 200 ok\r\n";
	memset(head + strlen(head), 'x', sizeof head - strlen(head) - 1);
	row = (struct talk){ PROXY_HTTP, .name = "a", .heard = head, .heard_size = sizeof head - 1,
			     .outcome = PROXY_BAD, .class = ERROR_PROTOCOL, .words = "more than 65536 bytes" };
	converse(&row, 1, 4096);
	for (size_t i = 18; i < sizeof head - 1; i += 2)
		head[i] = '\n';
	converse(&row, 2, 4096);
	memset(head + 4, '/', 1);
	memset(head + 5, '1', sizeof head - 6);
	converse(&row, 3, 4096);
}

static void check_credentials(void)
{
	static const struct {
		enum proxy_kind kind;
		const char *user, *password;
		int result;
	} rows[] = {
		{ PROXY_HTTP, "", NULL, 0 },          { PROXY_HTTP, longest, longest, 0 },
		{ PROXY_SOCKS4, "u", NULL, 0 },       { PROXY_SOCKS4A, "u", "", 0 },
		{ PROXY_SOCKS4, "u", "p", -1 },       { PROXY_SOCKS4A, "", "p", -1 },
		{ PROXY_SOCKS4, longest, NULL, -1 },  { PROXY_SOCKS5, NULL, NULL, 0 },
		{ PROXY_SOCKS5, "u", "p", 0 },        { PROXY_SOCKS5, longest + 1, longest + 1, 0 },
		{ PROXY_SOCKS5, longest, "p", -1 },   { PROXY_SOCKS5, "u", longest, -1 },
		{ PROXY_SOCKS5, "u", NULL, -1 },      { PROXY_SOCKS5, "u", "", -1 },
		{ PROXY_SOCKS5, "", "p", -1 },
	};
	memset(longest, 'x', 256);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct proxy proxy = { .kind = rows[i].kind };
		struct error error = { 0 };
		proxy.user = rows[i].user ? strdup(rows[i].user) : NULL;
		proxy.password = rows[i].password ? strdup(rows[i].password) : NULL;
		if (!CHECK_EQUAL_INT(proxy_check(&proxy, &error), rows[i].result))
			fprintf(stderr, "\trow %zu\n", i);
		CHECK_EQUAL_INT(error.class, rows[i].result ? ERROR_USAGE : ERROR_NONE);
		free(proxy.user);
		free(proxy.password);
	}
}

static void check_targets(void)
{
	static const struct {
		enum proxy_kind kind;
		const char *host;
		int result;
	} rows[] = {
		{ PROXY_SOCKS4, "1.2.3.4", 0 },      { PROXY_SOCKS4, "0x7f000001", 0 }, { PROXY_SOCKS4, "::1", -1 },
		{ PROXY_SOCKS4A, "[::1]", -1 },      { PROXY_SOCKS4, "::ffff:1.2.3.4", 0 },
		{ PROXY_SOCKS5, "::1", 0 },          { PROXY_SOCKS5, "[::1]", 0 },      { PROXY_SOCKS5, "fe80::1%lo", -1 },
		{ PROXY_HTTP, "a_b.example", 0 },    { PROXY_HTTP, "a b", -1 },         { PROXY_HTTP, "a\r\nX: y", -1 },
		{ PROXY_HTTP, "a/b", -1 },           { PROXY_HTTP, "a@b", -1 },         { PROXY_HTTP, "", -1 },
		{ PROXY_SOCKS5, "\xc3\xa9", -1 },    { PROXY_SOCKS5, "a\x7f", -1 },     { PROXY_SOCKS5, "1.2.3.400", -1 },
		{ PROXY_SOCKS5, longest, -1 },       { PROXY_SOCKS5, longest + 1, 0 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct proxy proxy = { .kind = rows[i].kind };
		struct error error = { 0 };
		if (!CHECK_EQUAL_INT(proxy_check_target(&proxy, rows[i].host, &error), rows[i].result))
			fprintf(stderr, "\trow %zu, %s\n", i, rows[i].host);
		CHECK_EQUAL_INT(error.class, rows[i].result ? ERROR_USAGE : ERROR_NONE);
	}
	CHECK(!proxy_resolves(PROXY_SOCKS4) && proxy_resolves(PROXY_SOCKS4A) && proxy_resolves(PROXY_SOCKS5));
}

int main(void)
{
	check_credentials();
	check_targets();
	check_rows(good, sizeof good / sizeof good[0]);
	check_rows(bad, sizeof bad / sizeof bad[0]);
	check_sizes();
	return test_result();
}
