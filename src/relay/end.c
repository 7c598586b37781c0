#include "relay/end.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/errqueue.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* A description of our own for a pipe or terminal: O_NONBLOCK there changes nothing for those who share the old one. */
static int reopen(int fd, enum end_use use)
{
	char path[32];
	int flags = use == END_FOR_READING ? O_RDONLY : O_WRONLY;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static bool hung_up(int fd)
{
	struct pollfd ask = { .fd = fd };
	return poll(&ask, 1, 0) > 0 && ask.revents & POLLHUP;
}

static void classify_device(struct end *end, const struct stat *status)
{
	int number = major(status->st_rdev) == 1 ? (int)minor(status->st_rdev) : -1;
	end->null_device = number == 3;
	end->kind = number == 3 || number == 5 || number == 7 || S_ISBLK(status->st_mode) ? END_FILE : END_TERMINAL;
}

void end_open(struct end *end, int fd, enum end_use use, const char *name)
{
	struct stat status;
	int flags = fcntl(fd, F_GETFL);
	*end = (struct end){ .name = name, .kind = END_CLOSED, .fd = -1 };
	if (flags < 0 || flags & O_PATH || fstat(fd, &status))
		return;
	end->fd = fd;
	end->kind = S_ISSOCK(status.st_mode) ? END_SOCKET : S_ISFIFO(status.st_mode) ? END_PIPE : END_FILE;
	if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode))
		classify_device(end, &status);
	end->regular = S_ISREG(status.st_mode);
	end->append = flags & O_APPEND;
	end->null_device &= use == END_FOR_READING || (flags & O_ACCMODE) != O_RDONLY; /* else writing must fail */
	end->unblocking = end->kind == END_FILE || end->kind == END_SOCKET || flags & O_NONBLOCK;
	if (end->unblocking)
		return;
	int own = reopen(fd, use);
	if (own < 0)
		return; /* somebody else's, or no /proc: asked before each read and write, and written in small steps */
	if (use == END_FOR_READING && hung_up(fd)) {
		/* A new description of a named FIFO whose writers are gone would wait for the next one (fifo(7)). */
		close(own);
		return;
	}
	end->fd = own;
	end->reopened = end->unblocking = true;
}

void end_open_socket(struct end *end, int fd, const struct end_socket *socket)
{
	int flags = fcntl(fd, F_GETFL);
	*end = (struct end){ .kind = socket->ends ? END_SOCKET : END_DATAGRAM,
			     .fd = fd,
			     .unblocking = true,
			     .nonblocking = flags >= 0 && flags & O_NONBLOCK,
			     .tcp = socket->tcp,
			     .records = socket->records,
			     .internet = socket->internet };
}

void end_open_nothing(struct end *end)
{
	*end = (struct end){ .kind = END_NOTHING, .fd = -1, .unblocking = true };
}

void end_fasten(struct end *end, struct machine *machine)
{
	if (end->fd < 0)
		return;
	watch_add(machine, &end->watch, end->fd);
	end->fastened = true;
}

void end_close(struct end *end)
{
	if (end->fastened)
		watch_remove(end->watch.owner, &end->watch);
	if (end->reopened)
		close(end->fd);
	*end = (struct end){ .kind = END_CLOSED, .fd = -1 };
}

/* A descriptor that may make us wait: false and EAGAIN when it would. */
static bool would_not_wait(const struct end *end, short events)
{
	struct pollfd ask = { .fd = end->fd, .events = events };
	if (end->fd < 0 || poll(&ask, 1, 0) > 0)
		return true;
	errno = EAGAIN;
	return false;
}

/* Datagrams are shown by their movers, who know where they begin. */
static void show(const struct end *end, bool sent, const void *bytes, ssize_t n)
{
	const struct tap_piece piece = { .bytes = bytes, .n = n > 0 ? (size_t)n : 0, .sent = sent };
	if (end->tap && piece.n && !end->records)
		end->tap->see(end->tap, &piece);
}

ssize_t end_read(const struct end *end, void *bytes, size_t n)
{
	ssize_t got;
	if (!end->unblocking && !would_not_wait(end, POLLIN))
		return -1;
	do
		got = end->kind == END_SOCKET || end->kind == END_DATAGRAM ? recv(end->fd, bytes, n, MSG_DONTWAIT)
									   : read(end->fd, bytes, n);
	while (got < 0 && errno == EINTR);
	show(end, false, bytes, got);
	return got;
}

ssize_t end_write(const struct end *end, const void *bytes, size_t n)
{
	ssize_t put;
	if (!end->unblocking && !would_not_wait(end, POLLOUT))
		return -1;
	if (!end->unblocking && n > PIPE_BUF)
		n = PIPE_BUF; /* a pipe that is writable takes so many without waiting (pipe(7)) */
	do
		put = end->kind == END_SOCKET || end->kind == END_DATAGRAM
			  ? send(end->fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL)
			  : write(end->fd, bytes, n);
	while (put < 0 && errno == EINTR);
	show(end, true, bytes, put);
	return put;
}

void end_drain(const struct end *end)
{
	char waste[4096];
	ssize_t n = 1;
	for (int i = 0; i < 256 && (n > 0 || (!n && end->records)); i++) /* a message can be empty */
		n = end_read(end, waste, sizeof waste);
}

bool end_readable(const struct end *end)
{
	struct pollfd ask = { .fd = end->fd, .events = POLLIN };
	return end->fd >= 0 && (end->kind == END_FILE || poll(&ask, 1, 0) > 0);
}

bool end_hung_up(const struct end *end)
{
	struct pollfd ask = { .fd = end->fd, .events = POLLRDHUP };
	return poll(&ask, 1, 0) > 0 && ask.revents & (POLLRDHUP | POLLHUP);
}

int end_failed(const struct end *end, bool sink, int number, struct error *error)
{
	if (!end->name)
		return error_system(error, error_class_of(number), number, sink ? "send" : "receive");
	if (sink && (number == EPIPE || number == ECONNRESET))
		return error_set(error, ERROR_READER_GONE, number, "the reader of %s is gone", end->name);
	return error_system(error, ERROR_LOCAL, number, "%s", end->name);
}

int end_unacknowledged(const struct end *end)
{
	int left = 0;
	return end->tcp && !ioctl(end->fd, SIOCOUTQ, &left) ? left : 0;
}

bool end_connecting(const struct end *end)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof info;
	return end->tcp && !getsockopt(end->fd, IPPROTO_TCP, TCP_INFO, &info, &size) && info.tcpi_state == TCP_SYN_SENT;
}

size_t end_pending(const struct end *end)
{
	struct stat status;
	int waiting = 0;
	if (end->regular) {
		off_t at = lseek(end->fd, 0, SEEK_CUR);
		return !fstat(end->fd, &status) && at >= 0 && at < status.st_size ? (size_t)(status.st_size - at) : 0;
	}
	return end->fd >= 0 && !ioctl(end->fd, FIONREAD, &waiting) && waiting > 0 ? (size_t)waiting : 0;
}

int end_socket_error(const struct end *end)
{
	int number = 0;
	socklen_t size = sizeof number;
	bool socket = end->kind == END_SOCKET || end->kind == END_DATAGRAM;
	return socket && !getsockopt(end->fd, SOL_SOCKET, SO_ERROR, &number, &size) ? number : 0;
}

void end_watch_over(const struct end *end)
{
	const int on = 1, idle = 30, interval = 15, count = 4; /* seconds */
	int given = 0;
	socklen_t size = sizeof given;
	if (!end->tcp || getsockopt(end->fd, SOL_SOCKET, SO_KEEPALIVE, &given, &size) || given)
		return;
	(void)setsockopt(end->fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle); /* refused, it only takes longer */
	(void)setsockopt(end->fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
	(void)setsockopt(end->fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
	(void)setsockopt(end->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

int end_take_errors(const struct end *end, uint64_t *returned)
{
	char control[512];
	int last = 0;
	while (end->internet) { /* a unix socket would take MSG_ERRQUEUE for a plain receive */
		struct msghdr message = { .msg_control = control, .msg_controllen = sizeof control };
		if (recvmsg(end->fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			break;
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
			struct sock_extended_err what;
			bool ip = c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR;
			bool ipv6 = c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR;
			if ((!ip && !ipv6) || c->cmsg_len < CMSG_LEN(sizeof what))
				continue;
			memcpy(&what, CMSG_DATA(c), sizeof what);
			last = (int)what.ee_errno;
			*returned += last == ECONNREFUSED || last == EHOSTUNREACH || last == ENETUNREACH;
		}
	}
	int pending = end_socket_error(end);
	return pending ? pending : last;
}
