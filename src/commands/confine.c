#include "commands/confine.h"

#include <sys/socket.h>

#include "base/sandbox.h"
#include "base/text.h"
#include "commands/command.h"

/* What comes after the set-up, and must go on working. Who opens files, looks names up or binds later adds a row. */

static bool has_path(const struct context *context)
{
	return context->endpoint.triple.family == AF_UNIX; /* which is removed in the end */
}

static bool serves_in_turn(const struct context *context)
{
	return context->settings->keep_open || context->settings->clients != UINT64_MAX;
}

static bool forwards_by_tcp(const struct context *context)
{
	return context->settings->forward && !context->upstream.path;
}

/* Looked up again when nobody answers there. */
static bool forwards_to_name(const struct context *context)
{
	const struct endpoint *upstream = &context->upstream;
	struct address ignored;
	struct error error;
	uint64_t port;
	return forwards_by_tcp(context) && (address_literal(upstream->host, AF_UNSPEC, &ignored, &error) != 1 ||
					    text_number(upstream->service, 65535, &port));
}

/* http-get: by a redirect or after an answer that lets hope; others are done with --retry once they are connected. */
static bool asks_again(const struct context *context)
{
	const struct settings *settings = context->settings;
	return context->command == &http_get_command && (settings->location || settings->retry);
}

static bool scans(const struct context *context)
{
	return context->settings->scan;
}

/* connect(2) is done when there is something to send. */
static bool connects_late(const struct context *context)
{
	return context->settings->options.items[SOCKOPT_FAST_OPEN].given;
}

static const struct {
	bool (*wanted)(const struct context *context);
	unsigned keep;
} later[] = {
	{ has_path, SANDBOX_REMOVE },
	{ serves_in_turn, SANDBOX_STANDARD },
	{ forwards_by_tcp, SANDBOX_TCP },
	{ forwards_to_name, SANDBOX_READ },
	{ asks_again, SANDBOX_READ | SANDBOX_TCP },
	{ scans, SANDBOX_TCP },
	{ connects_late, SANDBOX_TCP },
};

static unsigned kept(const struct context *context)
{
	unsigned keep = 0;
	for (size_t i = 0; i < sizeof later / sizeof later[0]; i++)
		keep |= later[i].wanted(context) ? later[i].keep : 0;
	return keep;
}

/* A command must find the world as it is, and a page that is written to a file is renamed when it is complete. */
static bool can_hold(const struct context *context)
{
	return !context->program.words && !context->settings->pass_fd && !context->settings->output;
}

static void trace_lack(const struct trace *trace, unsigned keep, const struct sandbox *held)
{
	if (!trace_wanted(trace))
		return;
	if (!held->privileges)
		trace_line(trace, "sandbox: PR_SET_NO_NEW_PRIVS was refused, and Landlock needs it");
	else if (!held->abi)
		trace_line(trace, "sandbox: this kernel has no Landlock, or it is off: files stay open to us");
	else if (!held->files)
		trace_line(trace, "sandbox: Landlock (ABI %d) was refused: files stay open to us", held->abi);
	else if (!held->tcp && !(keep & SANDBOX_TCP))
		trace_line(trace, "sandbox: Landlock of this kernel (ABI %d) knows no TCP", held->abi);
	if (!held->memory)
		trace_line(trace, "sandbox: PR_SET_DUMPABLE was refused");
}

void confine_enter(struct context *context)
{
	const struct report *report = &context->report;
	struct sandbox held;
	if (context->settings->sandbox < 0 || context->sandboxed || !can_hold(context))
		return;
	unsigned keep = kept(context);
	context->sandboxed = true;
	if (!sandbox_enter(keep, &held)) {
		if (context->settings->sandbox && report->verbose)
			report_event(report, "sandbox", NULL, 0, "sandbox: nothing is given up: this build has none");
		return;
	}
	trace_lack(&report->trace, keep, &held);
	if (report->verbose)
		report_event(report, "sandbox", NULL, 0, "sandbox:%s%s%s%s%s",
			     !held.files           ? ""
			     : keep & SANDBOX_READ ? " files for reading only,"
						   : " no files,",
			     held.tcp ? " no new TCP connections," : "", held.privileges ? " no new privileges," : "",
			     held.memory ? " no core dumps," : "", held.files ? " by Landlock" : " no Landlock");
}
