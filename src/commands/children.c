#include "commands/children.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "commands/child.h"
#include "net/acceptor.h"

enum { SPARE = 64 }; /* descriptors that are not for children: standard ones, epoll, the listener */

struct children {
	struct context *context;
	struct server *server;
	struct machine over; /* finished when nobody is left and nobody comes any more */
	struct acceptor acceptor;
	struct member *first;
	uint64_t open, served, most;
};

struct member {
	struct child child; /* first: the machine's address is the member's */
	struct children *all;
	struct member *next, **back;
};

static void link_member(struct children *all, struct member *member)
{
	member->all = all;
	member->next = all->first;
	member->back = &all->first;
	if (member->next)
		member->next->back = &member->next;
	all->first = member;
	all->open++;
}

static void unlink_member(struct member *member)
{
	*member->back = member->next;
	if (member->next)
		member->next->back = member->back;
	member->all->open--;
}

/* After a client came or went: room for the next one, or the end. --accept-timeout counts while there is room. */
static void make_room(struct children *all)
{
	const struct settings *settings = all->context->settings;
	struct acceptor *acceptor = &all->acceptor;
	bool was_full = acceptor->full;
	acceptor->full = all->open >= all->most;
	acceptor->limit = acceptor->full ? CLOCK_NEVER : clock_after(clock_now(), settings->accept_timeout);
	acceptor->machine.finished |= all->open + all->served >= settings->clients;
	if (was_full && !acceptor->full)
		loop_add(&all->context->loop, &acceptor->machine);
	all->over.finished = acceptor->machine.finished && !all->open;
}

static void release(struct children *all, struct member *member)
{
	loop_remove(&all->context->loop, &member->child.machine);
	child_stop(&member->child);
	free(member);
}

static void ended(struct machine *machine)
{
	struct member *member = (struct member *)machine;
	struct children *all = member->all;
	child_tell(&member->child, &all->context->report);
	unlink_member(member);
	release(all, member);
	all->served++;
	make_room(all);
}

/* The client of a command that could not be started: reset, so that it does not take the cut for an answer. */
static void turn_away(struct children *all, const struct opened *client, const struct error *error)
{
	const struct linger now = { .l_onoff = 1 };
	char shown[ADDRESS_TEXT];
	struct error told;
	error_set(&told, error->class, error->number, "%.100s: %.480s", address_show(shown, &client->peer),
		  error->text);
	report_error(&all->context->report, &told);
	(void)setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now); /* a unix socket has no RST */
	(void)trace_close(&all->context->report.trace, client->fd);
	all->served++;
	make_room(all);
}

static void take_client(struct acceptor *acceptor, int fd)
{
	struct children *all = acceptor->taker;
	struct context *context = all->context;
	const struct opened client = { .fd = fd, .triple = all->server->triple, .peer = acceptor->peer };
	struct member *member = malloc(sizeof *member);
	struct error error;
	report_peer(&context->report, "accepted", fd, &client.triple, &client.peer);
	if (!member || child_start(&member->child, context, &client, true, &error)) {
		if (!member)
			error_system(&error, ERROR_UNEXPECTED, ENOMEM, "command");
		free(member);
		turn_away(all, &client, &error);
		return;
	}
	link_member(all, member);
	member->child.machine.done = ended;
	loop_add(&context->loop, &member->child.machine);
	make_room(all);
}

/* Nobody is taken any more: those who still come are refused, not left waiting. */
static void acceptor_done(struct machine *machine)
{
	struct children *all = ((struct acceptor *)machine)->taker;
	acceptor_stop(&all->acceptor);
	serve_close(all->server, &all->context->report.trace);
	make_room(all);
}

/* Each child costs its socket and a descriptor of the process. The limit is not raised: the commands would inherit
 * that. */
static uint64_t room_for(const struct settings *settings)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return settings->max_clients;
	uint64_t most = limit.rlim_cur > SPARE + 2 ? (limit.rlim_cur - SPARE) / 2 : 1;
	return most < settings->max_clients ? most : settings->max_clients;
}

/* Until all have ended, or that time, or a signal: the first one is the one that is told. */
static void wait_for_all(struct children *all, int64_t until)
{
	struct loop *loop = &all->context->loop;
	struct error ignored;
	int64_t limit = loop->limit;
	make_room(all);
	loop->limit = until;
	if (all->open && clock_now() < until)
		(void)loop_run(loop, &all->over, &ignored);
	loop->limit = limit;
}

/* After a signal those who are here have --drain to end, within the limit of the whole run. */
static void drain(struct children *all)
{
	int64_t limit = all->context->loop.limit, until = clock_after(clock_now(), all->context->settings->drain);
	wait_for_all(all, until < limit ? until : limit);
}

/* The groups of the commands, so that what they started ends with them, get SIGTERM and a moment to end; who takes
 * longer is left to itself. */
static void end_all(struct children *all)
{
	if (!all->open)
		return;
	for (struct member *member = all->first; member; member = member->next) {
		member->child.cut = true;
		if (!member->child.reaped)
			(void)kill(-member->child.pid, SIGTERM); /* it is there, at least as a zombie */
		else
			loop_add(&all->context->loop, &member->child.machine); /* its goodbye is over */
	}
	wait_for_all(all, clock_after(clock_now(), CHILD_GRACE * CLOCK_S));
	struct member *next;
	for (struct member *member = all->first; member; member = next) {
		next = member->next;
		release(all, member);
	}
	all->first = NULL;
}

int children_run(struct context *context, struct server *server, struct error *error)
{
	static const struct machine_kind nothing = { "children", NULL, NULL, NULL };
	const struct settings *settings = context->settings;
	struct children all = {
		.context = context, .server = server, .most = room_for(settings), .over.kind = &nothing
	};
	acceptor_start(&all.acceptor, server, clock_after(clock_now(), settings->accept_timeout),
		       &context->report.trace);
	all.acceptor.take = take_client;
	all.acceptor.taker = &all;
	all.acceptor.machine.done = acceptor_done;
	loop_add(&context->loop, &all.acceptor.machine);
	int result = loop_run(&context->loop, &all.over, error);
	loop_remove(&context->loop, &all.acceptor.machine);
	acceptor_stop(&all.acceptor);
	serve_close(server, &context->report.trace);
	all.acceptor.machine.finished = true;
	if (result && error->class == ERROR_SIGNAL)
		drain(&all);
	end_all(&all);
	if (!result && all.acceptor.error.class != ERROR_NONE) {
		*error = all.acceptor.error;
		result = -1;
	}
	return result;
}
