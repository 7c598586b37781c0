/* Options that hands know from nc, ncat and curl, and what stands for them here. What a command has itself is not looked
 * up here. */
#include "commands/options.h"

/* clang-format off */
#define NO_TLS "there is no TLS here: socat and openssl s_client have it, and stunnel puts it in front of skt"
#define ONLY_GETS "skt only gets: curl can send"

/* Two names, one answer. */
#define BOTH(name, other, answer) { name, answer }, { other, answer }

#define STREAMS \
	{ "N", "the end of input is told to the peer in any case (--no-half-close: it is not)" }, \
	BOTH("c", "e", "a command is '-- COMMAND ARG...' or --exec 'SHELL COMMAND'"), \
	{ "d", "input is left alone with --recv-only" }, \
	{ "i", "a pause between lines is --interval, an end after silence --idle-timeout" }, \
	{ "o", "a record of both directions is --hex-dump FILE" }, \
	{ "C", "CRLF line ends are --crlf" }, \
	{ "t", "TELNET negotiation is --telnet" }, \
	BOTH("I", "O", "the buffers are --recv-buffer and --send-buffer"), \
	BOTH("ssl", "tls", NO_TLS), \
	{ "sh-exec", "a shell command is --exec 'SHELL COMMAND'" }, \
	{ "no-shutdown", "the write side stays open with --no-half-close" }, \
	{ "delay", "a pause between lines is --interval" }, \
	{ "output", "what arrives is standard output; a record of both directions is --hex-dump FILE" }

#define SERVERS \
	BOTH("m", "max-conns", "clients at a time are --max-clients"), \
	{ "chat", "what one client says all others hear with --broker" }

#define INTERNET \
	{ "U", "unix sockets are 'skt unix PATH'" }, \
	BOTH("n", "nodns", "an address is never looked up, a name always"), \
	{ "T", "the type of service is --tos" }, \
	{ "M", "the hop limit is --ttl" }, \
	{ "S", "TCP MD5 signatures are --md5-file" }, \
	{ "b", "broadcast is 'skt udp-send --broadcast'" }

#define DATAGRAMS \
	{ "u", "it is UDP in any case" }, \
	{ "l", "to receive is 'skt udp-recv [HOST] PORT'" }, \
	{ "n", "an address is never looked up, a name always" }, \
	{ "W", "an end after N datagrams is --count N" }, \
	{ "N", "datagrams have no end to tell of" }

const struct option_habit options_habits_connect[] = {
	{ "l", "to be the server is 'skt listen [HOST] PORT'" },
	{ "x", "a proxy is --proxy http://HOST:PORT or socks5://HOST:PORT" },
	BOTH("X", "proxy-type", "the kind of proxy is in its URL: --proxy socks5://HOST:PORT"),
	{ "P", "who you are to the proxy is in its URL or in --proxy-auth-file" },
	{ "F", "the connected descriptor is handed over with --pass-fd" },
	STREAMS, INTERNET, { NULL, NULL },
};

const struct option_habit options_habits_listen[] = {
	{ "l", "'listen' listens without it" },
	{ "p", "the port is a word of its own: skt listen [HOST] PORT" },
	{ "s", "our own address is HOST: skt listen HOST PORT" },
	SERVERS, STREAMS, INTERNET, { NULL, NULL },
};

const struct option_habit options_habits_unix[] = {
	{ "U", "it is a unix socket in any case" },
	{ "u", "datagrams are --type dgram" },
	{ "s", "our own path is --source" },
	SERVERS, STREAMS, { NULL, NULL },
};

const struct option_habit options_habits_udp_send[] = {
	{ "i", "a pause between datagrams is --interval" },
	{ "b", "broadcast is --broadcast" },
	DATAGRAMS, { NULL, NULL },
};

const struct option_habit options_habits_udp_recv[] = {
	{ "p", "the port is a word of its own: skt udp-recv [HOST] PORT" },
	{ "k", "all senders are heard in any case" },
	{ "b", "what is broadcast to the port is heard in any case, without a HOST" },
	DATAGRAMS, { NULL, NULL },
};

const struct option_habit options_habits_http[] = {
	{ "S", "errors are told in any case" },
	BOTH("f", "fail", "a status of 400 or more ends with 11 in any case"),
	BOTH("k", "insecure", NO_TLS),
	BOTH("d", "data", ONLY_GETS),
	BOTH("F", "form", ONLY_GETS),
	BOTH("T", "upload", ONLY_GETS),
	BOTH("X", "request", "the method is GET: curl has others"),
	{ "I", "the method is GET; --include shows the head of the answer" },
	{ "O", "the file has a name: -o FILE" },
	{ "A", "--user-agent" },
	BOTH("b", "cookie", "a cookie is --header 'Cookie: NAME=VALUE'"),
	BOTH("e", "referer", "the referrer is --header 'Referer: URL'"),
	{ "u", "who you are is in the URL, http://USER:PASSWORD@HOST/, or in --auth-file" },
	{ "x", "--proxy URL" },
	{ "C", "to go on with a file is -c or --continue" },
	BOTH("m", "max-time", "the whole run is limited by --deadline"),
	{ "G", "a query is --query NAME=VALUE" },
	{ "cacert", NO_TLS },
	{ "silent", "nothing is said but errors; --no-progress hides the live line, --quiet all" },
	{ NULL, NULL },
};
/* clang-format on */
