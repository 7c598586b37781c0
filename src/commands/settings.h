/* settings: the parsed command line; const once it is parsed. The rows in commands/options_*.c point into it. */
#ifndef SKT_COMMANDS_SETTINGS_H
#define SKT_COMMANDS_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/option.h"
#include "net/sockopt.h"
#include "relay/framing.h"

struct frame_choice {
	enum frame out, in; /* FRAME_DEFAULT: not given */
	uint64_t size;      /* FRAME_SIZE */
};

/* Durations are nanoseconds, CLOCK_NEVER where the limit is off. */
struct settings {
	/* what skt says */
	bool help, verbose, trace, json, quiet, stats;
	int progress; /* 1 asked for, -1 refused, 0 where it is the default */
	/* the triple; TRIPLE_OPEN: not given */
	int family, type, protocol;
	/* the shared loop */
	int sandbox; /* 1: asked for, -1: refused */
	bool no_half_close, hold, recv_only, send_only;
	uint64_t max_bytes; /* UINT64_MAX: no limit */
	uint64_t buffer_size;
	bool crlf, telnet;
	const char *hex_dump; /* FILE or "-" */
	uint64_t rate; /* 0: no limit */
	int64_t linger;
	/* limits */
	int64_t connect_timeout, accept_timeout, idle_timeout, deadline, wait;
	/* sockets */
	struct sockopts options;
	const char *source, *md5_file;
	const char *source_port;
	/* connecting */
	int64_t attempt_delay, retry_interval;
	uint64_t retry; /* more tries; UINT64_MAX: for ever */
	bool scan, payload, pass_fd;
	uint64_t parallel; /* probes of a scan at a time */
	const char *proxy, *proxy_auth_file;
	/* serving */
	bool listen, inherit, keep_open, echo, discard, broker;
	const char *forward;           /* HOST:PORT or unix:PATH */
	const char *exec;              /* a command for the shell, on connect too */
	uint64_t broker_buffer;
	uint64_t clients, max_clients; /* UINT64_MAX: no limit of its own */
	int64_t drain;
	uint64_t backlog, mode; /* UINT64_MAX: not given */
	uint64_t ready_fd;      /* UINT64_MAX: none */
	const char *ready_file;
	struct option_list allow, deny, allow_file, allow_user, allow_group; /* who may come */
	/* datagrams */
	struct frame_choice frame;
	struct option_list join, join_source;
	bool chomp, from, sequence;
	uint64_t count, max_datagram; /* max_datagram 0: what the family allows */
	uint64_t replies;             /* to wait for; UINT64_MAX: not given */
	int64_t reply_wait;           /* behind the last datagram; CLOCK_NEVER: not given */
	uint64_t repeat, pps;         /* passes over standard input; datagrams a second, 0: no limit */
	int64_t interval;             /* between two datagrams; 0: no pause */
	/* http-get */
	bool http09, http10, extra_crlf, include, allow_http09, resume, location;
	const char *output, *user_agent, *range, *auth_file, *unix_socket;
	struct option_list fields, query;
};

/* What holds where no option says otherwise. */
void settings_defaults(struct settings *settings);

#endif
