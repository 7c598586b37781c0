#include "relay/pipes.h"

#include <fcntl.h>
#include <unistd.h>

int pipes_take(int pipe[2], size_t size)
{
	if (pipe2(pipe, O_CLOEXEC | O_NONBLOCK)) {
		pipe[0] = pipe[1] = -1;
		return -1;
	}
	pipes_grow(pipe[1], size);
	return 0;
}

void pipes_give(int pipe[2])
{
	for (int i = 0; i < 2; i++) {
		if (pipe[i] >= 0)
			close(pipe[i]);
		pipe[i] = -1;
	}
}

void pipes_grow(int fd, size_t size)
{
	int now = fcntl(fd, F_GETPIPE_SZ);
	/* Beyond /proc/sys/fs/pipe-max-size, or the user's share, it is EPERM: the default is good too. */
	for (; now > 0 && size > (size_t)now; size /= 2)
		if (fcntl(fd, F_SETPIPE_SZ, (int)size) >= 0)
			return;
}
