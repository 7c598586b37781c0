#include "net/acceptor.h"

#include <errno.h>

#include "base/clock.h"
#include "net/call.h"

enum { SHORT_PAUSE = 100 }; /* milliseconds, when descriptors have run out */
enum { BURST = 64 };        /* clients a step: those that are served want their turn too */

static void finish(struct acceptor *acceptor, int fd)
{
	acceptor->fd = fd;
	acceptor->machine.finished = true;
}

/* accept(2) hands on errors of connections that died in the backlog, and of the network: not the listener's (accept(2),
 * "Error handling"). No descriptors or memory left: a pause, else the loop would spin. */
static void accept_failed(struct acceptor *acceptor, int number)
{
	static const int passing[] = { EAGAIN, EINTR,        ECONNABORTED, ENETDOWN,    EPROTO, ENOPROTOOPT, EHOSTDOWN,
				       ENONET, EHOSTUNREACH, EOPNOTSUPP,   ENETUNREACH, EPERM,  ETIMEDOUT };
	static const int lacking[] = { EMFILE, ENFILE, ENOBUFS, ENOMEM };
	for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++)
		if (number == passing[i])
			return;
	for (size_t i = 0; i < sizeof lacking / sizeof lacking[0]; i++)
		if (number == lacking[i]) {
			acceptor->pause = clock_now() + SHORT_PAUSE * CLOCK_MS;
			return;
		}
	error_system(&acceptor->error, ERROR_UNEXPECTED, number, "accept");
	finish(acceptor, -1);
}

static void accept_some(struct acceptor *acceptor)
{
	for (int i = 0; i < BURST && !acceptor->full && !acceptor->machine.finished; i++) {
		int fd = call_accept(acceptor->trace, acceptor->watch.fd, &acceptor->peer);
		if (fd < 0) {
			accept_failed(acceptor, errno);
			return;
		}
		if (acceptor->take)
			acceptor->take(acceptor, fd);
		else
			finish(acceptor, fd);
	}
}

static void step(struct machine *machine)
{
	struct acceptor *acceptor = (struct acceptor *)machine;
	int64_t now = clock_now();
	if (acceptor->pause && now >= acceptor->pause)
		acceptor->pause = 0;
	if (acceptor->watch.ready && !acceptor->pause)
		accept_some(acceptor);
	if (!machine->finished && now >= acceptor->limit) {
		error_set(&acceptor->error, ERROR_TIMEOUT, ETIMEDOUT, "no client came within the accept limit");
		finish(acceptor, -1);
	}
}

static void interest(struct machine *machine)
{
	struct acceptor *acceptor = (struct acceptor *)machine;
	acceptor->watch.want = acceptor->pause || acceptor->full ? WATCH_NOTHING : WATCH_READ;
}

static int64_t deadline(const struct machine *machine)
{
	const struct acceptor *acceptor = (const struct acceptor *)machine;
	return acceptor->pause && acceptor->pause < acceptor->limit ? acceptor->pause : acceptor->limit;
}

static const struct machine_kind kind = { "acceptor", interest, deadline, step };

void acceptor_start(struct acceptor *acceptor, const struct server *server, int64_t limit, const struct trace *trace)
{
	*acceptor = (struct acceptor){ .machine.kind = &kind, .trace = trace, .limit = limit, .fd = -1 };
	watch_add(&acceptor->machine, &acceptor->watch, server->fd);
}

void acceptor_stop(struct acceptor *acceptor)
{
	if (acceptor->watch.owner)
		watch_remove(&acceptor->machine, &acceptor->watch);
}
