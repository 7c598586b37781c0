#include "commands/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/parse.h"

enum { MOST = 4096 };

/* Bytes up to the end of the file, at most size; -1 with errno. A FIFO or <(...) is fine. */
static ssize_t read_file(const char *path, char *bytes, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t n = 0;
	ssize_t got = fd < 0 ? -1 : 1;
	while (got > 0 && n < size) {
		got = read(fd, bytes + n, size - n);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			n += (size_t)got;
	}
	int number = errno;
	if (fd >= 0)
		close(fd);
	errno = number;
	return got < 0 ? -1 : (ssize_t)n;
}

int secret_read(const struct syntax *syntax, const char *option, const char *path, char **secret, struct error *error)
{
	char bytes[MOST], shown[200];
	ssize_t got = read_file(path, bytes, sizeof bytes);
	if (got < 0)
		return error_system(error, ERROR_LOCAL, errno, "%s %s", option, TEXT_SHOW(shown, path));
	size_t n = (size_t)got;
	if (n && bytes[n - 1] == '\n')
		n -= n > 1 && bytes[n - 2] == '\r' ? 2 : 1;
	bool line =
	    n < sizeof bytes - 1 && !memchr(bytes, '\0', n) && !memchr(bytes, '\n', n) && !memchr(bytes, '\r', n);
	int result = 0;
	*secret = NULL;
	if (!line || !memchr(bytes, ':', n))
		result = parse_refuse(syntax, error, "%s %s does not hold one line 'user:pass'", option,
				      TEXT_SHOW(shown, path));
	else if (!(*secret = strndup(bytes, n)))
		result = error_system(error, ERROR_UNEXPECTED, ENOMEM, "%s", option);
	explicit_bzero(bytes, sizeof bytes);
	return result;
}
