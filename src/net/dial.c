#include "net/dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/call.h"
#include "net/vsock.h"

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

enum { AGAIN_DELAY = 10 }; /* milliseconds between two knocks at a unix socket whose backlog is full */

static void finish(struct dial *dial, int fd)
{
	dial->fd = fd;
	dial->machine.finished = true;
}

static void drop(struct dial *dial, struct dial_attempt *racer)
{
	int fd = racer->watch.fd;
	if (fd < 0)
		return;
	if (racer->running || racer->waiting)
		call_unanswered(dial->plan->trace, fd, &racer->to, racer->waiting ? EAGAIN : EINPROGRESS);
	watch_remove(&dial->machine, &racer->watch);
	path_release(&dial->claim);
	(void)trace_close(dial->plan->trace, fd);
	racer->running = racer->waiting = false;
}

/* An IPv6 address that means nothing without its link, and does not say which one it is. */
static bool is_of_link(const struct address *to)
{
	const struct in6_addr *in6 = &to->in6.sin6_addr;
	if (to->any.sa_family != AF_INET6 || to->in6.sin6_scope_id)
		return false;
	return IN6_IS_ADDR_LINKLOCAL(in6) || IN6_IS_ADDR_MC_NODELOCAL(in6) || IN6_IS_ADDR_MC_LINKLOCAL(in6);
}

static int failed(struct dial *dial, const struct address *to, int number)
{
	char shown[ADDRESS_TEXT];
	enum error_class class = error_class_of(number);
	/* A path that we may not use, or that another type of socket listens on, or a datagram socket that talks with
	 * another: there is nobody for us either. */
	if (to->any.sa_family == AF_UNIX &&
	    (number == EACCES || number == EPERM || number == EPROTOTYPE || number == ENOTDIR))
		class = ERROR_REFUSED;
	if (to->any.sa_family == AF_VSOCK && number == ECONNRESET) /* how a vsock says that nobody listens */
		return error_set(&dial->error, ERROR_REFUSED, number, "connect to %.300s: nobody listens there",
				 address_show(shown, to));
	if (to->any.sa_family == AF_VSOCK && (number == ENODEV || number == ESOCKTNOSUPPORT))
		return error_system(&dial->error, ERROR_UNEXPECTED, number,
				    "connect to %.300s: this kernel has no vsock transport for that",
				    address_show(shown, to));
	if (number == EACCES && dial->plan->to->triple.type == SOCK_DGRAM)
		return error_system(&dial->error, class, number,
				    "connect to %.300s (a broadcast address needs udp-send --broadcast)",
				    address_show(shown, to));
	if (number == EINVAL && is_of_link(to))
		return error_system(&dial->error, ERROR_UNREACHABLE, number,
				    "connect to %.300s: it is of a link: name the interface, as ADDRESS%%DEV",
				    address_show(shown, to));
	return error_system(&dial->error, class, number, "connect to %.300s", address_show(shown, to));
}

static void win(struct dial *dial, struct dial_attempt *racer, bool connected)
{
	int fd = racer->watch.fd;
	dial->connected = connected;
	dial->triple.family = racer->to.any.sa_family;
	dial->peer = racer->to;
	watch_remove(&dial->machine, &racer->watch);
	finish(dial, fd);
}

/* A unix datagram can only be answered when its sender has a name: one of the kernel's choice, where the user gave none
 * (autobind, unix(7)). */
static int bind_unix(struct dial *dial, int fd, const struct triple *triple, struct error *error)
{
	const struct dial_plan *plan = dial->plan;
	struct address any = { .length = sizeof any.any.sa_family };
	any.any.sa_family = AF_UNIX;
	if (!plan->source && triple_has_end(triple))
		return 0;
	const struct address *source = plan->source ? plan->source : &any;
	return path_make_way(source, plan->trace, error) ||
		       path_bind(&dial->claim, fd, source, plan->mode, plan->trace, error)
		   ? -1
		   : 0;
}

/* Binds to what --source and --source-port ask for. */
static int bind_source(const struct dial *dial, int fd, const struct address *to, struct error *error)
{
	char shown[ADDRESS_TEXT];
	const struct dial_plan *plan = dial->plan;
	struct address source = { .length = to->length };
	if (!plan->source && !plan->source_port)
		return 0;
	if (plan->source)
		source = *plan->source;
	else
		source.any.sa_family = to->any.sa_family;
	if (source.any.sa_family != to->any.sa_family)
		return error_set(error, ERROR_BIND, EADDRNOTAVAIL,
				 "the source %.200s is of another family than the address",
				 address_host(shown, &source));
	/* A quick second run must not meet the TIME_WAIT of the first; and without a port the kernel may wait with
	 * choosing one until it knows the other end. Both are wishes, not needs. */
	(void)sockopt_set(plan->trace, fd, SOL_SOCKET, SO_REUSEADDR, 1, "SOL_SOCKET, SO_REUSEADDR, 1");
	if (!plan->source_port)
		(void)sockopt_set(plan->trace, fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1,
				  "IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1");
	address_set_port(&source, plan->source_port);
	if (call_bind(plan->trace, fd, &source))
		return error_system(error, ERROR_BIND, errno, "bind to %.300s", address_show(shown, &source));
	return 0;
}

static int prepare(struct dial *dial, int fd, const struct triple *triple, const struct address *to,
		   struct error *error)
{
	const struct dial_plan *plan = dial->plan;
	bool local = triple->family == AF_UNIX;
	if (vsock_check(to, plan->trace, error) ||
	    sockopt_apply(plan->options, SOCKOPT_BEFORE_BIND, fd, triple, to, plan->trace, error) ||
	    (local ? bind_unix(dial, fd, triple, error) : bind_source(dial, fd, to, error)) ||
	    sockopt_apply(plan->options, SOCKOPT_BEFORE_CONNECT, fd, triple, to, plan->trace, error) ||
	    md5_sign_to(plan->md5, fd, triple, to, plan->trace, error))
		return -1;
	return 0;
}

/* On the same machine the answer is there before connect(2) returns: no need to wait for it. */
static bool there_already(const struct dial *dial, struct dial_attempt *racer)
{
	struct pollfd ask = { .fd = racer->watch.fd, .events = POLLOUT };
	if (poll(&ask, 1, 0) <= 0 || ask.revents != POLLOUT)
		return false;
	call_answered(dial->plan->trace, ask.fd, &racer->to);
	return true;
}

/* Whether many may answer, which a connected socket would not hear. */
static bool is_to_many(const struct dial *dial, const struct address *to)
{
	bool broadcast = dial->plan->options->items[SOCKOPT_BROADCAST].given;
	return dial->plan->unconnected && (address_is_group(to) || broadcast);
}

/* With TCP_FASTOPEN_CONNECT connect(2) may succeed without having asked anyone: the first bytes are to go with the SYN.
 * Who has none would wait for ever; a send of nothing sends the SYN alone. Whether an answer is to be waited for. */
static bool goes_on(struct dial *dial, int fd)
{
	if (!dial->plan->options->items[SOCKOPT_FAST_OPEN].given)
		return false;
	dial->deferred = dial->plan->first_bytes;
	return !dial->deferred && call_send_nothing(dial->plan->trace, fd) && errno == EINPROGRESS;
}

/* A connect that did not fail at once: won, or under way. */
static void knock(struct dial *dial, struct dial_attempt *racer)
{
	int fd = racer->watch.fd;
	racer->waiting = false;
	if (is_to_many(dial, &racer->to)) {
		win(dial, racer, false);
		return;
	}
	if (!call_connect(dial->plan->trace, fd, &racer->to) && !goes_on(dial, fd)) {
		win(dial, racer, true);
		return;
	}
	racer->running = errno == EINPROGRESS || errno == EINTR;
	if (racer->running && there_already(dial, racer))
		win(dial, racer, true);
	if (racer->running)
		return;
	if (errno == EAGAIN && racer->to.any.sa_family == AF_UNIX) {
		racer->waiting = true;
		return;
	}
	failed(dial, &racer->to, errno);
	drop(dial, racer);
}

static void attempt(struct dial *dial, struct dial_attempt *racer, const struct address *to)
{
	struct triple triple = dial->plan->to->triple;
	triple.family = to->any.sa_family;
	int fd = triple_socket(&triple, dial->plan->trace, &dial->error);
	if (fd < 0)
		return;
	racer->to = *to;
	watch_add(&dial->machine, &racer->watch, fd);
	if (prepare(dial, fd, &triple, to, &dial->error))
		drop(dial, racer);
	else
		knock(dial, racer);
}

static struct dial_attempt *free_racer(struct dial *dial)
{
	for (size_t i = 0; i < dial->racers_count; i++)
		if (dial->racers[i].watch.fd < 0)
			return &dial->racers[i];
	return NULL;
}

static bool anyone_runs(const struct dial *dial)
{
	for (size_t i = 0; i < dial->racers_count; i++)
		if (dial->racers[i].watch.fd >= 0)
			return true;
	return false;
}

/* Starts what may start now: the next address when nobody runs or when the stagger is over. */
static void race(struct dial *dial)
{
	while (!dial->machine.finished && dial->next < dial->found.count) {
		struct dial_attempt *racer = free_racer(dial);
		if (!racer || (anyone_runs(dial) && clock_now() < dial->next_attempt))
			return;
		attempt(dial, racer, &dial->found.items[dial->next++]);
		dial->next_attempt = clock_after(clock_now(), dial->plan->attempt_delay);
	}
	if (!dial->machine.finished && !anyone_runs(dial))
		finish(dial, -1);
}

static void check_racers(struct dial *dial)
{
	for (size_t i = 0; i < dial->racers_count && !dial->machine.finished; i++) {
		struct dial_attempt *racer = &dial->racers[i];
		if (racer->watch.fd < 0)
			continue;
		if (racer->waiting) {
			knock(dial, racer);
			continue;
		}
		if (!racer->watch.ready)
			continue;
		/* Writable, and no error: connected. */
		int number = 0;
		if (racer->watch.ready & WATCH_BREAK)
			number = call_connected(dial->plan->trace, racer->watch.fd, &racer->to);
		else
			call_answered(dial->plan->trace, racer->watch.fd, &racer->to);
		racer->running = false;
		if (!number) {
			win(dial, racer, true);
			continue;
		}
		failed(dial, &racer->to, number);
		drop(dial, racer);
		dial->next_attempt = 0; /* the next at once */
	}
}

/* The addresses are there: a place for each, and the race begins. */
static void line_up(struct dial *dial)
{
	dial->resolved = clock_now();
	dial->racers = calloc(dial->found.count, sizeof *dial->racers);
	if (!dial->racers) {
		error_system(&dial->error, ERROR_UNEXPECTED, ENOMEM, "connect");
		finish(dial, -1);
		return;
	}
	dial->racers_count = dial->found.count;
	for (size_t i = 0; i < dial->racers_count; i++)
		dial->racers[i].watch.fd = -1;
	race(dial);
}

static void resolved(struct dial *dial)
{
	resolve_interleave(&dial->found);
	line_up(dial);
}

static void look_up_done(struct dial *dial)
{
	struct resolve_job *job = dial->job;
	watch_remove(&dial->machine, &dial->lookup);
	dial->job = NULL;
	if (resolve_finish(job, &dial->found, &dial->error))
		finish(dial, -1);
	else
		resolved(dial);
}

static void timed_out(struct dial *dial)
{
	char host[300], service[80];
	const struct endpoint *to = dial->plan->to;
	error_set(&dial->error, ERROR_TIMEOUT, ETIMEDOUT, "%s %s%s%s: no answer within the connect limit of %g s",
		  dial->job ? "look up" : "connect to", TEXT_SHOW(host, to->path ? to->path : to->host),
		  to->path ? "" : " port ", to->path ? "" : TEXT_SHOW(service, to->service),
		  (double)dial->plan->timeout / 1e9);
	finish(dial, -1);
}

static void step(struct machine *machine)
{
	struct dial *dial = (struct dial *)machine;
	if (dial->job) {
		if (dial->lookup.ready)
			look_up_done(dial);
	} else {
		check_racers(dial);
		race(dial);
	}
	if (!machine->finished && clock_now() >= dial->limit)
		timed_out(dial);
}

static void interest(struct machine *machine)
{
	struct dial *dial = (struct dial *)machine;
	if (dial->job)
		dial->lookup.want = WATCH_READ;
	for (size_t i = 0; i < dial->racers_count; i++)
		dial->racers[i].watch.want = dial->racers[i].waiting ? WATCH_NOTHING : WATCH_WRITE;
}

static int64_t deadline(const struct machine *machine)
{
	const struct dial *dial = (const struct dial *)machine;
	int64_t due = dial->limit;
	bool room = false;
	for (size_t i = 0; i < dial->racers_count; i++) {
		room |= dial->racers[i].watch.fd < 0;
		if (dial->racers[i].waiting)
			due = clock_now() + AGAIN_DELAY * CLOCK_MS;
	}
	if (!dial->job && room && dial->next < dial->found.count && dial->next_attempt < due)
		due = dial->next_attempt;
	return due < dial->limit ? due : dial->limit;
}

static const struct machine_kind kind = { "dial", interest, deadline, step };

void dial_start(struct dial *dial, const struct dial_plan *plan)
{
	memset(dial, 0, sizeof *dial);
	dial->machine.kind = &kind;
	dial->plan = plan;
	dial->triple = plan->to->triple;
	dial->fd = -1;
	dial->lookup.fd = -1;
	dial->begun = dial->resolved = clock_now();
	dial->limit = clock_after(dial->begun, plan->timeout);
	if (plan->known) {
		if (resolve_copy(plan->known, &dial->found, &dial->error))
			finish(dial, -1);
		else
			line_up(dial);
		return;
	}
	switch (resolve_start(plan->to, false, &dial->found, &dial->job, &dial->error)) {
	case 1:
		resolved(dial);
		break;
	case 0:
		watch_add(&dial->machine, &dial->lookup, resolve_fd(dial->job));
		break;
	default:
		finish(dial, -1);
	}
}

void dial_stop(struct dial *dial)
{
	if (dial->lookup.fd >= 0)
		watch_remove(&dial->machine, &dial->lookup);
	resolve_abandon(dial->job);
	dial->job = NULL;
	for (size_t i = 0; i < dial->racers_count; i++)
		drop(dial, &dial->racers[i]);
	free(dial->racers);
	dial->racers = NULL;
	dial->racers_count = 0;
	resolve_free(&dial->found);
}
