#include "commands/pump.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "commands/confine.h"
#include "commands/dump.h"
#include "commands/filters.h"
#include "commands/progress.h"
#include "commands/stats.h"
#include "net/peer.h"
#include "relay/sequence.h"

int64_t pump_idle(const struct settings *settings)
{
	return settings->idle_timeout != CLOCK_NEVER ? settings->idle_timeout : settings->wait;
}

/* For the frames of relay/, which know no addresses. */
static void sender(char out[static FRAMING_SENDER], const struct sockaddr *from, socklen_t length, bool prefix)
{
	struct address address = { .length = length };
	char text[ADDRESS_TEXT];
	memcpy(&address.storage, from, length < sizeof address.storage ? length : sizeof address.storage);
	if (prefix)
		snprintf(out, FRAMING_SENDER, "%s %u ", address_host(text, &address), (unsigned)address_port(&address));
	else
		snprintf(out, FRAMING_SENDER, "%s", address_show(text, &address));
}

struct framing pump_framing_out(const struct settings *settings, const struct address *peer,
				const struct triple *triple)
{
	bool ipv6 = peer->any.sa_family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(&peer->in6.sin6_addr);
	uint64_t most = ipv6 ? PUMP_MOST_IPV6 : PUMP_MOST_IPV4;
	if (settings->max_datagram && settings->max_datagram < most)
		most = settings->max_datagram;
	if (settings->sequence)
		most = most > SEQUENCE_HEADER ? most - SEQUENCE_HEADER : 0;
	return (struct framing){ .frame = settings->frame.out,
				 .size = (size_t)settings->frame.size,
				 .most = (size_t)most,
				 .segments = triple_is_udp(triple),
				 .chomp = settings->chomp,
				 .count = settings->count,
				 .pace = { .bytes.rate = settings->rate,
					   .datagrams.rate = settings->pps,
					   .interval = settings->interval,
					   .fine = triple_has_boundaries(triple) } };
}

int pump_check_size(const struct framing *framing, const struct address *peer, struct error *error)
{
	char shown[ADDRESS_TEXT];
	if (framing->frame != FRAME_SIZE || framing->size <= framing->most)
		return 0;
	return error_set(error, ERROR_USAGE, 0, "--frame: size=%zu is more than a datagram to %.300s can hold (%zu)",
			 framing->size, address_show(shown, peer), framing->most);
}

struct framing pump_framing_in(const struct settings *settings)
{
	return (struct framing){
		.frame = settings->frame.in, .from = settings->from, .sender = sender, .count = settings->count
	};
}

void pump_stamp(int fd, const struct framing *framing, const struct trace *trace)
{
	if (framing_is_timed(framing)) /* else the moment of receiving must do */
		(void)sockopt_set(trace, fd, SOL_SOCKET, SO_TIMESTAMPNS, 1, "SOL_SOCKET, SO_TIMESTAMPNS, 1");
}

void pump_open_peer(struct end *end, int fd, const struct triple *triple, const struct trace *trace)
{
	const struct end_socket socket = { .ends = triple_has_end(triple),
					   .records = triple_has_boundaries(triple),
					   .internet = triple_is_internet_datagram(triple),
					   .tcp = triple_is_tcp(triple) };
	end_open_socket(end, fd, &socket);
	sockopt_receive_credentials(fd, triple, trace);
}

int pump_complaint(const struct session *session, const struct address *peer, int result, struct error *error)
{
	char shown[ADDRESS_TEXT];
	uint64_t ignored = 0;
	if (result && error->class != ERROR_TIMEOUT)
		return result;
	int number = end_take_errors(&session->far, &ignored);
	for (size_t i = 0; i < SESSION_FLOWS && !number; i++)
		number = session->flows[i].framing ? session->flows[i].framing->complaint : 0;
	return number ? error_system(error, error_class_of(number), number, "%s", address_show(shown, peer)) : result;
}

/* Asked for, or usual and on a terminal; never beside what programs read. */
static bool wants_progress(const struct context *context)
{
	const struct settings *settings = context->settings;
	if (settings->json || settings->quiet || settings->progress < 0)
		return false;
	return settings->progress > 0 || (context->progress_usual && isatty(STDERR_FILENO));
}

int pump_session(struct context *context, struct session *session, struct error *error)
{
	struct progress progress;
	bool shown = wants_progress(context);
	if (shown) {
		progress_start(&progress, session, &context->expected);
		context->report.progress = &progress;
		loop_add(&context->loop, &progress.machine);
	}
	confine_enter(context);
	loop_add(&context->loop, &session->machine);
	int result = loop_run(&context->loop, &session->machine, error);
	loop_remove(&context->loop, &session->machine);
	if (shown) {
		loop_remove(&context->loop, &progress.machine);
		progress_clear(&progress);
		context->report.progress = NULL;
	}
	if (!result && session->error) {
		*error = *session->error;
		result = -1;
	}
	return result;
}

/* After a signal the client has --drain to end, and who waits for his turn is refused. */
static void drain(struct context *context, struct session *session, struct server *server)
{
	struct loop *loop = &context->loop;
	if (!context->settings->drain || !server)
		return;
	serve_close(server, &context->report.trace);
	loop_add(loop, &session->machine);
	loop_finish(loop, &session->machine, open_drained(context));
	loop_remove(loop, &session->machine);
}

/* Standard input as a source. A listener with nothing to say sends no FIN before its client's end: it would look like a
 * goodbye. */
static void open_stdin(struct context *context, struct session *session, bool serving)
{
	struct end *end = &session->near_in;
	bool silent = context->settings->recv_only || context->stdin_used_up;
	if (!silent)
		end_open(end, STDIN_FILENO, END_FOR_READING, "standard input");
	bool empty = !silent && serving && (end->kind == END_CLOSED || end->null_device);
	if (empty)
		end_close(end);
	if (silent || empty)
		end_open_nothing(end);
}

static void set_rules(struct context *context, struct session *session)
{
	const struct settings *settings = context->settings;
	struct flow *out = &session->flows[SESSION_OUT], *in = &session->flows[SESSION_IN];
	out->half_close = session->near_in.kind != END_NOTHING && !settings->no_half_close;
	out->until_other = !settings->hold && !settings->send_only;
	out->pace.bytes.rate = session->far.records ? 0 : settings->rate; /* else its framing has it */
	out->piece = in->piece = (size_t)settings->buffer_size;
}

static int came_short(const struct context *context, const struct session *session, struct error *error)
{
	uint64_t wanted = context->settings->max_bytes, got = session->flows[SESSION_IN].given;
	if (wanted == UINT64_MAX || got >= wanted)
		return 0;
	return error_set(error, ERROR_INCOMPLETE, 0, "the peer ended after %llu of %llu bytes", (unsigned long long)got,
			 (unsigned long long)wanted);
}

void pump_stats(const struct context *context, const struct session *session)
{
	struct stats stats = { .begun = session->begun, .ended = clock_now() };
	if (!context->settings->stats)
		return;
	stats_add(&stats, session);
	if (session->far.tcp)
		info_read(&stats.info, session->far.fd);
	stats_report(&stats, &context->report);
}

/* Those who are heard on a socket for anybody's datagrams. */
struct audience {
	struct framing_peer last; /* first: the relay hands back a pointer to it */
	const struct context *context;
	const struct opened *here;
	const struct flow *answers;
	bool nameless; /* that was told already */
};

static void warn(const struct audience *audience, const char *what, const char *why)
{
	report_event(&audience->context->report, "warning", NULL, 0,
		     "%s cannot be answered (%s); what is to be sent waits for the next sender", what, why);
}

static void heard(struct framing_peer *peer, int number)
{
	struct audience *audience = (struct audience *)peer;
	const struct opened *here = audience->here;
	bool answering = audience->answers->source->kind != END_NOTHING && !flow_over(audience->answers);
	struct address from = { .length = peer->length };
	if (number) {
		warn(audience, "the last sender", strerror(number));
		return;
	}
	memcpy(&from.storage, &peer->address, peer->length);
	from.any.sa_family = (sa_family_t)here->triple.family;
	report_heard(&audience->context->report, here->fd, &here->triple, &from,
		     &(struct peer){ peer->who.pid, peer->who.uid, peer->who.gid });
	if (answering && !peer->length && !audience->nameless) {
		audience->nameless = true;
		warn(audience, "a sender without a name", "it must bind one, as 'skt unix --type dgram' does");
	}
}

/* How input becomes messages on this socket, and they output; the size that was asked for must fit. -1: ERROR_USAGE. */
static int set_frames(const struct settings *settings, const struct opened *peer, struct framing frames[SESSION_FLOWS],
		      const struct trace *trace, struct error *error)
{
	struct framing *out = &frames[SESSION_OUT];
	*out = pump_framing_out(settings, &peer->peer, &peer->triple);
	frames[SESSION_IN] = pump_framing_in(settings);
	if (!triple_has_boundaries(&peer->triple))
		return 0;
	if (!triple_is_internet_datagram(&peer->triple)) {
		size_t wanted = settings->max_datagram, most = sockopt_most(peer->fd, wanted, trace);
		out->most = wanted && wanted < most ? wanted : most;
	}
	return pump_check_size(out, &peer->peer, error);
}

/* What a socket with boundaries is told about its errors and senders. */
static void prepare_messages(const struct opened *peer, bool anybody, const struct settings *settings,
			     const struct framing *in, const struct trace *trace)
{
	if (triple_is_internet_datagram(&peer->triple))
		pump_stamp(peer->fd, in, trace);
	if (anybody)
		sockopt_receive_many(peer->fd, &peer->triple, &settings->options, trace);
	else if (triple_is_internet_datagram(&peer->triple))
		sockopt_hear_errors(peer->fd, &peer->triple, trace);
}

bool pump_has_bytes(const struct settings *settings)
{
	struct end end;
	if (settings->recv_only)
		return false;
	end_open(&end, STDIN_FILENO, END_FOR_READING, "standard input");
	bool has = end_pending(&end);
	end_close(&end);
	return has;
}

int pump_stream(struct context *context, const struct opened *peer, bool serving, struct error *error)
{
	const struct settings *settings = context->settings;
	struct session_plan plan = { .deliver_only = settings->send_only,
				     .linger = settings->linger,
				     .idle = pump_idle(settings),
				     .answer_by = peer->answer_by,
				     .trace = &context->report.trace };
	struct framing frames[SESSION_FLOWS];
	struct filters filters;
	struct gate_senders senders = { .context = context, .fd = peer->fd, .triple = &peer->triple };
	struct session session;
	struct audience audience = {
		.last.news = heard, .context = context, .here = peer, .answers = &session.flows[SESSION_OUT]
	};
	bool datagrams = !triple_has_end(&peer->triple), anybody = datagrams && serving;
	if (set_frames(settings, peer, frames, plan.trace, error)) {
		open_close(context, peer);
		return -1;
	}
	prepare_messages(peer, anybody, settings, &frames[SESSION_IN], plan.trace);
	pump_open_peer(&session.far, peer->fd, &peer->triple, plan.trace);
	open_stdin(context, &session, serving);
	if (settings->send_only)
		end_open_nothing(&session.near_out);
	else
		end_open(&session.near_out, STDOUT_FILENO, END_FOR_WRITING, "standard output");
	frames[SESSION_IN].admits = anybody ? gate_hears : NULL;
	frames[SESSION_IN].porter = &senders;
	session_begin(&session, &plan);
	set_rules(context, &session);
	filters_begin(&filters, settings, &session);
	for (size_t i = 0; i < SESSION_FLOWS; i++) {
		frames[i].heard = anybody ? &audience.last : NULL;
		session.flows[i].framing = &frames[i];
	}
	int result = dump_attach(context->dump, &session, peer, serving, error);
	if (!result)
		result = pump_session(context, &session, error);
	if (result && error->class == ERROR_SIGNAL)
		drain(context, &session, peer->server);
	if (datagrams && !anybody)
		result = pump_complaint(&session, &peer->peer, result, error);
	if (!result)
		result = came_short(context, &session, error);
	context->stdin_used_up |= session.flows[SESSION_OUT].source_ended && !session.flows[SESSION_OUT].dismissed;
	uint64_t sent = session.flows[SESSION_OUT].given, received = session.flows[SESSION_IN].taken;
	pump_stats(context, &session);
	session.far.tap = NULL; /* what is drained now is nobody's */
	session_end(&session);
	open_close(context, peer);
	report_closed(&context->report, &peer->peer, sent, received);
	return result;
}
