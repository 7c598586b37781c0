#include "relay/broker.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"

enum { MOMENT = 1000 };      /* milliseconds for who is too far behind */
enum { GATHER = 16 * 1024 }; /* small pieces are written in one */
enum { BURST = 16 };         /* writes a step */

/* Nothing more will be said that somebody hears. */
static bool is_over(const struct broker *broker)
{
	return broker->nobody_comes && (!broker->speaking || !broker->clients);
}

static void wake(struct broker *broker, struct broker_member *member)
{
	loop_add(broker->loop, &member->machine);
}

static void wake_all(struct broker *broker)
{
	for (struct broker_member *member = broker->first; member; member = member->next)
		wake(broker, member);
}

/* Who was too far behind has caught up, or is gone: with the last one all go on. */
static void not_late(struct broker_member *member)
{
	struct broker *broker = member->broker;
	if (!member->late)
		return;
	member->late = false;
	if (!--broker->late)
		wake_all(broker);
}

static void stop_speaking(struct broker_member *member)
{
	struct broker *broker = member->broker;
	if (!member->speaks)
		return;
	member->speaks = false;
	broker->speaking--;
	if (is_over(broker))
		wake_all(broker);
}

static void stop_hearing(struct broker_member *member)
{
	if (!member->hears)
		return;
	member->hears = false;
	member->broker->hearing -= member->client;
	talk_leave(&member->broker->talk, &member->reader);
	not_late(member);
}

static void keep(struct broker_member *member, const struct error *error)
{
	if (!member->error)
		member->error = error_keep(error);
}

/* A failure that ends a client. */
static void break_off(struct broker_member *member, const struct error *error)
{
	keep(member, error);
	member->broken = true;
	stop_hearing(member);
	wake(member->broker, member);
}

/* Too far behind for too long. */
static void drop(struct broker_member *member)
{
	struct error error;
	unsigned long long behind = talk_behind(&member->broker->talk, &member->reader);
	if (member->client) {
		error_set(&error, ERROR_INCOMPLETE, 0, "dropped: it is %llu bytes behind the others", behind);
		break_off(member, &error);
		return;
	}
	error_set(&error, ERROR_LOCAL, 0, "%s is %llu bytes behind the others and gets no more", member->out.name,
		  behind);
	stop_hearing(member);
	member->failed(member, BROKER_BEHIND, &error);
	wake(member->broker, member);
}

static uint64_t furthest_behind(const struct broker *broker)
{
	uint64_t most = 0;
	for (const struct broker_member *member = broker->first; member; member = member->next) {
		uint64_t behind = talk_behind(&broker->talk, &member->reader);
		most = behind > most ? behind : most;
	}
	return most;
}

/* The limit is reached: a moment for those who have more than half of it before them. */
static void give_a_moment(struct broker *broker)
{
	for (struct broker_member *member = broker->first; member; member = member->next) {
		member->late = talk_behind(&broker->talk, &member->reader) > broker->limit / 2;
		broker->late += member->late;
	}
	broker->until = clock_now() + MOMENT * CLOCK_MS;
	loop_add(broker->loop, &broker->machine);
}

/* Something was said: those who are not held up are to hear it. */
static void spread(struct broker *broker, const struct broker_member *by)
{
	for (struct broker_member *member = broker->first; member; member = member->next)
		if (member != by && member->hears && !member->blocked)
			wake(broker, member);
	if (furthest_behind(broker) >= broker->limit)
		give_a_moment(broker);
}

/* Reading failed, with this errno. */
static void lost(struct broker_member *member, int number)
{
	struct error error;
	end_failed(&member->in, false, number, &error);
	if (member->client) {
		break_off(member, &error);
		return;
	}
	stop_speaking(member);
	member->failed(member, BROKER_SPEAKING, &error);
}

static bool may_speak(const struct broker_member *member)
{
	const struct broker *broker = member->broker;
	return member->speaks && !broker->late && (member->client || broker->hearing);
}

static void moved(struct broker_member *member, bool in, size_t n, int64_t now)
{
	*(in ? &member->received : &member->sent) += n;
	member->moved = now;
	if (member->client && trace_wanted(member->broker->trace))
		tally_add(&member->tally, in, n, now);
}

static void listen_to(struct broker_member *member, int64_t now)
{
	struct broker *broker = member->broker;
	uint64_t left = broker->limit - furthest_behind(broker);
	size_t room;
	char *bytes = talk_room(&broker->talk, &member->reader, &room);
	if (!bytes) {
		lost(member, ENOMEM);
		return;
	}
	ssize_t n = end_read(&member->in, bytes, left < room ? (size_t)left : room);
	if (n < 0 && errno != EAGAIN)
		lost(member, errno);
	if (n > 0) {
		moved(member, true, (size_t)n, now);
		talk_said(&broker->talk, &member->reader, (size_t)n);
		spread(broker, member);
	}
	if (n == 0 || member->broker->last_call)
		stop_speaking(member);
	if (n == 0)
		end_watch_over(&member->in); /* it may go without a sign */
}

/* The sink takes nothing more: of a client there may be something to read still. EPIPE: it said its end before, and
 * wanted no more than that. */
static void deaf(struct broker_member *member, int number)
{
	struct error error;
	end_failed(member->sink, true, number, &error);
	stop_hearing(member);
	if (!member->client)
		member->failed(member, BROKER_HEARING, &error);
	else if (number != EPIPE && member->speaks)
		keep(member, &error);
}

static void speak_to(struct broker_member *member, int64_t now)
{
	struct broker *broker = member->broker;
	char scratch[GATHER];
	const char *bytes;
	size_t n;
	member->blocked = false;
	for (int i = 0; i < BURST; i++) {
		bytes = talk_next(&broker->talk, &member->reader, scratch, sizeof scratch, &n);
		if (!bytes)
			break;
		ssize_t put = end_write(member->sink, bytes, n);
		member->blocked = put < 0 && errno == EAGAIN;
		if (member->blocked)
			break;
		if (put < 0) {
			deaf(member, errno);
			return;
		}
		talk_took(&broker->talk, &member->reader, (size_t)put);
		moved(member, false, (size_t)put, now);
	}
	if (talk_behind(&broker->talk, &member->reader) <= broker->limit / 2)
		not_late(member);
}

static bool heard_all(const struct broker_member *member)
{
	return !member->hears || !talk_behind(&member->broker->talk, &member->reader);
}

/* The other side is gone altogether, or the reader of standard output is. */
static void sink_broke(struct broker_member *member)
{
	int number = member->client ? EPIPE : end_socket_error(member->sink);
	if (member->client && member->speaks && may_speak(member))
		return; /* reading tells more, after its last words */
	deaf(member, number ? number : EPIPE);
}

static void check_idle(struct broker_member *member, int64_t now)
{
	int64_t idle = member->broker->idle;
	struct error error;
	if (!member->client || now < clock_after(member->moved, idle))
		return;
	error_set(&error, ERROR_TIMEOUT, ETIMEDOUT, "nothing moved for %g s (idle limit)", (double)idle / 1e9);
	break_off(member, &error);
}

static void step(struct machine *machine)
{
	struct broker_member *member = (struct broker_member *)machine;
	int64_t now = clock_now();
	uint8_t ready = member->sink->watch.ready;
	if (may_speak(member) && (member->in.watch.ready & WATCH_READ || member->broker->last_call))
		listen_to(member, now);
	if (member->hears)
		speak_to(member, now);
	if (member->hears && ready & WATCH_BREAK)
		sink_broke(member);
	if (now >= tally_due(&member->tally))
		tally_flush(&member->tally, now);
	check_idle(member, now);
	bool gone = !member->speaks && !member->hears;
	machine->finished = member->broken || gone || (is_over(member->broker) && heard_all(member));
}

static void interest(struct machine *machine)
{
	struct broker_member *member = (struct broker_member *)machine;
	member->in.watch.want = may_speak(member) ? WATCH_READ : WATCH_NOTHING;
	if (member->sink == &member->out)
		member->out.watch.want = WATCH_NOTHING;
	if (member->hears)
		member->sink->watch.want |=
		    talk_behind(&member->broker->talk, &member->reader) ? WATCH_WRITE : WATCH_BREAK;
}

static int64_t deadline(const struct machine *machine)
{
	const struct broker_member *member = (const struct broker_member *)machine;
	int64_t idle = member->client ? clock_after(member->moved, member->broker->idle) : CLOCK_NEVER;
	int64_t due = tally_due(&member->tally);
	return idle < due ? idle : due;
}

static void link_member(struct broker *broker, struct broker_member *member)
{
	static const struct machine_kind kind = { "broker", interest, deadline, step };
	member->broker = broker;
	member->machine.kind = &kind;
	member->next = broker->first;
	member->back = &broker->first;
	if (member->next)
		member->next->back = &member->next;
	broker->first = member;
	broker->clients += member->client;
	broker->speaking += member->speaks;
	broker->hearing += member->client;
	talk_name(&broker->talk, &member->reader);
	if (member->hears)
		talk_join(&broker->talk, &member->reader);
	end_fasten(&member->in, &member->machine);
	if (member->sink == &member->out)
		end_fasten(&member->out, &member->machine);
	loop_add(broker->loop, &member->machine);
}

void broker_join(struct broker *broker, struct broker_member *member)
{
	const int on = 1;
	if (member->in.tcp)
		(void)setsockopt(member->in.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* refused, it is but slow */
	member->sink = &member->in;
	member->client = member->speaks = member->hears = true;
	member->moved = clock_now();
	member->tally = (struct tally){ .trace = broker->trace };
	link_member(broker, member);
	if (broker->standard)
		wake(broker, broker->standard); /* there is somebody to hear it now */
}

void broker_join_standard(struct broker *broker, struct broker_member *member)
{
	member->sink = &member->out;
	member->speaks = member->in.kind != END_CLOSED && member->in.kind != END_NOTHING;
	member->hears = member->out.kind != END_CLOSED && member->out.kind != END_NOTHING;
	broker->standard = member;
	link_member(broker, member);
}

void broker_leave(struct broker_member *member, bool cut)
{
	struct broker *broker = member->broker;
	member->machine.finished = true; /* nobody wakes it any more */
	loop_remove(broker->loop, &member->machine);
	stop_hearing(member);
	stop_speaking(member);
	broker->clients -= member->client;
	if (broker->standard == member)
		broker->standard = NULL;
	*member->back = member->next;
	if (member->next)
		member->next->back = member->back;
	tally_flush(&member->tally, clock_now());
	if (member->client && !cut) {
		(void)trace_shutdown(broker->trace, member->in.fd, SHUT_WR); /* it may be gone already */
		end_drain(&member->in);
	}
	end_close(&member->in);
	end_close(&member->out);
	error_free(member->error);
	member->error = NULL;
	if (is_over(broker))
		wake_all(broker);
}

void broker_nobody_comes(struct broker *broker)
{
	broker->nobody_comes = true;
	if (is_over(broker))
		wake_all(broker);
}

void broker_last_call(struct broker *broker)
{
	if (broker->last_call)
		return;
	broker->last_call = true;
	wake_all(broker);
}

static void no_interest(struct machine *machine)
{
	(void)machine;
}

static int64_t moment_over(const struct machine *machine)
{
	const struct broker *broker = (const struct broker *)machine;
	return broker->late ? broker->until : CLOCK_NEVER;
}

static void drop_the_late(struct machine *machine)
{
	struct broker *broker = (struct broker *)machine;
	if (!broker->late || clock_now() < broker->until)
		return;
	for (struct broker_member *member = broker->first; member; member = member->next)
		if (member->late)
			drop(member);
}

int broker_begin(struct broker *broker, struct loop *loop, uint64_t limit, int64_t idle, const struct trace *trace)
{
	static const struct machine_kind kind = { "moment", no_interest, moment_over, drop_the_late };
	*broker = (struct broker){ .machine.kind = &kind, .loop = loop, .limit = limit, .idle = idle, .trace = trace };
	return talk_begin(&broker->talk);
}

void broker_end(struct broker *broker)
{
	loop_remove(broker->loop, &broker->machine);
	talk_end(&broker->talk);
}
