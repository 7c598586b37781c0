/* call: the socket calls, each of which says what it did in the words of the socket API when --trace asks. All leave
 * errno as the kernel set it. Data-moving calls are not here: the relay sums those;
 * shutdown(2) and close(2), which it makes too, are in base/trace.h. */
#ifndef SKT_NET_CALL_H
#define SKT_NET_CALL_H

#include "base/trace.h"
#include "net/address.h"

int call_socket(const struct trace *trace, int family, int type, int protocol); /* non-blocking, close-on-exec */
int call_bind(const struct trace *trace, int fd, const struct address *address);
int call_listen(const struct trace *trace, int fd, int backlog);
int call_accept(const struct trace *trace, int fd, struct address *peer); /* EAGAIN is not told */

/* The same for a listener whose O_NONBLOCK is not set, and not ours to set: EAGAIN or EINTR where no client is there,
 * or soon not any more. A SIGALRM must be caught by then, unblocked, without SA_RESTART (net/inherit.c). */
int call_accept_shared(const struct trace *trace, int fd, struct address *peer);

/* A connect that is under way (EINPROGRESS) is told when call_connected learns its outcome; one that has to be repeated
 * (EAGAIN of a unix socket, whose backlog is full) when that comes through, fails or is given up. */
int call_connect(const struct trace *trace, int fd, const struct address *address);

/* The outcome of a connect that was under way: 0, or the errno. */
int call_connected(const struct trace *trace, int fd, const struct address *address);

/* A connect that was under way has come through. */
void call_answered(const struct trace *trace, int fd, const struct address *address);

/* A connect that is given up before it had an answer; `number` is the errno that it had so far. */
void call_unanswered(const struct trace *trace, int fd, const struct address *address, int number);

/* send(2) of no bytes, which sends the SYN that TCP_FASTOPEN_CONNECT held back: EINPROGRESS then. */
int call_send_nothing(const struct trace *trace, int fd);

/* `what` names level, option and value: "SOL_SOCKET, SO_REUSEADDR, 1". */
int call_setsockopt(const struct trace *trace, int fd, int level, int option, const void *value, socklen_t size,
		    const char *what);

#endif
