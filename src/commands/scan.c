#include "commands/scan.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/ports.h"
#include "commands/confine.h"
#include "commands/open.h"
#include "commands/payload.h"
#include "commands/probe.h"
#include "commands/pump.h"
#include "commands/verdict.h"
#include "relay/end.h"

enum {
	BATCH = 64,   /* probes begun at once: signals and limits are looked at in between */
	SPARE = 16,   /* descriptors that are not probes' */
	PIECE = 4096, /* bytes of results made ready at once */
	SILENCE = 2,  /* seconds, where --idle-timeout says nothing */
};

/* Fixed in size, so that all ports of a host fit: 4 bytes a port, and what is in flight. */
struct scan {
	struct machine machine; /* first: begins probes and writes results */
	struct context *context;
	struct probe_plan plan;
	struct address_list addresses;
	struct address source;
	struct buffer payload;
	struct probe *probes, *idle;
	size_t most, running; /* probes at a time */
	struct end out;
	struct buffer held; /* lines that stdout has not taken yet */
	struct {
		uint8_t state; /* enum probe_state */
		uint16_t address;
	} results[PORTS_MOST + 1];
	uint32_t next, told; /* the first ports that may not be begun, not be told yet */
	struct verdict verdict;
	struct error failure; /* the scan cannot go on */
};

static void give_up(struct scan *scan, const struct error *error)
{
	if (scan->failure.class == ERROR_NONE)
		scan->failure = *error;
	scan->machine.finished = true;
}

/* Descriptors are short: the port has its turn when another probe has ended, and no more run at a time from now on. */
static bool put_back(struct scan *scan, const struct probe *probe)
{
	int number = probe->error.number;
	if (probe->state != PROBE_FAILED || (number != EMFILE && number != ENFILE) || !scan->running)
		return false;
	scan->most = scan->running;
	scan->results[probe->port].state = PROBE_TO_DO;
	if (probe->port < scan->next)
		scan->next = probe->port;
	return true;
}

static void probe_done(struct probe *probe)
{
	struct scan *scan = probe->plan->owner;
	const struct report *report = scan->plan.report;
	scan->running--;
	probe->next = scan->idle;
	scan->idle = probe;
	loop_add(&scan->context->loop, &scan->machine); /* it has something to do again */
	if (put_back(scan, probe))
		return;
	if (probe->state == PROBE_FAILED) {
		give_up(scan, &probe->error);
		return;
	}
	scan->results[probe->port].state = (uint8_t)probe->state;
	scan->results[probe->port].address = (uint16_t)probe->address;
	verdict_note(&scan->verdict, probe);
	if (report->verbose && probe->state != PROBE_OPEN)
		report_event(report, "not-open", NULL, 0, "%s", probe->error.text);
}

/* Moves on to the next port that is to be begun; PORTS_MOST + 1 is behind the last. */
static void seek(struct scan *scan)
{
	while (scan->next <= PORTS_MOST && scan->results[scan->next].state != PROBE_TO_DO)
		scan->next++;
}

static bool may_begin(const struct scan *scan)
{
	return !scan->machine.finished && scan->next <= PORTS_MOST && scan->running < scan->most;
}

static void begin_some(struct scan *scan)
{
	seek(scan);
	for (int n = 0; n < BATCH && may_begin(scan); n++) {
		struct probe *probe = scan->idle;
		uint32_t port = scan->next;
		scan->idle = probe->next;
		scan->running++;
		scan->results[port].state = PROBE_ASKED;
		probe_start(probe, &scan->plan, port);
		seek(scan);
	}
}

static int tell(struct scan *scan, uint32_t port)
{
	const struct report *report = scan->plan.report;
	const char *state = verdict_state(scan->results[port].state);
	const char *protocol = verdict_protocol(&scan->plan.to->triple);
	char host[ADDRESS_TEXT];
	const struct report_field fields[] = {
		{ "address", .text = address_host(host, &scan->addresses.items[scan->results[port].address]) },
		{ "port", .number = port },
		{ "protocol", .text = protocol },
		{ "state", .text = state }
	};
	if (report->json)
		report_event(report, "scan", fields, sizeof fields / sizeof fields[0], "%u/%s %s", (unsigned)port,
			     protocol, state);
	return buffer_printf(&scan->held, "%u/%s %s\n", (unsigned)port, protocol, state);
}

/* Makes the lines of those results ready that are final, as all below them are. */
static void make_lines(struct scan *scan)
{
	struct error error;
	for (; scan->told <= PORTS_MOST && buffer_held(&scan->held) < PIECE; scan->told++) {
		enum probe_state state = scan->results[scan->told].state;
		if (state == PROBE_TO_DO || state == PROBE_ASKED)
			return;
		if (state != PROBE_NONE && tell(scan, scan->told)) {
			(void)error_system(&error, ERROR_UNEXPECTED, ENOMEM, "scan");
			give_up(scan, &error);
			return;
		}
	}
}

static void stdout_failed(struct scan *scan, int number)
{
	struct error error;
	(void)end_failed(&scan->out, true, number, &error);
	give_up(scan, &error);
}

static void write_lines(struct scan *scan)
{
	for (make_lines(scan); buffer_held(&scan->held); make_lines(scan)) {
		ssize_t put = end_write(&scan->out, buffer_head(&scan->held), buffer_held(&scan->held));
		if (put < 0 && errno != EAGAIN)
			stdout_failed(scan, errno);
		if (put < 0)
			return;
		buffer_consumed(&scan->held, (size_t)put);
	}
}

static void step(struct machine *machine)
{
	struct scan *scan = (struct scan *)machine;
	if (scan->out.watch.ready & WATCH_BREAK)
		stdout_failed(scan, scan->out.kind == END_TERMINAL ? EIO : EPIPE);
	if (!machine->finished)
		begin_some(scan);
	if (!machine->finished)
		write_lines(scan);
	machine->finished |= scan->told > PORTS_MOST && !buffer_held(&scan->held);
}

static void interest(struct machine *machine)
{
	struct scan *scan = (struct scan *)machine;
	uint8_t wanted = buffer_held(&scan->held) ? WATCH_WRITE : WATCH_NOTHING;
	if (scan->out.kind != END_FILE) /* whose reader does not leave */
		wanted |= WATCH_BREAK;
	scan->out.watch.want = wanted;
}

static int64_t deadline(const struct machine *machine)
{
	return may_begin((const struct scan *)machine) ? 0 : CLOCK_NEVER;
}

static uint32_t service_port(const char *name, const void *triple)
{
	const struct servent *service = getservbyname(name, triple_has_end(triple) ? "tcp" : "udp");
	return service ? ntohs((uint16_t)service->s_port) : 0;
}

static int read_ports(struct scan *scan, const struct endpoint *to, struct error *error)
{
	struct ports ports;
	if (ports_read(&ports, to->service, service_port, &to->triple, error))
		return -1;
	for (uint32_t port = 1; port <= PORTS_MOST; port++) {
		if (!ports_has(&ports, port))
			continue;
		scan->results[port].state = PROBE_TO_DO;
		scan->verdict.asked++;
	}
	return 0;
}

/* An address of another family than --source cannot be asked from there; where that leaves none the dial says so. */
static void keep_reachable(struct address_list *list, const struct address *source)
{
	size_t kept = 0;
	for (size_t i = 0; source && i < list->count; i++)
		if (list->items[i].any.sa_family == source->any.sa_family)
			list->items[kept++] = list->items[i];
	list->count = kept ? kept : list->count;
}

/* HOST is looked up once, by any port; its addresses take turns as in a dial. */
static int find_host(struct scan *scan, struct error *error)
{
	struct endpoint host = *scan->plan.to;
	host.service = "1";
	if (open_resolve_within(scan->context, &host, scan->plan.dial.timeout, &scan->addresses, error))
		return -1;
	resolve_interleave(&scan->addresses);
	keep_reachable(&scan->addresses, scan->plan.dial.source);
	if (scan->addresses.count > UINT16_MAX)
		scan->addresses.count = UINT16_MAX;
	return 0;
}

/* --parallel, as far as descriptors allow, of which the soft limit is ours to raise. */
static size_t room_for(const struct settings *settings, size_t each)
{
	struct rlimit limit;
	uint64_t wanted = settings->parallel;
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return (size_t)wanted;
	if (limit.rlim_cur < wanted * each + SPARE) {
		limit.rlim_cur = limit.rlim_max < wanted * each + SPARE ? limit.rlim_max : wanted * each + SPARE;
		if (setrlimit(RLIMIT_NOFILE, &limit) && getrlimit(RLIMIT_NOFILE, &limit))
			return 1;
	}
	uint64_t room = limit.rlim_cur > SPARE + each ? (limit.rlim_cur - SPARE) / each : 1;
	return (size_t)(room < wanted ? room : wanted);
}

static int make_probes(struct scan *scan, struct error *error)
{
	bool race = triple_has_end(&scan->plan.to->triple);
	scan->most = room_for(scan->context->settings, race ? scan->addresses.count : 1);
	if (scan->most > scan->verdict.asked)
		scan->most = scan->verdict.asked;
	scan->probes = calloc(scan->most ? scan->most : 1, sizeof *scan->probes);
	if (!scan->probes)
		return error_system(error, ERROR_UNEXPECTED, ENOMEM, "scan");
	for (size_t i = 0; i < scan->most; i++) {
		scan->probes[i].next = scan->idle;
		scan->probes[i].watch.fd = -1;
		scan->idle = &scan->probes[i];
	}
	return 0;
}

/* What a datagram to the addresses can hold. */
static size_t most_payload(const struct scan *scan)
{
	for (size_t i = 0; i < scan->addresses.count; i++)
		if (scan->addresses.items[i].any.sa_family == AF_INET)
			return PUMP_MOST_IPV4;
	return PUMP_MOST_IPV6;
}

static int prepare(struct scan *scan, struct context *context, struct error *error)
{
	const struct settings *settings = context->settings;
	int64_t idle = pump_idle(settings);
	scan->context = context;
	scan->verdict.triple = &context->endpoint.triple;
	scan->plan = (struct probe_plan){ .dial = open_dial_plan(context),
					  .to = &context->endpoint,
					  .addresses = &scan->addresses,
					  .silence = idle == CLOCK_NEVER ? SILENCE * CLOCK_S : idle,
					  .loop = &context->loop,
					  .report = &context->report,
					  .done = probe_done,
					  .owner = scan };
	if (read_ports(scan, &context->endpoint, error) ||
	    open_source(context, &scan->plan.dial, &scan->source, error) || find_host(scan, error) ||
	    make_probes(scan, error))
		return -1;
	if (settings->payload && payload_read(context, &scan->payload, most_payload(scan), error))
		return -1;
	scan->plan.payload = buffer_head(&scan->payload);
	scan->plan.payload_size = buffer_held(&scan->payload);
	return 0;
}

static int run(struct scan *scan, struct error *error)
{
	static const struct machine_kind kind = { "scan", interest, deadline, step };
	struct loop *loop = &scan->context->loop;
	scan->machine.kind = &kind;
	end_open(&scan->out, STDOUT_FILENO, END_FOR_WRITING, "standard output");
	end_fasten(&scan->out, &scan->machine);
	confine_enter(scan->context);
	loop_add(loop, &scan->machine);
	int result = loop_run(loop, &scan->machine, error);
	loop_remove(loop, &scan->machine);
	for (size_t i = 0; i < scan->most; i++)
		probe_stop(&scan->probes[i]);
	end_close(&scan->out);
	if (result)
		return -1;
	if (scan->failure.class == ERROR_NONE)
		return verdict_judge(&scan->verdict, error);
	*error = scan->failure;
	return -1;
}

int scan_check(struct context *context, struct error *error)
{
	const struct triple *triple = &context->endpoint.triple;
	if (!context->settings->scan)
		return 0;
	if (triple->family == AF_VSOCK)
		return parse_refuse(&context->command->syntax, error, "--scan does not know the ports of vsock");
	if (context->settings->payload && triple_has_end(triple))
		return parse_refuse(&context->command->syntax, error, "--payload needs datagrams (-u)");
	return 0;
}

int scan_run(struct context *context, struct error *error)
{
	struct scan *scan = calloc(1, sizeof *scan);
	if (!scan)
		return error_system(error, ERROR_UNEXPECTED, ENOMEM, "scan");
	int result = prepare(scan, context, error);
	if (!result)
		result = run(scan, error);
	free(scan->probes);
	resolve_free(&scan->addresses);
	buffer_free(&scan->payload);
	buffer_free(&scan->held);
	free(scan);
	return result;
}
