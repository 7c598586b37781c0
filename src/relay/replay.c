#include "relay/replay.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void replay_begin(struct replay *replay, const struct end *source, uint64_t passes)
{
	*replay = (struct replay){ .passes = passes - 1, .start = -1 };
	if (source->regular)
		replay->start = lseek(source->fd, 0, SEEK_CUR);
}

static int keep(struct replay *replay, const char *bytes, size_t n)
{
	if (replay->beyond)
		return 0;
	if (buffer_held(&replay->kept) + n <= REPLAY_KEPT)
		return buffer_append(&replay->kept, bytes, n);
	replay->beyond = true;
	buffer_free(&replay->kept);
	if (replay->start >= 0)
		return 0;
	errno = ESPIPE;
	return -1;
}

/* From memory, where passes that fit together are read as one. */
static size_t recall(struct replay *replay, char *bytes, size_t n)
{
	size_t all = buffer_held(&replay->kept), got = 0;
	for (;;) {
		size_t rest = all - replay->at, part = rest < n - got ? rest : n - got;
		if (part)
			memcpy(bytes + got, buffer_head(&replay->kept) + replay->at, part);
		got += part;
		replay->at += part;
		if (!part || got == n || !replay->seamless || !replay->passes)
			return got;
		replay->passes--;
		replay->at = 0;
	}
}

ssize_t replay_read(struct replay *replay, const struct end *source, char *bytes, size_t n)
{
	if (replay->again && !replay->beyond)
		return (ssize_t)recall(replay, bytes, n);
	ssize_t got = end_read(source, bytes, n);
	if (got > 0 && replay->passes && keep(replay, bytes, (size_t)got))
		return -1;
	return got;
}

int replay_again(struct replay *replay, const struct end *source)
{
	if (!replay->passes)
		return 0;
	replay->passes--;
	replay->again = true;
	replay->at = 0;
	return replay->beyond && lseek(source->fd, replay->start, SEEK_SET) < 0 ? -1 : 1;
}

void replay_free(struct replay *replay)
{
	buffer_free(&replay->kept);
}
