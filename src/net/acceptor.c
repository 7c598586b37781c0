#include "net/acceptor.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "net/call.h"

enum { PAUSE = 10, PAUSE_MOST = 1000 }; /* milliseconds: the first after a failure, doubled for each further one */
enum { EPISODE = 10 };                  /* seconds from one failure to the next that make it news again */
enum { BURST = 64 };                    /* clients a step: those that are served want their turn too */

static void finish(struct acceptor *acceptor, int fd)
{
	acceptor->fd = fd;
	acceptor->machine.finished = true;
}

/* What is not the listener's fault: no descriptors or memory left; and what accept(2) hands on of connections that died
 * in the backlog, and of the network ("Error handling"). */
static bool passes(int number)
{
	static const int passing[] = { EMFILE,       ENFILE,     ENOBUFS,   ENOMEM,      ECONNABORTED,
				       ENETDOWN,     EPROTO,     EHOSTDOWN, ENONET,      ENOPROTOOPT,
				       EHOSTUNREACH, EOPNOTSUPP, EPERM,     ENETUNREACH, ETIMEDOUT };
	for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++)
		if (number == passing[i])
			return true;
	return false;
}

/* Told, and then a pause, else the loop would spin on a listener that is ready and gives nothing. */
static void survive(struct acceptor *acceptor, int number)
{
	struct error error;
	int64_t now = clock_now();
	int span = PAUSE;
	error_set(&error, ERROR_UNEXPECTED, number, "accept: %s; trying again", strerror(number));
	if (now >= acceptor->calm && acceptor->troubled)
		acceptor->troubled(acceptor, &error);
	for (int i = 0; i < acceptor->failures && span < PAUSE_MOST; i++)
		span *= 2;
	acceptor->calm = now + EPISODE * CLOCK_S;
	acceptor->pause = now + (span < PAUSE_MOST ? span : PAUSE_MOST) * CLOCK_MS;
	acceptor->failures++;
}

static void accept_failed(struct acceptor *acceptor, int number)
{
	if (number == EAGAIN)
		acceptor->failures = 0;
	else if (passes(number))
		survive(acceptor, number);
	else if (number != EINTR) {
		error_system(&acceptor->error, ERROR_UNEXPECTED, number, "accept");
		finish(acceptor, -1);
	}
}

static void turn_away(const struct acceptor *acceptor, int fd)
{
	const struct linger now = { .l_onoff = 1 };
	(void)call_setsockopt(acceptor->trace, fd, SOL_SOCKET, SO_LINGER, &now, sizeof now,
			      "SOL_SOCKET, SO_LINGER, {1, 0}"); /* a unix socket has no RST */
	(void)trace_close(acceptor->trace, fd);
}

/* The next client: a descriptor, or -1 with errno. */
static int next_client(const struct acceptor *acceptor, struct server *server, struct address *peer)
{
	int fd = server->fd;
	if (!server->connected)
		return server->blocking ? call_accept_shared(acceptor->trace, fd, peer)
					: call_accept(acceptor->trace, fd, peer);
	if (fd < 0) {
		errno = EAGAIN;
		return -1;
	}
	server->fd = -1; /* it was never watched */
	address_peer(fd, peer);
	return fd;
}

static void accept_some(struct acceptor *acceptor, struct server *server)
{
	for (int i = 0; i < BURST && !acceptor->full && !acceptor->machine.finished && !acceptor->pause; i++) {
		int fd = next_client(acceptor, server, &acceptor->peer);
		if (fd < 0) {
			accept_failed(acceptor, errno);
			return;
		}
		acceptor->failures = 0;
		acceptor->triple = server->triple;
		if (acceptor->admits && !acceptor->admits(acceptor, fd))
			turn_away(acceptor, fd);
		else if (acceptor->take)
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
	for (struct server *at = acceptor->server; at; at = at->next) {
		if (at->connected || at->watch.ready)
			accept_some(acceptor, at);
		if (at->connected && at->fd < 0)
			machine->finished = true; /* there was but one client */
	}
	if (!machine->finished && now >= acceptor->limit) {
		error_set(&acceptor->error, ERROR_TIMEOUT, ETIMEDOUT, "no client came within the accept limit");
		finish(acceptor, -1);
	}
}

static void interest(struct machine *machine)
{
	struct acceptor *acceptor = (struct acceptor *)machine;
	for (struct server *at = acceptor->server; at; at = at->next)
		at->watch.want = acceptor->pause || acceptor->full ? WATCH_NOTHING : WATCH_READ;
}

static int64_t deadline(const struct machine *machine)
{
	const struct acceptor *acceptor = (const struct acceptor *)machine;
	return acceptor->pause && acceptor->pause < acceptor->limit ? acceptor->pause : acceptor->limit;
}

static const struct machine_kind kind = { "acceptor", interest, deadline, step };

void acceptor_start(struct acceptor *acceptor, struct server *server, int64_t limit, const struct trace *trace)
{
	*acceptor =
	    (struct acceptor){ .machine.kind = &kind, .server = server, .trace = trace, .limit = limit, .fd = -1 };
	for (struct server *at = server; at; at = at->next)
		if (!at->connected)
			watch_add(&acceptor->machine, &at->watch, at->fd);
}

void acceptor_stop(struct acceptor *acceptor)
{
	for (struct server *at = acceptor->server; at; at = at->next)
		if (at->watch.owner)
			watch_remove(&acceptor->machine, &at->watch);
}
