#include "net/inherit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

enum { MOST = 4096 }; /* sockets: more than anybody's limit of open files lets through by default */

int inherit_count(const char *pid, const char *fds, pid_t self, unsigned *count, struct error *error)
{
	char shown[64];
	uint64_t number;
	if (!pid)
		return 0;
	if (text_number(pid, INT32_MAX, &number) || !number)
		return error_set(error, ERROR_BIND, 0, "LISTEN_PID '%s' is no process", TEXT_SHOW(shown, pid));
	if (number != (uint64_t)self)
		return error_set(error, ERROR_BIND, 0, "LISTEN_PID %s is not ours (%ld): the sockets are another's",
				 pid, (long)self);
	if (!fds)
		return error_set(error, ERROR_BIND, 0, "LISTEN_PID is set, but LISTEN_FDS is not");
	if (text_number(fds, MOST, &number) || !number)
		return error_set(error, ERROR_BIND, 0, "LISTEN_FDS '%s' is not a number of sockets from 1 to %d",
				 TEXT_SHOW(shown, fds), MOST);
	*count = (unsigned)number;
	return 1;
}

static int ask(int fd, int option)
{
	int value = 0;
	socklen_t size = sizeof value;
	return getsockopt(fd, SOL_SOCKET, option, &value, &size) ? -1 : value;
}

static int not_to_serve(int fd, const struct triple *triple, const char *why, struct error *error)
{
	char kind[64];
	return error_set(error, ERROR_BIND, 0, "descriptor %d (%s) %s", fd, triple_show(kind, sizeof kind, triple),
			 why);
}

/* What kind of socket fd is, which is the server's from now on. */
static int look_at(struct server *server, int fd, struct error *error)
{
	struct address peer;
	int flags = fcntl(fd, F_GETFL);
	struct triple *triple = &server->triple;
	*server = (struct server){ .fd = fd, .blocking = flags >= 0 && !(flags & O_NONBLOCK) };
	*triple = (struct triple){ ask(fd, SO_DOMAIN), ask(fd, SO_TYPE), ask(fd, SO_PROTOCOL) };
	if (triple->family < 0)
		return error_system(error, ERROR_BIND, errno, "descriptor %d is no socket to inherit", fd);
	if (triple->type != SOCK_STREAM && triple->type != SOCK_SEQPACKET)
		return not_to_serve(fd, triple, "is a socket for datagrams: only connections can be inherited", error);
	address_local(fd, &server->local);
	address_peer(fd, &peer);
	server->connected = ask(fd, SO_ACCEPTCONN) <= 0;
	if (server->connected && !peer.length)
		return not_to_serve(fd, triple, "neither listens nor is connected", error);
	return 0;
}

/* accept(2) of a blocking listener is cut short by this signal (net/acceptor.c). It does nothing else. */
static void nothing(int number)
{
	(void)number;
}

static int catch_alarm(struct error *error)
{
	struct sigaction action = { .sa_handler = nothing };
	sigset_t alarm_only;
	if (sigemptyset(&action.sa_mask) || sigaction(SIGALRM, &action, NULL) || sigemptyset(&alarm_only) ||
	    sigaddset(&alarm_only, SIGALRM) || sigprocmask(SIG_UNBLOCK, &alarm_only, NULL))
		return error_system(error, ERROR_UNEXPECTED, errno, "SIGALRM");
	return 0;
}

static int take_passed(struct server *server, unsigned count, struct error *error)
{
	struct server **last = &server->next;
	for (unsigned i = 0; i < count; i++)
		if (fcntl((int)(INHERIT_FIRST + i), F_SETFD, FD_CLOEXEC))
			return error_system(error, ERROR_BIND, errno,
					    "descriptor %u, of the %u that LISTEN_FDS tells of", INHERIT_FIRST + i,
					    count);
	if (look_at(server, INHERIT_FIRST, error))
		return -1;
	for (unsigned i = 1; i < count; i++) {
		struct server *next = calloc(1, sizeof *next);
		if (!next)
			return error_system(error, ERROR_UNEXPECTED, ENOMEM, "inherit");
		*last = next;
		if (look_at(next, (int)(INHERIT_FIRST + i), error))
			return -1;
		last = &next->next;
	}
	for (const struct server *at = server; at && count > 1; at = at->next)
		if (at->connected)
			return not_to_serve(at->fd, &at->triple,
					    "is connected, and not alone: only listeners can be served together",
					    error);
	return 0;
}

static bool same(int fd, const struct stat *socket)
{
	struct stat status;
	return !fstat(fd, &status) && status.st_dev == socket->st_dev && status.st_ino == socket->st_ino;
}

/* A copy of the socket is ours, and what it lay on is /dev/null from now on: it can be closed, and what we have to say
 * does not end up between the bytes that the client is sent. */
static int take_standard(struct server *server, bool *output, struct error *error)
{
	struct stat socket;
	if (look_at(server, STDIN_FILENO, error)) {
		server->fd = -1;
		return -1;
	}
	server->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int bad = server->fd < 0 || null < 0 || fstat(server->fd, &socket);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && !bad; fd++) {
		if (!same(fd, &socket))
			continue;
		*output |= fd == STDOUT_FILENO;
		bad = dup2(null, fd) < 0;
	}
	int number = errno;
	if (null >= 0)
		(void)close(null);
	return bad ? error_system(error, ERROR_UNEXPECTED, number, "descriptor 0") : 0;
}

int inherit_open(struct server *server, bool *output, struct error *error)
{
	static const char *const variables[] = { "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID" };
	unsigned count;
	int passed = inherit_count(getenv("LISTEN_PID"), getenv("LISTEN_FDS"), getpid(), &count, error);
	*server = (struct server){ .fd = -1 };
	*output = false;
	if (passed < 0)
		return -1;
	for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
		if (unsetenv(variables[i]))
			return error_system(error, ERROR_UNEXPECTED, errno, "%s", variables[i]);
	int result = passed ? take_passed(server, count, error) : take_standard(server, output, error);
	if (!result)
		result = catch_alarm(error);
	if (result)
		serve_close(server, NULL);
	return result;
}
