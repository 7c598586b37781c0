#include "net/path.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/call.h"

static int in_the_way(const struct address *at, const char *what, struct error *error)
{
	char shown[ADDRESS_TEXT];
	return error_set(error, ERROR_BIND, EADDRINUSE, "%.400s %s", address_show(shown, at), what);
}

/* Whether a socket lives at the path: 0 dead, 1 alive, -1 cannot be told. A connect of a datagram socket tells without
 * being seen: no stream or seqpacket listener accepts it (EPROTOTYPE), and a datagram socket takes no notice of it. */
static int alive(const struct address *at, const struct trace *trace, struct error *error)
{
	char shown[ADDRESS_TEXT];
	int probe = call_socket(trace, AF_UNIX, SOCK_DGRAM, 0);
	if (probe < 0)
		return error_system(error, ERROR_UNEXPECTED, errno, "socket");
	int number = call_connect(trace, probe, at) ? errno : 0;
	(void)trace_close(trace, probe);
	if (number == ECONNREFUSED)
		return 0;
	if (number == EACCES)
		return error_system(error, ERROR_BIND, number, "%.400s is in the way", address_show(shown, at));
	return number != ENOENT;
}

static bool same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

int path_make_way(const struct address *at, const struct trace *trace, struct error *error)
{
	char shown[ADDRESS_TEXT];
	struct stat before, after;
	const char *path = at->un.sun_path;
	if (!address_is_path(at))
		return 0;
	if (lstat(path, &before))
		return errno == ENOENT || errno == ENOTDIR
			   ? 0
			   : error_system(error, ERROR_BIND, errno, "%.400s", address_show(shown, at));
	if (!S_ISSOCK(before.st_mode))
		return in_the_way(at, "is in the way: not a socket", error);
	int live = alive(at, trace, error);
	if (live)
		return live < 0 ? -1 : in_the_way(at, "is in use: a live socket listens there", error);
	/* Whoever took the dead one over meanwhile has another inode now. */
	if (lstat(path, &after))
		return 0;
	if (!same(&before, &after))
		return in_the_way(at, "is in use: it was just taken over", error);
	if (unlink(path) && errno != ENOENT)
		return error_system(error, ERROR_BIND, errno, "remove the dead socket %.400s", address_show(shown, at));
	return 0;
}

int path_bind(struct path_claim *claim, int fd, const struct address *at, mode_t mode, const struct trace *trace,
	      struct error *error)
{
	char shown[ADDRESS_TEXT];
	struct stat now;
	mode_t mask = umask(~mode & 0777);
	int result = call_bind(trace, fd, at), number = errno;
	umask(mask);
	if (result)
		return error_system(error, ERROR_BIND, number, "bind to %.400s", address_show(shown, at));
	claim->at = *at;
	claim->held = address_is_path(at) && !lstat(at->un.sun_path, &now);
	if (claim->held) {
		claim->device = now.st_dev;
		claim->inode = now.st_ino;
	}
	return 0;
}

void path_release(struct path_claim *claim)
{
	struct stat now;
	if (claim->held && !lstat(claim->at.un.sun_path, &now) && now.st_dev == claim->device &&
	    now.st_ino == claim->inode)
		(void)unlink(claim->at.un.sun_path); /* gone meanwhile is as good */
	claim->held = false;
}
