#include "commands/crowd.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "commands/chat.h"
#include "commands/children.h"
#include "commands/confine.h"
#include "commands/open.h"
#include "commands/relays.h"
#include "commands/words.h"

enum { SPARE = 24 }; /* descriptors that are neither clients nor pipes: standard ones, epoll, the listener, look-ups */

static const struct service *const services[] = { &relays_forward, &relays_echo, &relays_discard, &chat_service,
						  &children_service };

static void link_member(struct member *member)
{
	struct crowd *crowd = member->crowd;
	member->next = crowd->first;
	member->back = &crowd->first;
	if (member->next)
		member->next->back = &member->next;
	crowd->first = member;
	crowd->open++;
}

static void unlink_member(struct member *member)
{
	*member->back = member->next;
	if (member->next)
		member->next->back = member->back;
	member->crowd->open--;
}

void crowd_close(const struct crowd *crowd, int fd, bool cut)
{
	const struct linger now = { .l_onoff = 1 };
	if (fd < 0)
		return;
	if (cut)
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now); /* a unix socket has no RST */
	(void)trace_close(&crowd->context->report.trace, fd);
}

static void check_over(struct crowd *crowd)
{
	bool empty = crowd->acceptor.machine.finished && !crowd->open && !crowd->held;
	crowd->over.finished = empty || crowd->failed;
}

void crowd_hold(struct crowd *crowd, bool hold)
{
	crowd->held = hold;
	check_over(crowd);
}

void crowd_fail(struct crowd *crowd, const struct error *error)
{
	crowd->error = *error;
	crowd->failed = true;
	check_over(crowd);
}

/* After a client came or went: room for the next one, or the end. --accept-timeout counts while there is room. */
static void make_room(struct crowd *crowd)
{
	const struct settings *settings = crowd->context->settings;
	struct acceptor *acceptor = &crowd->acceptor;
	bool was_full = acceptor->full;
	acceptor->full = crowd->open >= crowd->most;
	acceptor->limit = acceptor->full ? CLOCK_NEVER : clock_after(clock_now(), settings->accept_timeout);
	acceptor->machine.finished |= crowd->open + crowd->served >= settings->clients;
	if (was_full && !acceptor->full)
		loop_add(&crowd->context->loop, &acceptor->machine);
	if (acceptor->machine.finished && crowd->service->nobody_comes)
		crowd->service->nobody_comes(crowd);
	check_over(crowd);
}

static void let_go(struct member *member, bool cut)
{
	const struct crowd *crowd = member->crowd;
	crowd->service->stop(member, cut);
	crowd_close(crowd, member->fd, cut);
	free(member);
}

void crowd_leave(struct member *member, const struct error *error)
{
	struct crowd *crowd = member->crowd;
	if (error)
		report_error_of(&crowd->context->report, &member->peer, error);
	unlink_member(member);
	let_go(member, error != NULL);
	crowd->served++;
	make_room(crowd);
}

static void take_client(struct acceptor *acceptor, int fd)
{
	struct crowd *crowd = acceptor->taker;
	struct member *member = calloc(1, crowd->service->size);
	struct error error;
	report_peer(&crowd->context->report, "accepted", fd, &acceptor->triple, &acceptor->peer);
	if (!member) {
		error_system(&error, ERROR_UNEXPECTED, ENOMEM, "client");
		report_error_of(&crowd->context->report, &acceptor->peer, &error);
		crowd_close(crowd, fd, true);
		return;
	}
	member->crowd = crowd;
	member->fd = fd;
	member->peer = acceptor->peer;
	member->triple = acceptor->triple;
	link_member(member);
	make_room(crowd);
	if (crowd->service->start(member, &error))
		crowd_leave(member, &error);
}

/* As many clients as descriptors allow, of which the soft limit is ours to raise. */
static void make_limits(struct crowd *crowd)
{
	const struct service *service = crowd->service;
	struct rlimit limit;
	crowd->most = crowd->context->settings->max_clients;
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	if (!service->keeps_limit) {
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit) && getrlimit(RLIMIT_NOFILE, &limit))
			return;
	}
	uint64_t all = limit.rlim_cur > 2 * SPARE ? limit.rlim_cur - SPARE : SPARE;
	crowd->pipes = service->pipes ? (size_t)(all / 16) : 0; /* each has two ends */
	uint64_t most = (all - 2 * crowd->pipes) / service->descriptors;
	if (crowd->most > most)
		crowd->most = most;
}

/* Nobody is taken any more: those who still come are refused, not left waiting. */
static void stop_accepting(struct crowd *crowd)
{
	crowd->acceptor.machine.finished = true;
	acceptor_stop(&crowd->acceptor);
	serve_close(crowd->server, &crowd->context->report.trace);
	make_room(crowd);
}

static void acceptor_done(struct machine *machine)
{
	stop_accepting(((struct acceptor *)machine)->taker);
}

static void set_up(struct crowd *crowd, struct context *context, struct server *server, const struct service *service)
{
	static const struct machine_kind nothing = { "crowd", NULL, NULL, NULL };
	int64_t limit = clock_after(clock_now(), context->settings->accept_timeout);
	*crowd = (struct crowd){ .context = context,
				 .service = service,
				 .server = server,
				 .over.kind = &nothing,
				 .stats.begun = clock_now() };
	make_limits(crowd);
	acceptor_start(&crowd->acceptor, server, limit, &context->report.trace);
	gate_guard(context, &crowd->acceptor);
	crowd->acceptor.take = take_client;
	crowd->acceptor.taker = crowd;
	crowd->acceptor.machine.done = acceptor_done;
}

/* Until all have left, or that time, or a (further) signal. What had us end is what is told. */
static void wait_for_all(struct crowd *crowd, int64_t until)
{
	if (!crowd->over.finished && clock_now() < until)
		loop_finish(&crowd->context->loop, &crowd->over, until);
}

/* After a signal those who are here have --drain to end, within the limit of the whole run. */
static void drain(struct crowd *crowd)
{
	wait_for_all(crowd, open_drained(crowd->context));
}

static void end_all(struct crowd *crowd)
{
	const struct service *service = crowd->service;
	struct member *next;
	if (service->hurry) {
		for (struct member *member = crowd->first; member; member = member->next)
			service->hurry(member);
		wait_for_all(crowd, clock_after(clock_now(), service->grace));
	}
	for (struct member *member = crowd->first; member; member = next) {
		next = member->next;
		let_go(member, true);
	}
}

const struct service *crowd_service(const struct context *context)
{
	for (size_t i = 0; i < sizeof services / sizeof services[0]; i++)
		if (services[i]->wanted(context))
			return services[i];
	return NULL;
}

int crowd_suits(const struct context *context, const struct triple *triple, struct error *error)
{
	if (!context->settings->broker || !triple_has_boundaries(triple))
		return 0;
	return parse_refuse(&context->command->syntax, error,
			    "'--broker' is for streams: it does not keep messages apart");
}

int crowd_check(struct context *context, struct error *error)
{
	const struct settings *settings = context->settings;
	if (settings->forward)
		return words_upstream(context, settings->forward, error);
	if (crowd_suits(context, &context->endpoint.triple, error))
		return -1;
	if (settings->max_clients != UINT64_MAX && !crowd_service(context))
		return parse_refuse(
		    &context->command->syntax, error,
		    "'--max-clients' needs --exec, -- COMMAND, --forward, --echo, --discard or --broker");
	return 0;
}

/* Until --clients are served, a limit is over or a signal comes; what is left then is ended. */
static int serve(struct crowd *crowd, struct error *error)
{
	struct loop *loop = &crowd->context->loop;
	confine_enter(crowd->context);
	loop_add(loop, &crowd->acceptor.machine);
	int result = loop_run(loop, &crowd->over, error);
	loop_remove(loop, &crowd->acceptor.machine);
	crowd->failed = false; /* the others may still end */
	stop_accepting(crowd);
	if (result && error->class == ERROR_SIGNAL)
		drain(crowd);
	const struct error *failure = crowd->error.class != ERROR_NONE ? &crowd->error : &crowd->acceptor.error;
	if (!result && failure->class != ERROR_NONE) {
		*error = *failure;
		result = -1;
	}
	end_all(crowd);
	return result;
}

int crowd_run(struct context *context, struct server *server, const struct service *service, struct error *error)
{
	struct crowd crowd;
	set_up(&crowd, context, server, service);
	if (service->open && service->open(&crowd, error)) {
		stop_accepting(&crowd);
		return -1;
	}
	int result = serve(&crowd, error);
	crowd.stats.clients = crowd.served;
	crowd.stats.ended = clock_now();
	if (context->settings->stats)
		stats_report(&crowd.stats, &context->report);
	if (service->close)
		service->close(&crowd);
	return result;
}
