#include "commands/probe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

static void begin(struct probe *probe);

static bool datagrams(const struct probe *probe)
{
	return !triple_has_end(&probe->plan->to->triple);
}

static void conclude(struct probe *probe, enum probe_state state)
{
	probe->state = state;
	/* A stream was tried at all addresses; datagrams are sent to the next when one is refused. */
	if (state == PROBE_CLOSED && datagrams(probe) && ++probe->address < probe->plan->addresses->count) {
		begin(probe);
		return;
	}
	if (probe->address == probe->plan->addresses->count)
		probe->address--;
	probe->plan->done(probe);
}

/* By what probe->error says. */
static void conclude_failure(struct probe *probe)
{
	switch (probe->error.class) {
	case ERROR_REFUSED:
		conclude(probe, PROBE_CLOSED);
		break;
	case ERROR_UNREACHABLE:
	case ERROR_TIMEOUT:
		conclude(probe, datagrams(probe) ? PROBE_UNKNOWN : PROBE_FILTERED);
		break;
	case ERROR_RESET: /* someone took the connection, and cut it before we looked */
		conclude(probe, PROBE_OPEN);
		break;
	default:
		conclude(probe, PROBE_FAILED);
	}
}

static void fail(struct probe *probe, int number)
{
	char shown[ADDRESS_TEXT];
	struct address to = probe->plan->addresses->items[probe->address];
	address_set_port(&to, probe->port);
	(void)error_system(&probe->error, error_class_of(number), number, "%.300s", address_show(shown, &to));
	conclude_failure(probe);
}

static void answered(struct machine *machine)
{
	struct probe *probe = (struct probe *)machine;
	int fd = probe->watch.fd, number = probe->error.number;
	watch_remove(&probe->machine, &probe->watch);
	(void)trace_close(probe->plan->dial.trace, fd);
	if (probe->state == PROBE_FAILED)
		fail(probe, number);
	else
		conclude(probe, probe->state);
}

static void silent(struct probe *probe)
{
	char shown[ADDRESS_TEXT];
	struct address to = probe->plan->addresses->items[probe->address];
	address_set_port(&to, probe->port);
	(void)error_set(&probe->error, ERROR_UNKNOWN, 0, "%.300s: no answer within the idle limit of %g s",
			address_show(shown, &to), (double)probe->plan->silence / 1e9);
	probe->state = PROBE_UNKNOWN;
	probe->machine.finished = true;
}

/* What came: any datagram, of no bytes too, is an answer. */
static void step(struct machine *machine)
{
	struct probe *probe = (struct probe *)machine;
	char byte, outcome[40];
	if (probe->watch.ready) {
		ssize_t got = recv(probe->watch.fd, &byte, sizeof byte, MSG_DONTWAIT | MSG_TRUNC);
		if (got >= 0 || errno != EAGAIN) {
			probe->error.number = errno;
			probe->state = got < 0 ? PROBE_FAILED : PROBE_OPEN; /* `answered` judges the errno */
			trace_line(probe->plan->dial.trace, "recv(%d) = %s", probe->watch.fd,
				   trace_outcome((int)got, outcome));
			machine->finished = true;
			return;
		}
	}
	if (clock_now() >= probe->limit)
		silent(probe);
}

static void interest(struct machine *machine)
{
	((struct probe *)machine)->watch.want = WATCH_READ;
}

static int64_t deadline(const struct machine *machine)
{
	return ((const struct probe *)machine)->limit;
}

/* One datagram leaves. */
static void ask(struct probe *probe, int fd)
{
	static const struct machine_kind kind = { "probe", interest, deadline, step };
	const struct probe_plan *plan = probe->plan;
	char outcome[40];
	ssize_t sent = send(fd, plan->payload, plan->payload_size, MSG_DONTWAIT | MSG_NOSIGNAL);
	int number = errno;
	trace_line(plan->dial.trace, "send(%d, %zu bytes) = %s", fd, plan->payload_size,
		   trace_outcome((int)sent, outcome));
	if (sent < 0) {
		(void)trace_close(plan->dial.trace, fd);
		fail(probe, number);
		return;
	}
	probe->machine = (struct machine){ .kind = &kind, .done = answered };
	probe->limit = clock_after(clock_now(), plan->silence);
	watch_add(&probe->machine, &probe->watch, fd);
	loop_add(plan->loop, &probe->machine);
}

/* Where the kernel chose the very port that is asked for as ours, a connection to ourselves stands (RFC 9293 3.5,
 * simultaneous open): nobody else is there. */
static bool is_ourselves(int fd)
{
	struct address local, peer;
	char here[ADDRESS_TEXT], there[ADDRESS_TEXT];
	address_local(fd, &local);
	address_peer(fd, &peer);
	return address_port(&local) == address_port(&peer) &&
	       !strcmp(address_host(here, &local), address_host(there, &peer));
}

static void connected(struct probe *probe, int fd, const struct triple *triple, const struct address *peer)
{
	const struct linger now = { .l_onoff = 1 };
	if (is_ourselves(fd)) {
		/* No TIME_WAIT of ours may keep the port from its owner. */
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
		(void)trace_close(probe->plan->dial.trace, fd);
		fail(probe, ECONNREFUSED);
	} else if (datagrams(probe)) {
		ask(probe, fd);
	} else {
		report_peer(probe->plan->report, "connected", fd, triple, peer);
		(void)trace_close(probe->plan->dial.trace, fd);
		conclude(probe, PROBE_OPEN);
	}
}

/* Which of the addresses that is, whatever its port. */
static size_t index_of(const struct address_list *list, const struct address *peer)
{
	for (size_t i = 0; i < list->count; i++) {
		struct address item = list->items[i];
		address_set_port(&item, address_port(peer));
		if (item.length == peer->length && !memcmp(&item.storage, &peer->storage, item.length))
			return i;
	}
	return 0;
}

static void dialled(struct machine *machine)
{
	struct dial *dial = (struct dial *)machine;
	struct probe *probe = machine->owner;
	const struct triple triple = dial->triple;
	const struct address peer = dial->peer;
	int fd = dial->fd;
	probe->dialling = false;
	probe->error = dial->error;
	dial_stop(dial);
	if (fd < 0) {
		conclude_failure(probe);
		return;
	}
	if (!datagrams(probe))
		probe->address = index_of(probe->plan->addresses, &peer);
	connected(probe, fd, &triple, &peer);
}

/* All addresses of a stream race; datagrams are sent to one after the other. */
static void begin(struct probe *probe)
{
	const struct address_list *all = probe->plan->addresses;
	const struct address_list known =
	    datagrams(probe) ? (struct address_list){ &all->items[probe->address], 1 } : *all;
	probe->dial_plan = probe->plan->dial;
	probe->dial_plan.to = &probe->to;
	probe->dial_plan.known = &known; /* copied by the dial */
	for (size_t i = 0; i < known.count; i++)
		address_set_port(&known.items[i], probe->port);
	dial_start(&probe->dial, &probe->dial_plan);
	probe->dial_plan.known = NULL;
	probe->dial.machine.owner = probe;
	probe->dial.machine.done = dialled;
	probe->dialling = true;
	if (probe->dial.machine.finished)
		dialled(&probe->dial.machine);
	else
		loop_add(probe->plan->loop, &probe->dial.machine);
}

void probe_start(struct probe *probe, const struct probe_plan *plan, uint32_t port)
{
	probe->plan = plan;
	probe->port = port;
	probe->address = 0;
	probe->watch.fd = -1;
	probe->state = PROBE_ASKED;
	(void)snprintf(probe->service, sizeof probe->service, "%u", (unsigned)port); /* it has room */
	probe->to = *plan->to;
	probe->to.service = probe->service;
	begin(probe);
}

void probe_stop(struct probe *probe)
{
	if (probe->dialling) {
		loop_remove(probe->plan->loop, &probe->dial.machine);
		dial_stop(&probe->dial);
		probe->dialling = false;
	}
	if (probe->plan && probe->watch.fd >= 0) {
		int fd = probe->watch.fd;
		loop_remove(probe->plan->loop, &probe->machine);
		watch_remove(&probe->machine, &probe->watch);
		(void)trace_close(probe->plan->dial.trace, fd);
	}
}
