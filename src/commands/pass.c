#include "commands/pass.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int pass_check(const struct context *context, struct error *error)
{
	int family = AF_UNSPEC;
	socklen_t size = sizeof family;
	if (!context->settings->pass_fd)
		return 0;
	bool socket = !getsockopt(STDOUT_FILENO, SOL_SOCKET, SO_DOMAIN, &family, &size);
	if (socket && family == AF_UNIX)
		return 0;
	return error_set(error, ERROR_LOCAL, socket ? EAFNOSUPPORT : errno,
			 "--pass-fd: standard output is no unix socket that a descriptor could be handed over");
}

/* 0, or the errno. */
static int hand_over(int fd)
{
	char nothing = 0;
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof fd)];
	} control = { 0 };
	struct iovec part = { &nothing, 1 };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
	};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
	int flags = fcntl(fd, F_GETFL);
	ssize_t sent = flags < 0 ? -1 : fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(rights), &fd, sizeof fd);
	while (sent >= 0) {
		sent = sendmsg(STDOUT_FILENO, &message, MSG_NOSIGNAL);
		if (sent >= 0)
			return 0;
		if (errno == EINTR)
			sent = 0;
	}
	return errno;
}

int pass_run(struct context *context, const struct opened *opened, struct error *error)
{
	int number = hand_over(opened->fd);
	(void)trace_close(&context->report.trace, opened->fd); /* the other end has its own copy */
	if (number == EPIPE || number == ECONNRESET)
		return error_set(error, ERROR_READER_GONE, number, "the reader of standard output is gone");
	return number ? error_system(error, ERROR_LOCAL, number, "--pass-fd: standard output") : 0;
}
