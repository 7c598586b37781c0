#include "commands/chat.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "commands/pump.h"
#include "commands/status.h"
#include "relay/broker.h"

struct chat {
	struct broker broker;
	struct broker_member standard; /* input and output */
	struct crowd *crowd;
};

struct client {
	struct member member;
	struct broker_member part;
};

static bool wanted(const struct context *context)
{
	return context->settings->broker;
}

/* The server ends with our own side: its output failed, or nobody reads that. Else what failed is told, the chat goes
 * on, and the status remembers it. */
static void standard_failed(struct broker_member *standard, enum broker_half half, const struct error *error)
{
	struct chat *chat = standard->machine.owner;
	if (half == BROKER_HEARING) {
		crowd_fail(chat->crowd, error);
		return;
	}
	report_error(&chat->crowd->context->report, error);
	error_set(&chat->crowd->error, ERROR_STATUS, status_of(error), "%s", error->text);
}

static void standard_done(struct machine *machine)
{
	struct chat *chat = machine->owner;
	crowd_hold(chat->crowd, false);
}

/* What standard output was closed for from the start is nothing to fail at. */
static void join_standard(struct chat *chat)
{
	struct broker_member *standard = &chat->standard;
	if (chat->crowd->context->settings->recv_only)
		end_open_nothing(&standard->in);
	else
		end_open(&standard->in, STDIN_FILENO, END_FOR_READING, "standard input");
	end_open(&standard->out, STDOUT_FILENO, END_FOR_WRITING, "standard output");
	standard->machine.owner = chat;
	standard->machine.done = standard_done;
	standard->failed = standard_failed;
	broker_join_standard(&chat->broker, standard);
	crowd_hold(chat->crowd, true);
}

static int make(struct crowd *crowd, struct error *error)
{
	struct context *context = crowd->context;
	struct chat *chat = calloc(1, sizeof *chat);
	if (!chat || broker_begin(&chat->broker, &context->loop, context->settings->broker_buffer,
				  pump_idle(context->settings), &context->report.trace)) {
		free(chat);
		return error_system(error, ERROR_UNEXPECTED, ENOMEM, "broker");
	}
	chat->crowd = crowd;
	crowd->state = chat;
	join_standard(chat);
	return 0;
}

static void client_done(struct machine *machine)
{
	struct client *client = machine->owner;
	crowd_leave(&client->member, client->part.error);
}

static int start(struct member *member, struct error *error)
{
	struct client *client = (struct client *)member;
	struct chat *chat = member->crowd->state;
	(void)error;
	pump_open_peer(&client->part.in, member->fd, &member->triple, chat->broker.trace);
	broker_join(&chat->broker, &client->part);
	client->part.machine.owner = client;
	client->part.machine.done = client_done;
	client->part.machine.closes = true;
	return 0;
}

static void stop(struct member *member, bool cut)
{
	struct broker_member *part = &((struct client *)member)->part;
	struct crowd *crowd = member->crowd;
	report_closed(&crowd->context->report, &member->peer, part->sent, part->received);
	crowd->stats.bytes_sent += part->sent;
	crowd->stats.bytes_received += part->received;
	broker_leave(part, cut);
}

static void nobody_comes(struct crowd *crowd)
{
	struct chat *chat = crowd->state;
	broker_nobody_comes(&chat->broker);
}

static void hurry(struct member *member)
{
	struct chat *chat = member->crowd->state;
	broker_last_call(&chat->broker);
}

static void give_back(struct crowd *crowd)
{
	struct chat *chat = crowd->state;
	broker_leave(&chat->standard, true);
	broker_end(&chat->broker);
	free(chat);
}

const struct service chat_service = {
	.wanted = wanted,
	.size = sizeof(struct client),
	.descriptors = 1,
	.open = make,
	.start = start,
	.stop = stop,
	.nobody_comes = nobody_comes,
	.hurry = hurry,
	.grace = CLOCK_S,
	.close = give_back,
};
