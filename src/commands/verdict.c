#include "commands/verdict.h"

const char *verdict_state(enum probe_state state)
{
	switch (state) {
	case PROBE_OPEN:
		return "open";
	case PROBE_CLOSED:
		return "closed";
	case PROBE_FILTERED:
		return "filtered";
	default:
		return "unknown";
	}
}

const char *verdict_protocol(const struct triple *triple)
{
	for (const struct triple_name *row = triple_protocols; row->word; row++)
		if (triple->protocol && row->value == triple->protocol)
			return row->word;
	return triple_has_end(triple) ? "tcp" : "udp";
}

/* Whether this port decides, and not the one that did so far. */
static bool decides(const struct verdict *verdict, const struct probe *probe)
{
	bool closed = probe->state == PROBE_CLOSED;
	if (verdict->error.class == ERROR_NONE)
		return true;
	if (!triple_has_end(verdict->triple) && closed != (verdict->state == PROBE_CLOSED))
		return closed;
	return probe->port < verdict->port;
}

void verdict_note(struct verdict *verdict, const struct probe *probe)
{
	if (probe->state == PROBE_OPEN) {
		verdict->open++;
		return;
	}
	if (!decides(verdict, probe))
		return;
	verdict->port = probe->port;
	verdict->state = probe->state;
	verdict->error = probe->error;
	if (probe->state == PROBE_UNKNOWN)
		verdict->error.class = ERROR_UNKNOWN;
}

int verdict_judge(const struct verdict *verdict, struct error *error)
{
	const struct error *why = &verdict->error;
	if (why->class == ERROR_NONE)
		return 0;
	if (verdict->asked > 1)
		return error_set(error, why->class, why->number, "%u of %u ports are not open; %u/%s is %s: %.400s",
				 (unsigned)(verdict->asked - verdict->open), (unsigned)verdict->asked,
				 (unsigned)verdict->port, verdict_protocol(verdict->triple),
				 verdict_state(verdict->state), why->text);
	*error = *why;
	return -1;
}
