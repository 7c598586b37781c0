/* The table of subcommands, and what a run of one consists of: parse, check, run, report. */
#include "commands/command.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "commands/dump.h"
#include "commands/proxying.h"
#include "commands/status.h"
#include "commands/tell.h"

const struct command *const command_rows[] = {
	&connect_command, &listen_command, &udp_send_command, &udp_recv_command, &unix_command, &http_get_command, NULL
};

static void tell_trace(void *report, const char *text)
{
	const struct report_field call = { "call", .text = text };
	report_event(report, "trace", &call, 1, "%s", text);
}

static void open_report(struct context *context)
{
	const struct settings *settings = context->settings;
	context->report = (struct report){ .command = context->command->syntax.name,
					   .quiet = settings->quiet,
					   .verbose = settings->verbose,
					   .json = settings->json };
	if (settings->trace && !settings->quiet)
		context->report.trace = (struct trace){ tell_trace, &context->report };
}

/* Runs the parsed command. -1: error, to be told. */
static int run(struct context *context, struct error *error)
{
	const struct command *command = context->command;
	struct dump dump;
	struct error ignored;
	if (context->settings->help)
		return tell_help(&command->syntax, error);
	if (command->check(context, error) || dump_open(&dump, context, error))
		return -1;
	context->dump = &dump;
	loop_begin(&context->loop, context->settings->deadline);
	int result = command->run(context, error);
	loop_end(&context->loop);
	return dump_close(&dump, result ? &ignored : error) || result ? -1 : 0;
}

static int parse_and_run(const struct command *command, int argc, char **argv)
{
	struct settings settings;
	struct arguments arguments = { 0 };
	struct error error = { 0 };
	struct context context = { .command = command, .settings = &settings, .arguments = &arguments };
	settings_defaults(&settings);
	int result = parse_arguments(&command->syntax, argc, argv, &settings, &arguments, &error);
	open_report(&context);
	if (result && settings.help) /* who adds --help to a line that was refused wants to read it */
		result = 0;
	if (!result)
		result = run(&context, &error);
	proxying_free(&context);
	if (!result)
		return 0;
	report_error(&context.report, &error);
	return status_of(&error);
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; command_rows[i]; i++)
		if (!strcmp(command_rows[i]->syntax.name, name))
			return command_rows[i];
	return NULL;
}

int command_main(int argc, char **argv)
{
	struct error error = { 0 };
	struct report report = { 0 };
	const struct command *command = argc > 1 ? find(argv[1]) : NULL;
	(void)signal(SIGPIPE, SIG_IGN); /* standard error may have lost its reader: nobody listens, that is all */
	if (command && argc > 2)
		return parse_and_run(command, argc - 2, argv + 2);
	if (command)
		return parse_and_run(command, 0, argv + argc);
	if (!tell_word(argc - 1, argv + 1, &error))
		return 0;
	report_error(&report, &error);
	return status_of(&error);
}
