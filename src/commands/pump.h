/* pump: the settings as a session in the loop. */
#ifndef SKT_COMMANDS_PUMP_H
#define SKT_COMMANDS_PUMP_H

#include "commands/context.h"
#include "commands/open.h"
#include "relay/session.h"

/* What a datagram can hold: RFC 768 and 791, RFC 8200, of the 16 bits of their lengths. */
enum { PUMP_MOST_IPV4 = 65507, PUMP_MOST_IPV6 = 65527 };

/* Pipes standard input and output through a connected stream by the settings, and closes it. -1: error, with what could
 * be delivered delivered. `serving`: the socket came from a listener. */
int pump_stream(struct context *context, const struct opened *peer, bool serving, struct error *error);

/* Whether standard input has bytes to be sent right now. */
bool pump_has_bytes(const struct settings *settings);

/* Our socket as an end of a session: what its triple can do, and what the kernel is to tell beside its messages. */
void pump_open_peer(struct end *end, int fd, const struct triple *triple, const struct trace *trace);

/* Runs a session that was begun; it is out of the loop afterwards, whatever happened. */
int pump_session(struct context *context, struct session *session, struct error *error);

/* How standard input becomes datagrams to a peer, and datagrams standard output. */
struct framing pump_framing_out(const struct settings *settings, const struct address *peer,
				const struct triple *triple);
struct framing pump_framing_in(const struct settings *settings);

/* Lets the kernel tell when a datagram came, where the frame wants that. */
void pump_stamp(int fd, const struct framing *framing, const struct trace *trace);

/* The size of --frame size=N must fit into a datagram to this peer: else -1, ERROR_USAGE. */
int pump_check_size(const struct framing *framing, const struct address *peer, struct error *error);

/* What a session of datagrams to `peer` came to: `result`, unless what came back by ICMP, up to now, says that one did
 * not arrive: -1, with its class. That says more than that nothing failed, or that a time limit ran out. */
int pump_complaint(const struct session *session, const struct address *peer, int result, struct error *error);

/* The account of a session, if --stats asks for it; before session_end. */
void pump_stats(const struct context *context, const struct session *session);

/* The idle limit: --idle-timeout, or -w. */
int64_t pump_idle(const struct settings *settings);

#endif
