#include "commands/open.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "commands/proxying.h"
#include "commands/inherited.h"
#include "commands/ready.h"
#include "net/acceptor.h"
#include "relay/signals.h"

enum { CONNECT_TIMEOUT = 10 };       /* seconds, where none was asked for */
enum { BACKLOG = 128, MODE = 0600 }; /* likewise */

/* What was given by its own name counts before -w. */
static int64_t connect_timeout(const struct settings *settings)
{
	if (settings->connect_timeout != CLOCK_NEVER)
		return settings->connect_timeout;
	return settings->wait != CLOCK_NEVER ? settings->wait : CONNECT_TIMEOUT * CLOCK_S;
}

static mode_t mode(const struct settings *settings)
{
	return settings->mode != UINT64_MAX ? (mode_t)settings->mode : MODE;
}

struct dial_plan open_dial_plan(const struct context *context)
{
	const struct settings *settings = context->settings;
	return (struct dial_plan){ .to = context->tunnel ? &context->proxy_at : &context->endpoint,
				   .options = &settings->options,
				   .md5 = &context->md5,
				   .timeout = connect_timeout(settings),
				   .attempt_delay = settings->attempt_delay,
				   .mode = mode(settings),
				   .trace = &context->report.trace };
}

/* A wait for nothing but the clock. */
struct pause {
	struct machine machine;
	int64_t until;
};

static void pause_interest(struct machine *machine)
{
	(void)machine;
}

static int64_t pause_deadline(const struct machine *machine)
{
	return ((const struct pause *)machine)->until;
}

static void pause_step(struct machine *machine)
{
	machine->finished = clock_now() >= ((const struct pause *)machine)->until;
}

static int wait_a_while(struct context *context, int64_t span, struct error *error)
{
	static const struct machine_kind kind = { "pause", pause_interest, pause_deadline, pause_step };
	struct pause pause = { .machine.kind = &kind, .until = clock_after(clock_now(), span) };
	loop_add(&context->loop, &pause.machine);
	int result = loop_run(&context->loop, &pause.machine, error);
	loop_remove(&context->loop, &pause.machine);
	return result;
}

static int dial_once(struct context *context, const struct dial_plan *plan, struct opened *opened, struct error *error)
{
	struct dial dial;
	dial_start(&dial, plan);
	loop_add(&context->loop, &dial.machine);
	int result = loop_run(&context->loop, &dial.machine, error);
	loop_remove(&context->loop, &dial.machine);
	dial_stop(&dial);
	if (!result && dial.fd < 0)
		*error = dial.error;
	*opened = (struct opened){ dial.fd,
				   dial.connected,
				   dial.triple,
				   dial.peer,
				   dial.begun,
				   dial.resolved,
				   dial.deferred ? dial.limit : 0,
				   dial.claim,
				   NULL };
	return result || dial.fd < 0 ? -1 : 0;
}

void open_close(const struct context *context, const struct opened *opened)
{
	struct path_claim claim = opened->claim;
	path_release(&claim);
	(void)trace_close(&context->report.trace, opened->fd);
}

bool open_worth_a_retry(const struct context *context, const struct error *error)
{
	if (context->loop.limit != CLOCK_NEVER && clock_now() >= context->loop.limit)
		return false;
	return error->class == ERROR_REFUSED || error->class == ERROR_UNREACHABLE || error->class == ERROR_TIMEOUT;
}

int open_wait(struct context *context, int64_t span, struct error *error)
{
	if (context->report.verbose)
		report_event(&context->report, "retry", NULL, 0, "%s; trying again in %g s", error->text,
			     (double)span / 1e9);
	return wait_a_while(context, span, error);
}

/* --source-port by number or by name. */
static int source_port(const struct context *context, uint32_t *port, struct error *error)
{
	const char *word = context->settings->source_port;
	bool datagrams = context->endpoint.triple.type == SOCK_DGRAM;
	uint64_t number;
	*port = 0;
	if (!word)
		return 0;
	if (!text_number(word, 65535, &number)) {
		*port = (uint32_t)number;
		return 0;
	}
	const struct servent *service = getservbyname(word, datagrams ? "udp" : "tcp");
	if (!service)
		return resolve_no_service(word, datagrams, error);
	*port = ntohs((uint16_t)service->s_port);
	return 0;
}

int open_source(const struct context *context, struct dial_plan *plan, struct address *source, struct error *error)
{
	const struct settings *settings = context->settings;
	struct error ignored;
	int known = 0;
	if (context->endpoint.triple.family == AF_VSOCK) {
		known = (settings->source || settings->source_port) &&
			!address_vsock(settings->source, settings->source_port ? settings->source_port : "0", true,
				       source, &ignored);
		plan->source = known ? source : NULL;
		plan->source_port = known ? address_port(source) : 0;
		return 0;
	}
	if (settings->source && context->endpoint.triple.family == AF_UNIX)
		known = !address_unix(settings->source, source, &ignored);
	else if (settings->source)
		known = address_literal(settings->source, AF_UNSPEC, source, &ignored) == 1;
	plan->source = known ? source : NULL;
	return source_port(context, &plan->source_port, error);
}

int open_once(struct context *context, const struct dial_plan *plan, struct opened *opened, struct error *error)
{
	struct dial_plan complete = *plan;
	struct address source;
	if (open_source(context, &complete, &source, error))
		return -1;
	if (dial_once(context, &complete, opened, error))
		return context->settings->proxy ? proxying_blame(context, error) : -1;
	report_peer(&context->report, "connected", opened->fd, &opened->triple, &opened->peer);
	return context->tunnel ? proxying_open(context, plan, opened, error) : 0;
}

int open_dial(struct context *context, const struct dial_plan *plan, struct opened *opened, struct error *error)
{
	const struct settings *settings = context->settings;
	for (uint64_t tries = 0; open_once(context, plan, opened, error); tries++)
		if (tries >= settings->retry || !open_worth_a_retry(context, error) ||
		    open_wait(context, settings->retry_interval, error))
			return -1;
	return 0;
}

/* Waits for a look-up by its descriptor. */
struct lookup {
	struct machine machine;
	struct watch watch;
	int64_t limit;
	bool answered;
};

static void lookup_interest(struct machine *machine)
{
	((struct lookup *)machine)->watch.want = WATCH_READ;
}

static int64_t lookup_deadline(const struct machine *machine)
{
	return ((const struct lookup *)machine)->limit;
}

static void lookup_step(struct machine *machine)
{
	struct lookup *lookup = (struct lookup *)machine;
	lookup->answered = lookup->watch.ready;
	machine->finished = lookup->answered || clock_now() >= lookup->limit;
}

static int resolve(struct context *context, const struct endpoint *endpoint, bool passive, int64_t span,
		   struct address_list *list, struct error *error)
{
	static const struct machine_kind kind = { "lookup", lookup_interest, lookup_deadline, lookup_step };
	struct lookup lookup = { .machine.kind = &kind, .limit = clock_after(clock_now(), span) };
	struct resolve_job *job;
	char shown[300];
	int known = resolve_start(endpoint, passive, list, &job, error);
	if (known)
		return known < 0 ? -1 : 0;
	watch_add(&lookup.machine, &lookup.watch, resolve_fd(job));
	loop_add(&context->loop, &lookup.machine);
	int result = loop_run(&context->loop, &lookup.machine, error);
	loop_remove(&context->loop, &lookup.machine);
	watch_remove(&lookup.machine, &lookup.watch);
	if (!result && lookup.answered)
		return resolve_finish(job, list, error);
	resolve_abandon(job);
	if (result)
		return -1;
	return error_set(error, ERROR_TIMEOUT, ETIMEDOUT, "look up %s: no answer within the connect limit of %g s",
			 TEXT_SHOW(shown, endpoint->host), (double)span / 1e9);
}

int open_resolve(struct context *context, const struct endpoint *endpoint, bool passive, struct address_list *list,
		 struct error *error)
{
	return resolve(context, endpoint, passive, CLOCK_NEVER, list, error);
}

int open_resolve_within(struct context *context, const struct endpoint *endpoint, int64_t span,
			struct address_list *list, struct error *error)
{
	return resolve(context, endpoint, false, span, list, error);
}

static bool asked_for_port_0(const struct context *context)
{
	uint64_t port;
	return context->endpoint.service && !text_number(context->endpoint.service, 65535, &port) && !port;
}

struct group_plan open_groups(const struct settings *settings)
{
	return (struct group_plan){ settings->join.items, settings->join.count, settings->join_source.items,
				    settings->join_source.count };
}

static int bind_server(struct context *context, struct server *server, struct error *error)
{
	const struct settings *settings = context->settings;
	struct serve_plan plan = { .at = &context->endpoint,
				   .options = &settings->options,
				   .md5 = &context->md5,
				   .backlog = settings->backlog != UINT64_MAX ? (int)settings->backlog : BACKLOG,
				   .mode = mode(settings),
				   .groups = open_groups(settings),
				   .trace = &context->report.trace };
	struct address_list list;
	if (open_resolve(context, &context->endpoint, true, &list, error))
		return -1;
	int result = serve_open(server, &plan, &list, error);
	resolve_free(&list);
	return result;
}

int open_server(struct context *context, struct server *server, struct error *error)
{
	/* Who is told that we are ready may end us at once: the path of a socket goes with us all the same. */
	if (signals_hold())
		return error_system(error, ERROR_UNEXPECTED, errno, "signals");
	if (context->settings->inherit ? inherited_open(context, server, error) : bind_server(context, server, error))
		return -1;
	for (const struct server *at = server; at; at = at->next)
		if (!at->connected)
			report_listening(&context->report, &at->local, &at->triple, asked_for_port_0(context));
	if (!ready_tell(context, server, error))
		return 0;
	serve_close(server, &context->report.trace);
	return -1;
}

int64_t open_drained(const struct context *context)
{
	int64_t until = clock_after(clock_now(), context->settings->drain), limit = context->loop.limit;
	return until < limit ? until : limit;
}

int open_client(struct context *context, struct server *server, struct opened *client, struct error *error)
{
	struct acceptor acceptor;
	int64_t limit = clock_after(clock_now(), context->settings->accept_timeout);
	acceptor_start(&acceptor, server, limit, &context->report.trace);
	gate_guard(context, &acceptor);
	loop_add(&context->loop, &acceptor.machine);
	int result = loop_run(&context->loop, &acceptor.machine, error);
	loop_remove(&context->loop, &acceptor.machine);
	acceptor_stop(&acceptor);
	if (!result && acceptor.fd < 0)
		*error = acceptor.error;
	if (result || acceptor.fd < 0)
		return -1;
	*client =
	    (struct opened){ .fd = acceptor.fd, .triple = acceptor.triple, .peer = acceptor.peer, .server = server };
	report_peer(&context->report, "accepted", client->fd, &client->triple, &client->peer);
	return 0;
}
