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

/* The one line of the file, at most size bytes, its newline taken off: the length, or -1 with errno, 0 where it is no
 * line. */
static int take_line(const char *path, char *bytes, size_t size, size_t *length)
{
	ssize_t got = read_file(path, bytes, size);
	if (got < 0)
		return -1;
	size_t n = (size_t)got;
	if (n && bytes[n - 1] == '\n')
		n -= n > 1 && bytes[n - 2] == '\r' ? 2 : 1;
	*length = n;
	return n < size - 1 && !memchr(bytes, '\0', n) && !memchr(bytes, '\n', n) && !memchr(bytes, '\r', n);
}

int secret_read(const struct syntax *syntax, const char *option, const char *path, char **secret, struct error *error)
{
	char bytes[MOST], shown[200];
	size_t n = 0;
	int line = take_line(path, bytes, sizeof bytes, &n), result = 0;
	if (line < 0)
		return error_system(error, ERROR_LOCAL, errno, "%s %s", option, TEXT_SHOW(shown, path));
	*secret = NULL;
	if (!line || !memchr(bytes, ':', n))
		result = parse_refuse(syntax, error, "%s %s does not hold one line 'user:pass'", option,
				      TEXT_SHOW(shown, path));
	else if (!(*secret = strndup(bytes, n)))
		result = error_system(error, ERROR_UNEXPECTED, ENOMEM, "%s", option);
	explicit_bzero(bytes, sizeof bytes);
	return result;
}

int secret_md5(const struct syntax *syntax, const char *path, struct md5_key *key, struct error *error)
{
	char bytes[MOST], shown[200];
	size_t n = 0;
	if (!path)
		return 0;
	int line = take_line(path, bytes, sizeof bytes, &n), result = 0;
	if (line < 0)
		return error_system(error, ERROR_LOCAL, errno, "--md5-file %s", TEXT_SHOW(shown, path));
	if (!line || !n || n > MD5_MOST) {
		result = parse_refuse(syntax, error, "--md5-file %s does not hold one line of 1 to %d bytes",
				      TEXT_SHOW(shown, path), MD5_MOST);
	} else {
		memcpy(key->bytes, bytes, n);
		key->length = n;
	}
	explicit_bzero(bytes, sizeof bytes);
	return result;
}
