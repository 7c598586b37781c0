#include "net/tunnel.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/trace.h"

/* Every failure names target and proxy. */
static void fail(struct tunnel *tunnel, const struct error *why)
{
	char host[300], service[80], at[ADDRESS_TEXT];
	const struct tunnel_plan *plan = tunnel->plan;
	error_set(&tunnel->error, why->class, why->number, "%.255s port %.40s through the proxy %.120s: %.400s",
		  TEXT_SHOW(host, plan->to->host), TEXT_SHOW(service, plan->to->service), address_show(at, plan->at),
		  why->text);
	tunnel->machine.finished = true;
}

/* What went between us and the proxy, as --trace tells it: a line at each change of direction. */
static void tell(struct tunnel *tunnel)
{
	if (tunnel->sent)
		trace_line(tunnel->plan->trace, "send(...) = %" PRIu64, tunnel->sent);
	if (tunnel->received)
		trace_line(tunnel->plan->trace, "recv(...) = %" PRIu64, tunnel->received);
	tunnel->sent = tunnel->received = 0;
}

/* A reset is an end before the answer was complete, whatever else it is; the rest means what it means in connect(2). */
static void broke(struct tunnel *tunnel, int number)
{
	struct error error;
	enum error_class class = error_class_of(number);
	if (class == ERROR_RESET)
		error_system(&error, ERROR_PROTOCOL, number,
			     "the proxy broke the connection before its answer was complete");
	else
		error_system(&error, class, number, "connect to the proxy");
	fail(tunnel, &error);
}

static void begin_talk(struct tunnel *tunnel)
{
	struct error error;
	tunnel->talking = true;
	if (proxy_begin(&tunnel->talk, tunnel->plan->proxy, &tunnel->target, &error))
		fail(tunnel, &error);
}

/* The first of the addresses is what the proxy is asked for; or only the port was the question. */
static void resolved(struct tunnel *tunnel, struct address_list *list)
{
	struct address *address = &list->items[0];
	tunnel->target.port = (uint16_t)address_port(address);
	if (tunnel->question.host == tunnel->plan->to->host)
		tunnel->target.address = *address;
	resolve_free(list);
	begin_talk(tunnel);
}

static void look_up_done(struct tunnel *tunnel)
{
	struct address_list list;
	struct error error;
	struct resolve_job *job = tunnel->job;
	watch_remove(&tunnel->machine, &tunnel->lookup);
	tunnel->job = NULL;
	if (resolve_finish(job, &list, &error))
		fail(tunnel, &error);
	else
		resolved(tunnel, &list);
}

static bool send_more(struct tunnel *tunnel)
{
	struct buffer *out = &tunnel->talk.out;
	ssize_t put = send(tunnel->proxy.fd, buffer_head(out), buffer_held(out), MSG_NOSIGNAL | MSG_DONTWAIT);
	if (put >= 0) {
		tunnel->sent += (uint64_t)put;
		buffer_consumed(out, (size_t)put);
		return true;
	}
	if (errno == EPIPE || errno == ECONNRESET)
		buffer_consumed(out, buffer_held(out)); /* it may have said why: read on */
	else if (errno != EAGAIN && errno != EINTR && errno != EINPROGRESS)
		broke(tunnel, errno);
	return false;
}

/* Looks at what is there, and takes no more of it than is the proxy's own. */
static bool read_more(struct tunnel *tunnel)
{
	char bytes[4096];
	struct error error;
	size_t used;
	ssize_t got = recv(tunnel->proxy.fd, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
	if (got < 0) {
		if (errno != EAGAIN && errno != EINTR)
			broke(tunnel, errno);
		return false;
	}
	enum proxy_state state = PROXY_BAD;
	if (got)
		state = proxy_take(&tunnel->talk, bytes, (size_t)got, &used, &error);
	else
		proxy_end(&tunnel->talk, &error);
	if (got && recv(tunnel->proxy.fd, bytes, used, MSG_DONTWAIT) == (ssize_t)used)
		tunnel->received += used;
	if (state == PROXY_BAD)
		fail(tunnel, &error);
	tunnel->open = state == PROXY_DONE;
	tunnel->machine.finished |= tunnel->open;
	return true;
}

static void talk(struct tunnel *tunnel)
{
	bool more = true;
	while (more && !tunnel->machine.finished) {
		bool sending = buffer_held(&tunnel->talk.out);
		if (sending ? tunnel->received : tunnel->sent)
			tell(tunnel);
		more = sending ? send_more(tunnel) : read_more(tunnel);
	}
	if (tunnel->machine.finished)
		tell(tunnel);
}

static void timed_out(struct tunnel *tunnel)
{
	struct error error;
	error_set(&error, ERROR_TIMEOUT, ETIMEDOUT, "no answer within the connect limit of %g s",
		  (double)tunnel->plan->timeout / 1e9);
	fail(tunnel, &error);
}

static void step(struct machine *machine)
{
	struct tunnel *tunnel = (struct tunnel *)machine;
	if (tunnel->job && tunnel->lookup.ready)
		look_up_done(tunnel);
	if (tunnel->talking)
		talk(tunnel);
	if (!machine->finished && clock_now() >= tunnel->plan->limit)
		timed_out(tunnel);
}

static void interest(struct machine *machine)
{
	struct tunnel *tunnel = (struct tunnel *)machine;
	tunnel->lookup.want = tunnel->job ? WATCH_READ : WATCH_NOTHING;
	tunnel->proxy.want = !tunnel->talking                 ? WATCH_NOTHING
			     : buffer_held(&tunnel->talk.out) ? WATCH_WRITE
							      : WATCH_READ;
}

static int64_t deadline(const struct machine *machine)
{
	return ((const struct tunnel *)machine)->plan->limit;
}

/* A literal is told as the address it means, IPv4 as such; a name that is the proxy's to look up stays one, and then
 * only the port can be a question here (a service by its name). */
static void choose_question(struct tunnel *tunnel)
{
	const struct endpoint *to = tunnel->plan->to;
	struct address *address = &tunnel->target.address;
	struct error ignored;
	bool literal = address_literal(to->host, AF_UNSPEC, address, &ignored) == 1;
	tunnel->question = (struct endpoint){ { AF_INET, SOCK_STREAM, IPPROTO_TCP }, "0.0.0.0", to->service, NULL };
	tunnel->target.name = to->host;
	if (literal && address->any.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&address->in6.sin6_addr)) {
		struct in_addr inner;
		memcpy(&inner, &address->in6.sin6_addr.s6_addr[12], sizeof inner);
		*address = (struct address){ .length = sizeof address->in };
		address->in = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr = inner };
	} else if (!literal) {
		*address = (struct address){ 0 };
		if (!proxy_resolves(tunnel->plan->proxy->kind))
			tunnel->question.host = to->host;
	}
}

void tunnel_start(struct tunnel *tunnel, const struct tunnel_plan *plan, int fd)
{
	static const struct machine_kind kind = { "tunnel", interest, deadline, step };
	struct address_list list;
	struct error error;
	*tunnel = (struct tunnel){ .machine.kind = &kind, .plan = plan, .lookup.fd = -1 };
	watch_add(&tunnel->machine, &tunnel->proxy, fd);
	if (proxy_check_target(plan->proxy, plan->to->host, &error)) { /* where a redirect led */
		fail(tunnel, &error);
		return;
	}
	choose_question(tunnel);
	switch (resolve_start(&tunnel->question, false, &list, &tunnel->job, &error)) {
	case 1:
		resolved(tunnel, &list);
		break;
	case 0:
		watch_add(&tunnel->machine, &tunnel->lookup, resolve_fd(tunnel->job));
		break;
	default:
		fail(tunnel, &error);
	}
}

void tunnel_stop(struct tunnel *tunnel)
{
	watch_remove(&tunnel->machine, &tunnel->proxy);
	watch_remove(&tunnel->machine, &tunnel->lookup);
	resolve_abandon(tunnel->job);
	tunnel->job = NULL;
	proxy_free(&tunnel->talk);
}
