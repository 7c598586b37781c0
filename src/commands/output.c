#include "commands/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

static int failed(const struct output *output, struct error *error, const char *what)
{
	return error_system(error, ERROR_LOCAL, errno, "%s%s", what, output->shown);
}

int output_prepare(struct output *output, const char *file, struct error *error)
{
	struct stat status;
	*output = (struct output){ .fd = -1, .mode = 0666 };
	if (!file)
		return 0;
	TEXT_SHOW(output->shown, file);
	output->existed = !stat(file, &status);
	if (!output->existed && !lstat(file, &status))
		return error_set(error, ERROR_LOCAL, ENOENT, "%s is a link that leads nowhere", output->shown);
	/* A link stays a link: its target is what is replaced. */
	output->file = output->existed ? realpath(file, NULL) : strdup(file);
	if (!output->file)
		return failed(output, error, "");
	if (output->existed && !S_ISREG(status.st_mode)) {
		output->fd = open(output->file, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		return output->fd < 0 ? failed(output, error, "") : 0;
	}
	if (output->existed)
		output->mode = status.st_mode & 07777;
	if (asprintf(&output->part, "%s.part", output->file) < 0) {
		output->part = NULL;
		return failed(output, error, "");
	}
	return 0;
}

int output_open(struct output *output, struct error *error)
{
	if (!output->part || output->fd >= 0)
		return 0;
	/* A new file, whatever lies there (a link, a FIFO, another mode), and never more readable than FILE is. */
	if (unlink(output->part) && errno != ENOENT)
		return failed(output, error, "the .part beside ");
	output->fd = open(output->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, output->existed ? 0600 : 0666);
	if (output->fd < 0 || (output->existed && fchmod(output->fd, output->mode)))
		return failed(output, error, "the .part beside ");
	return 0;
}

/* Whether FILE.part is still the file that we wrote: another skt for the same FILE makes one of its own. */
static bool is_ours(const struct output *output)
{
	struct stat ours, there;
	return !fstat(output->fd, &ours) && !lstat(output->part, &there) && ours.st_dev == there.st_dev &&
	       ours.st_ino == there.st_ino;
}

int output_commit(struct output *output, struct error *error)
{
	int fd = output->fd;
	if (output->part && fd >= 0 && !is_ours(output))
		return error_set(error, ERROR_LOCAL, EBUSY, "the .part beside %s was replaced meanwhile",
				 output->shown);
	output->fd = -1;
	if (fd >= 0 && close(fd))
		return failed(output, error, "");
	if (output->part && rename(output->part, output->file))
		return failed(output, error, "rename the .part to ");
	return 0;
}

void output_close(struct output *output)
{
	if (output->fd >= 0)
		close(output->fd);
	free(output->file);
	free(output->part);
	*output = (struct output){ .fd = -1 };
}
