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
	output->fd = open(output->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
	if (output->fd < 0 || (output->existed && fchmod(output->fd, output->mode)))
		return failed(output, error, "the .part beside ");
	return 0;
}

int output_commit(struct output *output, struct error *error)
{
	int fd = output->fd;
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
