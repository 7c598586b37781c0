#include "commands/crowd.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "commands/open.h"
#include "commands/pump.h"
#include "commands/stats.h"
#include "commands/words.h"
#include "net/acceptor.h"
#include "relay/session.h"

enum { SPARE = 24 }; /* descriptors that are neither clients nor pipes: standard ones, epoll, the listener, look-ups */

struct crowd {
	struct context *context;
	struct server *server;
	struct machine over; /* finished when nobody is left and nobody comes any more */
	struct acceptor acceptor;
	struct session_plan plan;
	struct dial_plan dial;
	struct address_list upstream; /* of --forward, looked up once and again when nobody answers there */
	struct pipes pipes;
	struct triple triple; /* of the clients */
	struct client *clients;
	struct stats stats;
	bool stale;      /* nobody answered there: to be looked up anew */
	bool refreshing; /* which a client does right now */
	uint64_t open, served, most;
};

struct client {
	struct session session; /* first: the machine's address is the client's */
	struct crowd *crowd;
	struct client *next, **back;
	bool looks_up;     /* its dial asks for the addresses anew */
	struct dial *dial; /* while the upstream is dialled */
	int fd, upstream;
	struct address peer;
};

static void link_client(struct crowd *crowd, struct client *client)
{
	client->next = crowd->clients;
	client->back = &crowd->clients;
	if (client->next)
		client->next->back = &client->next;
	crowd->clients = client;
	crowd->open++;
}

static void unlink_client(struct client *client)
{
	*client->back = client->next;
	if (client->next)
		client->next->back = client->back;
	client->crowd->open--;
}

/* A cut must not look like an end: RST (SO_LINGER 0) in place of FIN. */
static void close_socket(const struct crowd *crowd, int fd, bool cut)
{
	const struct linger now = { .l_onoff = 1 };
	if (fd < 0)
		return;
	if (cut)
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now); /* a unix socket has no RST */
	(void)trace_close(crowd->plan.trace, fd);
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
	crowd->over.finished = acceptor->machine.finished && !crowd->open;
}

static void tell(const struct crowd *crowd, const struct client *client, const struct error *error)
{
	char shown[ADDRESS_TEXT];
	struct error told;
	error_set(&told, error->class, error->number, "%.100s: %.480s", address_show(shown, &client->peer),
		  error->text);
	report_error(&crowd->context->report, &told);
}

static void let_go(struct client *client, bool cut)
{
	struct crowd *crowd = client->crowd;
	bool began = client->session.plan;
	report_closed(&crowd->context->report, &client->peer, began ? stats_sent(&client->session) : 0,
		      client->session.flows[SESSION_IN].taken);
	if (began) {
		stats_add(&crowd->stats, &client->session);
		client->session.shut |= cut; /* no FIN before the reset */
		session_end(&client->session);
	}
	close_socket(crowd, client->fd, cut);
	close_socket(crowd, client->upstream, cut);
	free(client);
}

static void drop_client(struct client *client, const struct error *error)
{
	struct crowd *crowd = client->crowd;
	if (error)
		tell(crowd, client, error);
	unlink_client(client);
	let_go(client, error != NULL);
	crowd->served++;
	make_room(crowd);
}

static void session_done(struct machine *machine)
{
	struct client *client = (struct client *)machine;
	drop_client(client, client->session.error);
}

/* Both ends are there (of --echo and --discard there is but one): the session begins. */
static void begin(struct client *client, const struct triple *upstream)
{
	struct crowd *crowd = client->crowd;
	struct session *session = &client->session;
	end_open_socket(&session->far, client->fd, false, triple_is_tcp(&crowd->triple));
	if (client->upstream >= 0)
		end_open_socket(&session->near_in, client->upstream, false, triple_is_tcp(upstream));
	else
		end_open_nothing(&session->near_in);
	end_open_nothing(&session->near_out);
	session_begin(session, &crowd->plan);
	session->machine.done = session_done;
	session->machine.closes = true;
	loop_add(&crowd->context->loop, &session->machine);
}

/* The addresses of a name are looked up once. When they do not answer they may have changed: one of those who come next
 * looks anew. */
static void learn(struct crowd *crowd, const struct client *client, struct dial *dial)
{
	crowd->stale |= dial->fd < 0;
	if (!client->looks_up)
		return;
	crowd->refreshing = false;
	if (dial->fd < 0)
		return;
	resolve_free(&crowd->upstream);
	crowd->upstream = dial->found;
	dial->found = (struct address_list){ 0 };
	crowd->stale = false;
}

/* The upstream of a client answered, or nobody did. */
static void dialled(struct machine *machine)
{
	struct dial *dial = (struct dial *)machine;
	struct client *client = dial->machine.owner;
	struct error error = dial->error;
	struct triple triple = dial->triple;
	client->upstream = dial->fd;
	if (dial->fd >= 0)
		report_peer(&client->crowd->context->report, "connected", dial->fd, &triple, &dial->peer);
	learn(client->crowd, client, dial);
	dial_stop(dial);
	free(dial);
	client->dial = NULL;
	if (client->upstream >= 0)
		begin(client, &triple);
	else
		drop_client(client, &error);
}

static void dial_upstream(struct client *client)
{
	struct crowd *crowd = client->crowd;
	struct dial *dial = malloc(sizeof *dial);
	struct error error;
	if (!dial) {
		error_system(&error, ERROR_UNEXPECTED, ENOMEM, "forward");
		drop_client(client, &error);
		return;
	}
	client->dial = dial;
	client->looks_up = crowd->stale && (!crowd->refreshing || !crowd->upstream.count);
	crowd->refreshing |= client->looks_up;
	crowd->dial.known = client->looks_up ? NULL : &crowd->upstream;
	dial_start(dial, &crowd->dial);
	dial->machine.owner = client;
	dial->machine.done = dialled;
	if (dial->machine.finished)
		dialled(&dial->machine);
	else
		loop_add(&crowd->context->loop, &dial->machine);
}

static void take_client(struct acceptor *acceptor, int fd)
{
	struct crowd *crowd = acceptor->taker;
	struct client *client = calloc(1, sizeof *client);
	if (!client) {
		close_socket(crowd, fd, true);
		return;
	}
	client->crowd = crowd;
	client->fd = fd;
	client->upstream = -1;
	client->peer = acceptor->peer;
	link_client(crowd, client);
	make_room(crowd);
	report_peer(&crowd->context->report, "accepted", fd, &crowd->triple, &client->peer);
	if (crowd->context->settings->forward)
		dial_upstream(client);
	else
		begin(client, &crowd->triple);
}

/* As many clients as descriptors allow, of which the soft limit is ours to raise; an eighth of them is for pipes. */
static void make_limits(struct crowd *crowd)
{
	const struct settings *settings = crowd->context->settings;
	struct rlimit limit;
	crowd->most = settings->max_clients;
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) && getrlimit(RLIMIT_NOFILE, &limit))
		return;
	uint64_t each = settings->forward ? 2 : 1, all = limit.rlim_cur > 2 * SPARE ? limit.rlim_cur - SPARE : SPARE;
	uint64_t pipes = all / 8, most = (all - pipes) / each;
	crowd->pipes.most = (size_t)(pipes / 2);
	crowd->most = most < settings->max_clients ? most : settings->max_clients;
}

/* Nobody is taken any more: those who still come are refused, not left waiting. */
static void acceptor_done(struct machine *machine)
{
	struct crowd *crowd = ((struct acceptor *)machine)->taker;
	acceptor_stop(&crowd->acceptor);
	serve_close(crowd->server, crowd->plan.trace);
	make_room(crowd);
}

static void set_up(struct crowd *crowd, struct context *context, struct server *server)
{
	static const struct machine_kind nothing = { "crowd", NULL, NULL, NULL };
	const struct settings *settings = context->settings;
	int64_t limit = clock_after(clock_now(), settings->accept_timeout);
	*crowd = (struct crowd){ .context = context, .server = server, .triple = server->triple };
	make_limits(crowd);
	crowd->stats.begun = clock_now();
	crowd->over.kind = &nothing;
	crowd->plan = (struct session_plan){ .shape = settings->forward ? SESSION_PAIR
						      : settings->echo  ? SESSION_ECHO
									: SESSION_STDIO,
					     .linger = CLOCK_NEVER,
					     .idle = pump_idle(settings),
					     .pipes = &crowd->pipes,
					     .trace = &context->report.trace };
	crowd->dial = open_dial_plan(context);
	crowd->dial.to = &context->upstream;
	acceptor_start(&crowd->acceptor, server, limit, &context->report.trace);
	crowd->acceptor.take = take_client;
	crowd->acceptor.taker = crowd;
	crowd->acceptor.machine.done = acceptor_done;
}

/* A signal: nobody new is taken, those who are here have --drain to end. A second signal, or that limit, cuts them. */
static void drain(struct crowd *crowd)
{
	struct loop *loop = &crowd->context->loop;
	struct error ignored;
	int64_t limit = loop->limit, until = clock_after(clock_now(), crowd->context->settings->drain);
	crowd->acceptor.machine.finished = true;
	make_room(crowd);
	loop->limit = until < limit ? until : limit;
	if (crowd->open && clock_now() < loop->limit)
		(void)loop_run(loop, &crowd->over, &ignored); /* the first signal is the one that is told */
	loop->limit = limit;
}

static void cut(struct crowd *crowd)
{
	struct client *next;
	for (struct client *client = crowd->clients; client; client = next) {
		next = client->next;
		if (client->dial) {
			loop_remove(&crowd->context->loop, &client->dial->machine);
			dial_stop(client->dial);
			free(client->dial);
		} else {
			loop_remove(&crowd->context->loop, &client->session.machine);
		}
		let_go(client, true);
	}
}

bool crowd_wanted(const struct settings *settings)
{
	return settings->forward || settings->echo || settings->discard;
}

int crowd_check(struct context *context, struct error *error)
{
	const struct settings *settings = context->settings;
	const char *alone = settings->max_clients != UINT64_MAX ? "--max-clients" : settings->drain ? "--drain" : NULL;
	if (settings->forward)
		return words_upstream(context, settings->forward, error);
	bool command = settings->exec || context->arguments->command;
	if (alone && !crowd_wanted(settings) && !command)
		return parse_refuse(&context->command->syntax, error,
				    "'%s' needs --exec, -- COMMAND, --forward, --echo or --discard", alone);
	return 0;
}

/* A name that does not resolve now may do so when the next client comes: told, but no reason to leave. */
static int find_upstream(struct crowd *crowd, struct error *error)
{
	struct context *context = crowd->context;
	if (!context->settings->forward)
		return 0;
	if (!open_resolve(context, &context->upstream, false, &crowd->upstream, error)) {
		resolve_interleave(&crowd->upstream);
		return 0;
	}
	crowd->stale = true;
	if (error->class != ERROR_RESOLVE)
		return -1;
	report_error(&context->report, error);
	return 0;
}

int crowd_run(struct context *context, struct server *server, struct error *error)
{
	struct crowd crowd;
	set_up(&crowd, context, server);
	if (find_upstream(&crowd, error)) {
		acceptor_stop(&crowd.acceptor);
		serve_close(server, &context->report.trace);
		return -1;
	}
	loop_add(&context->loop, &crowd.acceptor.machine);
	int result = loop_run(&context->loop, &crowd.over, error);
	loop_remove(&context->loop, &crowd.acceptor.machine);
	acceptor_stop(&crowd.acceptor);
	serve_close(server, &context->report.trace);
	if (result && error->class == ERROR_SIGNAL)
		drain(&crowd);
	if (!result && crowd.acceptor.error.class != ERROR_NONE) {
		*error = crowd.acceptor.error;
		result = -1;
	}
	cut(&crowd);
	crowd.stats.clients = crowd.served;
	crowd.stats.ended = clock_now();
	if (context->settings->stats)
		stats_report(&crowd.stats, &context->report);
	resolve_free(&crowd.upstream);
	pipes_free(&crowd.pipes);
	return result;
}
