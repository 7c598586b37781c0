#include "relay/pipes.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int pipes_take(struct pipes *pool, int pipe[2], size_t size)
{
	if (pool && pool->count) {
		const int *kept = pool->kept[--pool->count];
		pipe[0] = kept[0];
		pipe[1] = kept[1];
		return 0;
	}
	bool full = pool && pool->most && pool->open >= pool->most;
	if (full)
		errno = EMFILE;
	if (full || pipe2(pipe, O_CLOEXEC | O_NONBLOCK)) {
		pipe[0] = pipe[1] = -1;
		return -1;
	}
	if (pool)
		pool->open++;
	pipes_grow(pipe[1], size);
	return 0;
}

static void close_both(const int pipe[2])
{
	close(pipe[0]);
	close(pipe[1]);
}

void pipes_give(struct pipes *pool, int pipe[2], bool empty)
{
	if (pipe[0] < 0)
		return;
	if (pool && empty && pool->count < PIPES_KEPT) {
		pool->kept[pool->count][0] = pipe[0];
		pool->kept[pool->count++][1] = pipe[1];
	} else {
		close_both(pipe);
		if (pool)
			pool->open--;
	}
	pipe[0] = pipe[1] = -1;
}

void pipes_grow(int fd, size_t size)
{
	int now = fcntl(fd, F_GETPIPE_SZ);
	/* Beyond /proc/sys/fs/pipe-max-size, or the user's share, it is EPERM: the default is good too. */
	for (; now > 0 && size > (size_t)now; size /= 2)
		if (fcntl(fd, F_SETPIPE_SZ, (int)size) >= 0)
			return;
}

void pipes_free(struct pipes *pool)
{
	while (pool->count)
		close_both(pool->kept[--pool->count]);
}
