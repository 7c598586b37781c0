#include "net/call.h"

#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/time.h>

#include "net/triple.h"

enum { PATIENCE = 20000 }; /* microseconds with a listener that cannot be asked without waiting */

int call_socket(const struct trace *trace, int family, int type, int protocol)
{
	char a[12], b[12], c[12], r[40];
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	if (trace_wanted(trace))
		trace_line(trace, "socket(%s, %s, %s) = %s", triple_constant(triple_families, family, a, sizeof a),
			   triple_constant(triple_types, type, b, sizeof b),
			   triple_constant(triple_protocols, protocol, c, sizeof c), trace_outcome(fd, r));
	return fd;
}

/* The calls that take a descriptor and an address. */
static int told(const struct trace *trace, const char *call, int fd, const struct address *address, int result)
{
	char shown[ADDRESS_TEXT], r[40];
	if (trace_wanted(trace))
		trace_line(trace, "%s(%d, %s) = %s", call, fd, address_show(shown, address), trace_outcome(result, r));
	return result;
}

int call_bind(const struct trace *trace, int fd, const struct address *address)
{
	return told(trace, "bind", fd, address, bind(fd, &address->any, address->length));
}

int call_listen(const struct trace *trace, int fd, int backlog)
{
	char r[40];
	int result = listen(fd, backlog);
	trace_line(trace, "listen(%d, %d) = %s", fd, backlog, trace_outcome(result, r));
	return result;
}

static int accept_client(int fd, struct address *peer)
{
	*peer = (struct address){ .length = sizeof peer->storage };
	return accept4(fd, &peer->any, &peer->length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static int accepted(const struct trace *trace, int fd, const struct address *peer, int client)
{
	char shown[ADDRESS_TEXT], r[40];
	if (client < 0 && errno == EAGAIN)
		return client;
	if (client < 0)
		trace_line(trace, "accept(%d) = %s", fd, trace_outcome(client, r));
	else if (trace_wanted(trace))
		trace_line(trace, "accept(%d) = %d, %s", fd, client, address_show(shown, peer));
	return client;
}

int call_accept(const struct trace *trace, int fd, struct address *peer)
{
	return accepted(trace, fd, peer, accept_client(fd, peer));
}

/* Others who share the listener may have taken the client that it was ready for. Then accept(2) waits, and is cut short
 * by a timer, again and again in case the first signal came before the call. (SO_RCVTIMEO would be an option of theirs,
 * and a socket cannot be opened anew.) */
int call_accept_shared(const struct trace *trace, int fd, struct address *peer)
{
	const struct itimerval soon = { { 0, PATIENCE }, { 0, PATIENCE } }, never = { { 0, 0 }, { 0, 0 } };
	struct pollfd ask = { .fd = fd, .events = POLLIN };
	if (poll(&ask, 1, 0) <= 0) {
		errno = EAGAIN;
		return -1;
	}
	if (setitimer(ITIMER_REAL, &soon, NULL))
		return -1;
	int client = accept_client(fd, peer), number = errno;
	(void)setitimer(ITIMER_REAL, &never, NULL); /* what could be set can be cleared */
	errno = number;
	return accepted(trace, fd, peer, client);
}

int call_connect(const struct trace *trace, int fd, const struct address *address)
{
	int result = connect(fd, &address->any, address->length);
	bool later = result && (errno == EINPROGRESS || (errno == EAGAIN && address->any.sa_family == AF_UNIX));
	return later ? result : told(trace, "connect", fd, address, result);
}

/* What arrived before a reset proves that the connection was there, and to ask for the error would take it from the
 * reader. The count alone is no proof: it is 1 for an MPTCP socket that was refused (Linux 6.18). */
static int outcome(int fd)
{
	int number = 0, arrived = 0;
	socklen_t size = sizeof number;
	char byte;
	if (!ioctl(fd, FIONREAD, &arrived) && arrived) {
		if (recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0)
			return 0;
		if (errno != EAGAIN)
			return errno;
	}
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &size) ? errno : number;
}

int call_connected(const struct trace *trace, int fd, const struct address *address)
{
	int number = outcome(fd);
	errno = number;
	told(trace, "connect", fd, address, number ? -1 : 0);
	return number;
}

void call_answered(const struct trace *trace, int fd, const struct address *address)
{
	told(trace, "connect", fd, address, 0);
}

void call_unanswered(const struct trace *trace, int fd, const struct address *address, int number)
{
	errno = number;
	told(trace, "connect", fd, address, -1);
}

int call_send_nothing(const struct trace *trace, int fd)
{
	char r[40];
	ssize_t sent = send(fd, "", 0, MSG_NOSIGNAL | MSG_DONTWAIT);
	trace_line(trace, "send(%d, 0 bytes) = %s", fd, trace_outcome((int)sent, r));
	return sent < 0 ? -1 : 0;
}

int call_setsockopt(const struct trace *trace, int fd, int level, int option, const void *value, socklen_t size,
		    const char *what)
{
	char r[40];
	int result = setsockopt(fd, level, option, value, size);
	trace_line(trace, "setsockopt(%d, %s) = %s", fd, what, trace_outcome(result, r));
	return result;
}
