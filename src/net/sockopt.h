/* sockopt: socket options as rows. A value that was asked for and is refused is an error, never a shrug. */
#ifndef SKT_NET_SOCKOPT_H
#define SKT_NET_SOCKOPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/trace.h"
#include "net/address.h"
#include "net/triple.h"

enum sockopt_name {
	SOCKOPT_REUSE_PORT,
	SOCKOPT_INTERFACE,
	SOCKOPT_MARK,
	SOCKOPT_SEND_BUFFER,
	SOCKOPT_RECV_BUFFER,
	SOCKOPT_NO_DELAY,
	SOCKOPT_KEEP_ALIVE,
	SOCKOPT_KEEP_IDLE,     /* seconds */
	SOCKOPT_KEEP_INTERVAL, /* seconds */
	SOCKOPT_KEEP_COUNT,
	SOCKOPT_USER_TIMEOUT, /* milliseconds */
	SOCKOPT_TOS,
	SOCKOPT_TTL,
	SOCKOPT_MIN_TTL,
	SOCKOPT_CONGESTION,
	SOCKOPT_FAST_OPEN,       /* of who connects */
	SOCKOPT_FAST_OPEN_QUEUE, /* of who listens: connections whose handshake is not over, at most */
	SOCKOPT_BROADCAST,
	SOCKOPT_MULTICAST_INTERFACE, /* number of the interface */
	SOCKOPT_MULTICAST_LOOP,
	SOCKOPT_COUNT,
};

struct sockopt_value {
	bool given;
	int number;
	const char *text; /* names: interface, congestion control */
};

struct sockopts {
	struct sockopt_value items[SOCKOPT_COUNT];
};

enum sockopt_when {
	SOCKOPT_BEFORE_BIND = 1,
	SOCKOPT_BEFORE_CONNECT = 2,
	SOCKOPT_BEFORE_LISTEN = 4, /* accepted sockets inherit it */
};

/* Whether all that was asked for means something for sockets of this triple (AF_UNSPEC: of IPv4 or IPv6). -1:
 * ERROR_USAGE. Opens nothing. */
int sockopt_check(const struct sockopts *options, const struct triple *triple, struct error *error);

/* Sets what was asked for, belongs to this moment and means something for such a socket. `to`: whom the socket is to be
 * connected to, for what differs between a host and a multicast group; NULL: nobody. -1: the kernel refused one; error
 * names option and reason (ERROR_UNEXPECTED; ERROR_USAGE for what is for groups alone). */
int sockopt_apply(const struct sockopts *options, enum sockopt_when when, int fd, const struct triple *triple,
		  const struct address *to, const struct trace *trace, struct error *error);

/* Lets a datagram socket hear of each ICMP error, not only of the last one before a call (IP_RECVERR, ip(7)). */
void sockopt_hear_errors(int fd, const struct triple *triple, const struct trace *trace);

/* Prepares a datagram socket for floods: the kernel counts its drops (SO_RXQ_OVFL), hands over runs of equal datagrams
 * in one piece (UDP_GRO), and has as much room as we may ask for, unless the user asked for less. All of it is a wish.
 */
void sockopt_receive_many(int fd, const struct triple *triple, const struct sockopts *options,
			  const struct trace *trace);

/* Lets each message of a unix socket with boundaries carry its sender's credentials (SO_PASSCRED, unix(7)), which also
 * tells an empty message from the end. Nothing for other sockets. */
void sockopt_receive_credentials(int fd, const struct triple *triple, const struct trace *trace);

/* How large a message a socket that is not of the internet can send: its send buffer, raised as far as we may where
 * `wanted` bytes (0: whatever it is) need more. */
size_t sockopt_most(int fd, size_t wanted, const struct trace *trace);

/* An int option that skt itself wants, without which it can live: the result is the kernel's. */
int sockopt_set(const struct trace *trace, int fd, int level, int option, int value, const char *what);

#endif
