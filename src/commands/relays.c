#include "commands/relays.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "commands/open.h"
#include "commands/pump.h"
#include "relay/session.h"

struct relays {
	struct session_plan plan;
	struct dial_plan dial;
	struct address_list upstream; /* of --forward, looked up once and again when nobody answers there */
	struct pipes pipes;
	bool stale;      /* nobody answered there: to be looked up anew */
	bool refreshing; /* which a client does right now */
};

struct client {
	struct member member;
	struct session session;
	bool looks_up;     /* its dial asks for the addresses anew */
	struct dial *dial; /* while the upstream is dialled */
	int upstream;
};

static struct relays *relays_of(const struct client *client)
{
	return client->member.crowd->state;
}

static void session_done(struct machine *machine)
{
	struct client *client = machine->owner;
	crowd_leave(&client->member, client->session.error);
}

/* Both ends are there (of --echo and --discard there is but one): the session begins. */
static void begin(struct client *client, const struct triple *upstream)
{
	struct crowd *crowd = client->member.crowd;
	struct session *session = &client->session;
	pump_open_peer(&session->far, client->member.fd, &client->member.triple, &crowd->context->report.trace);
	if (client->upstream >= 0)
		pump_open_peer(&session->near_in, client->upstream, upstream, &crowd->context->report.trace);
	else
		end_open_nothing(&session->near_in);
	end_open_nothing(&session->near_out);
	session_begin(session, &relays_of(client)->plan);
	session->machine.done = session_done;
	session->machine.owner = client;
	session->machine.closes = true;
	loop_add(&crowd->context->loop, &session->machine);
}

/* The addresses of a name are looked up once. When they do not answer they may have changed: one of those who come next
 * looks anew. */
static void learn(struct relays *relays, const struct client *client, struct dial *dial)
{
	relays->stale |= dial->fd < 0;
	if (!client->looks_up)
		return;
	relays->refreshing = false;
	if (dial->fd < 0)
		return;
	resolve_free(&relays->upstream);
	relays->upstream = dial->found;
	dial->found = (struct address_list){ 0 };
	relays->stale = false;
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
		report_peer(&client->member.crowd->context->report, "connected", dial->fd, &triple, &dial->peer);
	learn(relays_of(client), client, dial);
	dial_stop(dial);
	free(dial);
	client->dial = NULL;
	if (client->upstream >= 0)
		begin(client, &triple);
	else
		crowd_leave(&client->member, &error);
}

static int dial_upstream(struct client *client, struct error *error)
{
	struct crowd *crowd = client->member.crowd;
	struct relays *relays = relays_of(client);
	struct dial *dial = malloc(sizeof *dial);
	if (!dial)
		return error_system(error, ERROR_UNEXPECTED, ENOMEM, "forward");
	client->dial = dial;
	client->looks_up = relays->stale && (!relays->refreshing || !relays->upstream.count);
	relays->refreshing |= client->looks_up;
	relays->dial.known = client->looks_up ? NULL : &relays->upstream;
	dial_start(dial, &relays->dial);
	dial->machine.owner = client;
	dial->machine.done = dialled;
	if (dial->machine.finished)
		dialled(&dial->machine);
	else
		loop_add(&crowd->context->loop, &dial->machine);
	return 0;
}

static int start(struct member *member, struct error *error)
{
	struct client *client = (struct client *)member;
	client->upstream = -1;
	if (member->crowd->context->settings->forward)
		return dial_upstream(client, error);
	begin(client, &member->triple);
	return 0;
}

static void stop(struct member *member, bool cut)
{
	struct client *client = (struct client *)member;
	struct crowd *crowd = member->crowd;
	struct session *session = &client->session;
	bool began = session->plan;
	if (client->dial) {
		loop_remove(&crowd->context->loop, &client->dial->machine);
		dial_stop(client->dial);
		free(client->dial);
	}
	loop_remove(&crowd->context->loop, &session->machine);
	report_closed(&crowd->context->report, &member->peer, began ? stats_sent(session) : 0,
		      session->flows[SESSION_IN].taken);
	if (began) {
		stats_add(&crowd->stats, session);
		session->flows[SESSION_OUT].shut |= cut; /* no FIN before the reset */
		session_end(session);
	}
	crowd_close(crowd, client->upstream, cut);
}

static int make(struct crowd *crowd, enum session_shape shape, struct error *error)
{
	struct context *context = crowd->context;
	struct relays *relays = calloc(1, sizeof *relays);
	if (!relays)
		return error_system(error, ERROR_UNEXPECTED, ENOMEM, "server");
	relays->plan = (struct session_plan){ .shape = shape,
					      .linger = CLOCK_NEVER,
					      .idle = pump_idle(context->settings),
					      .pipes = &relays->pipes,
					      .trace = &context->report.trace };
	relays->pipes.most = crowd->pipes;
	crowd->state = relays;
	return 0;
}

static int open_echo(struct crowd *crowd, struct error *error)
{
	return make(crowd, SESSION_ECHO, error);
}

static int open_discard(struct crowd *crowd, struct error *error)
{
	return make(crowd, SESSION_STDIO, error);
}

static void give_back(struct crowd *crowd)
{
	struct relays *relays = crowd->state;
	resolve_free(&relays->upstream);
	pipes_free(&relays->pipes);
	free(relays);
}

/* A name that does not resolve now may do so when the next client comes: told, but no reason to leave. */
static int open_forward(struct crowd *crowd, struct error *error)
{
	struct context *context = crowd->context;
	if (make(crowd, SESSION_PAIR, error))
		return -1;
	struct relays *relays = crowd->state;
	relays->dial = open_dial_plan(context);
	relays->dial.to = &context->upstream;
	relays->dial.md5 = NULL; /* that key is the clients' */
	if (!open_resolve(context, &context->upstream, false, &relays->upstream, error)) {
		resolve_interleave(&relays->upstream);
		return 0;
	}
	relays->stale = true;
	if (error->class == ERROR_RESOLVE) {
		report_error(&context->report, error);
		return 0;
	}
	give_back(crowd);
	return -1;
}

static bool forward_wanted(const struct context *context)
{
	return context->settings->forward;
}

static bool echo_wanted(const struct context *context)
{
	return context->settings->echo;
}

static bool discard_wanted(const struct context *context)
{
	return context->settings->discard;
}

#define RELAY(many)                                                                                                    \
	.size = sizeof(struct client), .descriptors = (many), .pipes = true, .start = start, .stop = stop,             \
	.close = give_back

const struct service relays_forward = { .wanted = forward_wanted, .open = open_forward, RELAY(2) };
const struct service relays_echo = { .wanted = echo_wanted, .open = open_echo, RELAY(1) };
const struct service relays_discard = { .wanted = discard_wanted, .open = open_discard, RELAY(1) };
