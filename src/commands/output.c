#include "commands/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/text.h"

static const char beside[] = "the .part beside ";
/* Where the validator of a page is kept, on file systems that can: it outlives a kill, and FILE's renaming. */
static const char attribute[] = "user.skt.validator";

static int failed(const struct output *output, struct error *error, const char *what)
{
	return error_system(error, ERROR_LOCAL, errno, "%s%s", what, output->shown);
}

/* FILE.part can only be made, and renamed, in a folder that lets us: said now, not after the page has come. */
static int check_folder(const struct output *output, struct error *error)
{
	const char *slash = strrchr(output->file, '/');
	char *folder = slash ? strndup(output->file, (size_t)(slash - output->file) + 1) : strdup(".");
	int result = !folder || faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS);
	free(folder);
	return result ? failed(output, error, "") : 0;
}

/* What lies under the name FILE.part may be anybody's: only a plain file of ours, under no other name, is gone on with,
 * and not while another skt writes it. */
static int check_part(const struct output *output, const struct stat *status, struct error *error)
{
	if (!S_ISREG(status->st_mode) || status->st_nlink != 1 || status->st_uid != geteuid())
		return error_set(error, ERROR_LOCAL, 0, "%s%s is no plain file of ours to go on with", beside,
				 output->shown);
	if (flock(output->old, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) /* some file systems have no locks */
		return error_set(error, ERROR_LOCAL, EBUSY, "%s%s is being written by another", beside, output->shown);
	return 0;
}

static int find_old(struct output *output, struct error *error)
{
	struct stat status;
	const int flags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
	output->old = open(output->part, O_RDWR | flags);
	output->old_part = output->old >= 0;
	if (output->old < 0 && errno != ENOENT)
		return failed(output, error, beside);
	if (output->old < 0 && !output->existed)
		return 0;
	if (output->old < 0)
		output->old = open(output->file, O_RDONLY | flags);
	if (output->old < 0 || fstat(output->old, &status))
		return failed(output, error, output->old_part ? beside : "");
	if (output->old_part && check_part(output, &status, error))
		return -1;
	output->held = S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
	ssize_t n = fgetxattr(output->old, attribute, output->validator, sizeof output->validator - 1);
	output->validator[n > 0 ? n : 0] = '\0';
	return 0;
}

static int prepare_part(struct output *output, bool resume, struct error *error)
{
	if (asprintf(&output->part, "%s.part", output->file) < 0) {
		output->part = NULL;
		return failed(output, error, "");
	}
	struct stat ignored;
	if (check_folder(output, error))
		return -1;
	if (lstat(output->part, &ignored) && errno != ENOENT) /* a name that is too long with its .part */
		return failed(output, error, beside);
	return resume ? find_old(output, error) : 0;
}

int output_prepare(struct output *output, const char *file, bool resume, struct error *error)
{
	struct stat status;
	*output = (struct output){ .fd = -1, .old = -1, .mode = 0666 };
	if (!file)
		return 0;
	TEXT_SHOW(output->shown, file);
	output->existed = !stat(file, &status);
	if (!output->existed && !lstat(file, &status))
		return error_set(error, ERROR_LOCAL, ENOENT, "%s is a link that leads nowhere", output->shown);
	/* A link stays a link: its target is what is replaced. Those of /dev/fd lead to no path where it is a pipe. */
	bool replaced = output->existed && S_ISREG(status.st_mode);
	output->file = replaced ? realpath(file, NULL) : strdup(file);
	if (!output->file)
		return failed(output, error, "");
	if (output->existed && !replaced) {
		output->fd = open(output->file, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		return output->fd < 0 ? failed(output, error, "") : 0;
	}
	if (replaced) /* no set-id bits: what comes is another program */
		output->mode = status.st_mode & 0777;
	return prepare_part(output, resume, error);
}

/* A new file, whatever lies there (a link, a FIFO, another mode), and never more readable than FILE is. */
static int create(struct output *output, struct error *error)
{
	if (unlink(output->part) && errno != ENOENT)
		return failed(output, error, beside);
	output->fd = open(output->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, output->existed ? 0600 : 0666);
	if (output->fd < 0 || (output->existed && fchmod(output->fd, output->mode)))
		return failed(output, error, beside);
	(void)flock(output->fd, LOCK_EX | LOCK_NB); /* keeps --continue off; a wish */
	return 0;
}

/* Whether FILE.part is still the file that we wrote: another skt for the same FILE makes one of its own. */
static bool is_ours(const struct output *output)
{
	struct stat ours, there;
	return !fstat(output->fd, &ours) && !lstat(output->part, &there) && ours.st_dev == there.st_dev &&
	       ours.st_ino == there.st_ino;
}

/* FILE.part of an earlier try becomes the one that is written. */
static int adopt(struct output *output, struct error *error)
{
	output->fd = output->old;
	output->old = -1;
	if (!is_ours(output))
		return error_set(error, ERROR_LOCAL, EBUSY, "%s%s was replaced meanwhile", beside, output->shown);
	if ((output->existed && fchmod(output->fd, output->mode)) ||
	    lseek(output->fd, (off_t)output->held, SEEK_SET) < 0)
		return failed(output, error, beside);
	return 0;
}

/* FILE itself stays as it is until the page is complete. */
static int copy(struct output *output, struct error *error)
{
	off_t at = 0;
	while ((uint64_t)at < output->held) {
		ssize_t n = sendfile(output->fd, output->old, &at, (size_t)(output->held - (uint64_t)at));
		if (n < 0 && errno == EINTR)
			continue;
		if (!n)
			return error_set(error, ERROR_LOCAL, 0, "%s became shorter meanwhile", output->shown);
		if (n < 0)
			return failed(output, error, "a copy of ");
	}
	return 0;
}

int output_open(struct output *output, struct error *error)
{
	if (!output->part || output->fd >= 0)
		return 0;
	bool go_on = output->go_on && output->old >= 0;
	if (go_on && output->old_part)
		return adopt(output, error);
	if (create(output, error))
		return -1;
	return go_on ? copy(output, error) : 0;
}

void output_remember(const struct output *output, const char *validator)
{
	if (output->go_on && *output->validator)
		validator = output->validator;
	/* A wish: not every file system has attributes. */
	if (output->part && *validator)
		(void)!fsetxattr(output->fd, attribute, validator, strlen(validator), 0);
}

int output_whole(struct output *output, struct error *error)
{
	return output->old >= 0 && output->old_part ? adopt(output, error) : 0;
}

int output_commit(struct output *output, struct error *error)
{
	int fd = output->fd;
	if (fd < 0)
		return 0;
	if (output->part && !is_ours(output))
		return error_set(error, ERROR_LOCAL, EBUSY, "%s%s was replaced meanwhile", beside, output->shown);
	output->fd = -1;
	if (close(fd))
		return failed(output, error, "");
	if (output->part && rename(output->part, output->file))
		return failed(output, error, "rename the .part to ");
	return 0;
}

void output_close(struct output *output)
{
	if (output->fd >= 0)
		close(output->fd);
	if (output->old >= 0)
		close(output->old);
	free(output->file);
	free(output->part);
	*output = (struct output){ .fd = -1, .old = -1 };
}
