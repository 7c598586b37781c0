/* end: one descriptor that a flow reads from or writes to, and what it can do. Borrowed descriptors (0, 1, 2, inherited
 * ones) keep their flags: sockets are used with MSG_DONTWAIT, pipes and terminals through a description of our own
 * where /proc lets us have one, and else by at most PIPE_BUF bytes an event. */
#ifndef SKT_RELAY_END_H
#define SKT_RELAY_END_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/watch.h"
#include "relay/tap.h"

enum end_kind {
	END_NOTHING, /* as a source: ended from the start; as a sink: takes all and drops it */
	END_CLOSED,  /* descriptor 0 or 1 that skt was started without: an ended source, a sink that fails (EBADF);
			base/standard.h */
	END_SOCKET,  /* a connected stream or seqpacket: it has an end */
	END_DATAGRAM,
	END_PIPE,
	END_FILE,     /* regular, or a device that never blocks */
	END_TERMINAL, /* or another device that can block */
};

struct end {
	struct watch watch;
	const char *name; /* "standard output"; NULL: the peer */
	enum end_kind kind;
	int fd;           /* what to read and write; -1 for END_NOTHING and END_CLOSED */
	bool unblocking;  /* reads and writes never wait: the description is our own, or it is a file */
	bool reopened;    /* fd is ours to close */
	bool regular;     /* a file on a disk: it has an end, and sendfile(2) can read it */
	bool append;      /* O_APPEND, where splice(2) does not write */
	bool null_device; /* /dev/null: nothing to read, ever, and it takes all */
	bool tcp;
	bool nonblocking; /* a peer's socket with O_NONBLOCK: what knows no MSG_DONTWAIT (splice, sendfile) does not wait */
	bool records;  /* a socket that keeps boundaries: each call moves one message */
	bool internet; /* of these, one of UDP's kind: ICMP errors come in an error queue, no message is above 64 KiB */
	bool fastened; /* the watch is in a machine's list */
	struct tap *tap; /* sees what is read and written; not owned; NULL: nobody does */
};

enum end_use { END_FOR_READING, END_FOR_WRITING };

/* A descriptor that was handed to us (0, 1, a file of ours), by any type. */
void end_open(struct end *end, int fd, enum end_use use, const char *name);

/* A connected or bound socket, our own or inherited, and what it can do. */
struct end_socket {
	bool ends;    /* there is a peer who can end; shutdown(2) means something */
	bool records; /* as in struct end */
	bool internet;
	bool tcp; /* TCP or MPTCP, whose acknowledgements can be asked for */
};
void end_open_socket(struct end *end, int fd, const struct end_socket *socket);

void end_open_nothing(struct end *end);

/* Puts the watch into the machine's list, where there is something to wait for; end_close takes it out again. */
void end_fasten(struct end *end, struct machine *machine);

/* Closes what end_open opened, not the descriptor that was handed in. */
void end_close(struct end *end);

/* One read or recv: the bytes, 0 at the end, -1 with errno (EAGAIN: nothing there now). EINTR is retried. */
ssize_t end_read(const struct end *end, void *bytes, size_t n);

/* One write or send of n > 0 bytes, as end_read; the count may be short. SIGPIPE is never raised. */
ssize_t end_write(const struct end *end, const void *bytes, size_t n);

/* Takes what lies unread, within reason: close(2) would send an RST, which can destroy our last bytes. */
void end_drain(const struct end *end);

/* Whether a read would find bytes, the end or an error right now. */
bool end_readable(const struct end *end);

/* Whether the other side of a socket has said its end. */
bool end_hung_up(const struct end *end);

/* Fills error for a failed read (sink false) or write: ERROR_LOCAL or ERROR_READER_GONE on our side, the errno's class
 * on the peer's. */
int end_failed(const struct end *end, bool sink, int number, struct error *error);

/* What the other side has not acknowledged of what we sent, our FIN counted as a byte (TCP); 0 where nobody can tell.
 */
int end_unacknowledged(const struct end *end);

/* Whether a TCP connection is still being asked for: the SYN waits for its answer. */
bool end_connecting(const struct end *end);

/* What lies ready in a source, as far as that can be told: the rest of a file, what is in a pipe; of a socket with
 * boundaries at least what the next message has (of seqpacket: what all have). */
size_t end_pending(const struct end *end);

/* The pending error of a socket, 0 for none; it is taken. */
int end_socket_error(const struct end *end);

/* Lets the kernel ask now and then whether a TCP peer is still there (SO_KEEPALIVE, tcp(7)), for who only hears: that it
 * is gone nobody else would notice before something is sent to it. Where it asks already nothing changes. */
void end_watch_over(const struct end *end);

/* The last of the ICMP errors that wait in a datagram socket's error queue (IP_RECVERR) or as its pending error, 0 for
 * none; all are taken. Adds to *returned how many datagrams they say came back. */
int end_take_errors(const struct end *end, uint64_t *returned);

#endif
