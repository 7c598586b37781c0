#include "relay/session.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"

enum { QUIET = 250 };                      /* milliseconds without a byte, after which a pipe is idle */
enum { CHECK_FIRST = 1, CHECK_MOST = 64 }; /* milliseconds between two looks at what is acknowledged */

static struct flow *out_of(struct session *session)
{
	return &session->flows[SESSION_OUT];
}

static struct flow *in_of(struct session *session)
{
	return &session->flows[SESSION_IN];
}

/* The first error of a class is told; one of another class replaces it, for the status is that of the last failure. */
static void note(struct session *session, const struct error *error)
{
	if (session->error && session->error->class == error->class)
		return;
	error_free(session->error);
	session->error = error_keep(error);
}

static void finish(struct session *session)
{
	session->machine.finished = true;
}

static void fail(struct session *session, const struct error *error)
{
	note(session, error);
	finish(session);
}

/* What the peer has not acknowledged, our FIN counted as a byte. Bytes of our own are nobody's loss. */
static size_t unacknowledged(struct session *session)
{
	const struct flow *out = out_of(session);
	size_t all = (size_t)end_unacknowledged(&session->far), own = out->aside - flow_own(out);
	return all > own ? all - own : 0;
}

/* Bytes that were read from the near end, or sent, and that the peer did not take. */
static unsigned long long untaken(struct session *session)
{
	size_t sent = unacknowledged(session), fin = session->shut && sent;
	return flow_held(out_of(session)) + sent - fin;
}

/* The peer is gone while something of ours was under way, or lay ready. */
static void peer_gone(struct session *session, int number)
{
	struct error error;
	enum error_class class = error_class_of(number);
	unsigned long long n = untaken(session) + end_pending(&session->near_in);
	if (class == ERROR_UNEXPECTED)
		class = ERROR_RESET;
	if (n)
		error_system(&error, class, number, "the connection broke, %llu bytes were not taken", n);
	else
		error_system(&error, class, number, "the connection broke, not all that was sent was taken");
	note(session, &error);
}

/* The flow has ended: what follows from that for its sink. */
static void close_flow(struct session *session, struct flow *flow)
{
	if (flow->sink->kind == END_DATAGRAM && flow->half_close)
		session->said_at = clock_now(); /* datagrams know no end: --linger counts from the last one */
	bool stdio = session->plan->shape == SESSION_STDIO;
	bool cut = !stdio || flow->at_sink; /* a cut must not look like an end */
	if (!stdio && flow_over(out_of(session)) && flow_over(in_of(session)))
		return; /* the sockets are closed right away */
	if (!flow->half_close || flow->sink->kind != END_SOCKET || (flow->need == FLOW_FAILED && cut))
		return;
	tally_flush(&session->tally, clock_now());
	/* It fails where the peer is gone, which is noticed by reading, or by what was not acknowledged. */
	session->shut = !trace_shutdown(session->plan->trace, flow->sink->fd, SHUT_WR);
	flow->shut = true;
	session->said_at = clock_now();
}

static void failed(struct session *session, struct flow *flow)
{
	bool by_peer = flow->at_sink ? flow == out_of(session) : flow == in_of(session);
	bool stdio = session->plan->shape == SESSION_STDIO;
	bool stream = session->far.kind == END_SOCKET;
	/* Only our own bytes were not wanted any more. */
	if (stdio && by_peer && flow->at_sink && flow_own(flow) && !untaken(session) && !end_pending(&session->near_in))
		return;
	if (stdio && stream && by_peer && !flow->doomed && (flow->at_sink || untaken(session)))
		peer_gone(session, flow->error->number);
	else
		note(session, flow->error);
	/* Nowhere to write to, or a broken connection: over. But when standard input failed the peer may still have
	 * much to say, and a peer that takes nothing more may have said much already; not so answers to questions, and
	 * who has no end may say no more. */
	bool endless = session->far.kind == END_DATAGRAM && session->plan->linger == CLOCK_NEVER;
	if (flow == in_of(session) || !stdio || session->plan->answers || endless)
		finish(session);
}

/* What the peer did not take by the end of the session: true while it is still too early to tell. */
static bool undelivered(struct session *session)
{
	struct flow *out = out_of(session);
	bool asked = session->plan->shape == SESSION_STDIO && out->given;
	size_t left = asked ? unacknowledged(session) : 0;
	bool wait_for_fin = session->plan->deliver_only;
	session->check_at = 0;
	if (session->lingered || out->need == FLOW_FAILED || session->error || left <= (session->shut && !wait_for_fin))
		return false;
	int number = end_socket_error(&session->far);
	if (!number) {
		session->check_pause = session->check_pause ? session->check_pause * 2 : CHECK_FIRST * CLOCK_MS;
		if (session->check_pause > CHECK_MOST * CLOCK_MS)
			session->check_pause = CHECK_MOST * CLOCK_MS;
		session->check_at = clock_now() + session->check_pause;
		return true;
	}
	peer_gone(session, number);
	return false;
}

/* A pipe that brought something just now is not idle for being empty at this instant: its writer has not had its turn.
 */
static bool is_idle(struct session *session, const struct flow *flow)
{
	bool near = flow->source->name; /* what another peer still says, nobody takes */
	bool stream = near && (flow->source->kind == END_PIPE || flow->source->kind == END_SOCKET);
	int64_t since = flow->taken_at ? flow->taken_at : session->begun; /* a writer may just be starting */
	int64_t until = since + QUIET * CLOCK_MS;
	if (!stream || session->lingered || clock_now() >= until)
		return true;
	session->check_at = until;
	return false;
}

/* Steps one flow and notes what it moved. */
static void step_flow(struct session *session, int direction, int64_t now)
{
	struct flow *flow = &session->flows[direction];
	uint64_t taken = flow->taken, given = flow->given, datagrams = flow->datagrams;
	gather_check(&session->gather[direction], flow, now);
	if (!flow_step(flow, now))
		return;
	uint64_t moved = direction == SESSION_OUT ? flow->given - given : flow->taken - taken;
	if (flow->taken == taken && flow->given == given && flow->datagrams == datagrams)
		return;
	session->moved = now;
	if (flow->taken != taken)
		flow->taken_at = now;
	gather_moved(&session->gather[direction], flow, flow->taken - taken, now);
	if (direction == SESSION_IN && !session->first_byte)
		session->first_byte = now;
	if (moved && trace_wanted(session->plan->trace))
		tally_add(&session->tally, direction, moved, now);
}

/* Every datagram that was sent came back: there will be no answers. */
static bool unanswerable(struct session *session)
{
	const struct flow *out = out_of(session), *in = in_of(session);
	if (!session->plan->answers || !flow_over(out) || flow_over(in) || !out->datagrams)
		return false;
	return out->framing->returned + in->framing->returned >= out->datagrams;
}

/* The first bytes went with the SYN, or will (SOCKOPT_FAST_OPEN), which was not answered yet. A shutdown(2) now would
 * give the connection up, and nobody can tell yet what was delivered. */
static bool is_asking(struct session *session)
{
	if (session->answer_by && !end_connecting(&session->far))
		session->answer_by = 0;
	return session->answer_by;
}

/* The ending policy. */
static void settle(struct session *session)
{
	struct flow *out = out_of(session), *in = in_of(session);
	in->last_call |= unanswerable(session);
	for (size_t i = 0; i < SESSION_FLOWS; i++) {
		struct flow *flow = &session->flows[i], *other = &session->flows[!i];
		if (flow->until_other && flow_over(other))
			flow->last_call = true;
		if (flow->last_call && flow->need == FLOW_SOURCE && !end_readable(flow->source) &&
		    is_idle(session, flow)) {
			flow_end(flow);
			step_flow(session, (int)i, clock_now());
		}
		if (!flow_over(flow) || session->closed[i] || (flow == out && is_asking(session)))
			continue;
		session->closed[i] = true;
		if (flow->need == FLOW_FAILED)
			failed(session, flow);
		close_flow(session, flow);
	}
	bool in_over = flow_over(in) || (session->plan->deliver_only && flow_over(out));
	bool asking = session->plan->answers && !flow_over(out);
	if (in->need == FLOW_ENDED && in->enough && !asking)
		finish(session); /* --max-bytes, --count: stop */
	else if (in_over && flow_over(out) && !is_asking(session) && !undelivered(session))
		finish(session);
}

/* The peer had its time after our FIN: what it has said is still delivered, more is not waited for. */
static void linger_over(struct session *session)
{
	struct error error;
	if (out_of(session)->need != FLOW_FAILED && untaken(session)) {
		error_set(&error, ERROR_TIMEOUT, ETIMEDOUT, "%llu bytes were not taken within the linger limit of %g s",
			  untaken(session), (double)session->plan->linger / 1e9);
		note(session, &error);
	}
	session->lingered = true;
	in_of(session)->last_call = true;
	settle(session);
}

static void check_limits(struct session *session, int64_t now)
{
	const struct session_plan *plan = session->plan;
	struct error error;
	if (session->answer_by && now >= session->answer_by && is_asking(session)) {
		error_set(&error, ERROR_TIMEOUT, ETIMEDOUT, "no answer within the connect limit");
		fail(session, &error);
	} else if (session->said_at && !session->lingered && now >= clock_after(session->said_at, plan->linger)) {
		linger_over(session);
	} else if ((session->far.kind == END_DATAGRAM && flow_held(in_of(session))) ||
		   flow_resumes(out_of(session)) != CLOCK_NEVER) {
		session->moved = now; /* it is our own side that is waited for, or a pace: nobody is idle */
	} else if (now >= clock_after(session->moved, plan->idle)) {
		error_set(&error, ERROR_TIMEOUT, ETIMEDOUT, "nothing moved for %g s (idle limit)",
			  (double)plan->idle / 1e9);
		fail(session, &error);
	}
}

static void take_no_more(struct session *session, int64_t now)
{
	flow_limit(in_of(session), 0);
	step_flow(session, SESSION_IN, now);
	in_of(session)->enough = true;
}

static void step(struct machine *machine)
{
	struct session *session = (struct session *)machine;
	int64_t now = clock_now();
	step_flow(session, SESSION_OUT, now);
	step_flow(session, SESSION_IN, now);
	if (session->stopped)
		take_no_more(session, now);
	settle(session);
	if (now >= tally_due(&session->tally))
		tally_flush(&session->tally, now);
	if (!machine->finished)
		check_limits(session, now);
}

static void interest(struct machine *machine)
{
	struct session *session = (struct session *)machine;
	session->near_in.watch.want = session->near_out.watch.want = session->far.watch.want = WATCH_NOTHING;
	flow_interest(out_of(session));
	flow_interest(in_of(session));
	if (session->answer_by && flow_over(out_of(session)))
		session->far.watch.want |= WATCH_WRITE; /* the answer to the SYN: FIN may follow */
}

static int64_t deadline(const struct machine *machine)
{
	const struct session *session = (const struct session *)machine;
	int64_t times[] = {
		clock_after(session->moved, session->plan->idle),
		session->said_at && !session->lingered ? clock_after(session->said_at, session->plan->linger)
						       : CLOCK_NEVER,
		session->check_at ? session->check_at : CLOCK_NEVER,
		session->answer_by ? session->answer_by : CLOCK_NEVER,
		tally_due(&session->tally),
		flow_resumes(&session->flows[SESSION_OUT]),
		gather_due(&session->gather[SESSION_OUT]),
		gather_due(&session->gather[SESSION_IN]),
	};
	int64_t due = times[0];
	for (size_t i = 1; i < sizeof times / sizeof times[0]; i++)
		due = times[i] < due ? times[i] : due;
	return due;
}

static const struct machine_kind kind = { "session", interest, deadline, step };

void session_begin(struct session *session, const struct session_plan *plan)
{
	struct end *ends[] = { &session->near_in, &session->near_out, &session->far };
	session->machine = (struct machine){ .kind = &kind };
	session->plan = plan;
	session->answer_by = plan->answer_by;
	memset(session->closed, 0, sizeof session->closed);
	memset(session->gather, 0, sizeof session->gather);
	session->shut = session->stopped = session->lingered = false;
	session->begun = session->moved = clock_now();
	session->said_at = session->first_byte = session->check_at = session->check_pause = 0;
	session->tally = (struct tally){ .trace = plan->trace };
	session->error = NULL;
	struct end *const sinks[] = {
		[SESSION_STDIO] = &session->near_out, [SESSION_PAIR] = &session->near_in, [SESSION_ECHO] = &session->far
	};
	if (plan->shape != SESSION_STDIO)
		end_open_nothing(&session->near_out);
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		end_fasten(ends[i], &session->machine);
	flow_begin(out_of(session), &session->near_in, &session->far);
	flow_begin(in_of(session), &session->far, sinks[plan->shape]);
	for (size_t i = 0; i < SESSION_FLOWS; i++) {
		session->flows[i].pipes = plan->pipes;
		session->flows[i].half_close =
		    plan->shape != SESSION_STDIO && session->flows[i].source->kind != END_NOTHING;
	}
}

void session_stop(struct session *session, const struct error *error)
{
	note(session, error);
	session->stopped = true;
}

void session_end(struct session *session)
{
	tally_flush(&session->tally, clock_now());
	if (session->far.kind == END_SOCKET && session->plan->shape == SESSION_STDIO) {
		if (!out_of(session)->shut)
			(void)trace_shutdown(session->plan->trace, session->far.fd, SHUT_WR); /* may be gone already */
		end_drain(&session->far);
	}
	end_close(&session->near_in);
	end_close(&session->near_out);
	end_close(&session->far);
	for (size_t i = 0; i < SESSION_FLOWS; i++)
		flow_free(&session->flows[i]);
	error_free(session->error);
	session->error = NULL;
}
