#include "commands/ready.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/text.h"

/* "ADDRESS PORT\n", or "PATH\n" of a unix socket, as the user wrote it; for each of the sockets. -1: no memory. */
static int write_lines(const struct context *context, const struct server *server, struct buffer *out)
{
	char host[ADDRESS_TEXT];
	int bad = 0;
	for (const struct server *at = server; at && !bad; at = at->next) {
		address_host(host, &at->local);
		if (at->local.any.sa_family == AF_UNIX)
			bad = buffer_printf(out, "%s\n", context->endpoint.path ? context->endpoint.path : host);
		else
			bad = buffer_printf(out, "%s %u\n", host, (unsigned)address_port(&at->local));
	}
	return bad;
}

static int write_all(int fd, const char *text, size_t n)
{
	while (n) {
		ssize_t put = write(fd, text, n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		text += put;
		n -= (size_t)put;
	}
	return 0;
}

/* The file appears whole, by rename. */
static int put_file(const char *path, const char *lines, size_t n, struct error *error)
{
	char shown[300], *beside = NULL;
	if (asprintf(&beside, "%s.%ld", path, (long)getpid()) < 0)
		return error_system(error, ERROR_UNEXPECTED, ENOMEM, "--ready-file");
	int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666), result = 0;
	if (fd < 0 || write_all(fd, lines, n) || close(fd) || rename(beside, path)) {
		result = error_system(error, ERROR_LOCAL, errno, "--ready-file %s", TEXT_SHOW(shown, path));
		if (fd >= 0)
			unlink(beside);
	}
	free(beside);
	return result;
}

static int put_fd(int fd, const char *lines, size_t n, struct error *error)
{
	/* A standard descriptor stays open: its number must not become a socket's. */
	if (write_all(fd, lines, n) || (fd > STDERR_FILENO && close(fd)))
		return error_system(error, ERROR_LOCAL, errno, "--ready-fd %d", fd);
	return 0;
}

int ready_tell(const struct context *context, const struct server *server, struct error *error)
{
	const struct settings *settings = context->settings;
	struct buffer lines = { 0 };
	int result = 0;
	if (!settings->ready_file && settings->ready_fd == UINT64_MAX)
		return 0;
	if (write_lines(context, server, &lines))
		result = error_system(error, ERROR_UNEXPECTED, ENOMEM, "readiness");
	if (!result && settings->ready_file)
		result = put_file(settings->ready_file, buffer_head(&lines), buffer_held(&lines), error);
	if (!result && settings->ready_fd != UINT64_MAX)
		result = put_fd((int)settings->ready_fd, buffer_head(&lines), buffer_held(&lines), error);
	buffer_free(&lines);
	return result;
}
