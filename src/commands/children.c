#include "commands/children.h"

#include <signal.h>

#include "base/clock.h"
#include "commands/child.h"

struct client {
	struct member member;
	struct child child;
};

static bool wanted(const struct context *context)
{
	return context->settings->exec || context->arguments->command;
}

static void ended(struct machine *machine)
{
	struct client *client = machine->owner;
	crowd_leave(&client->member, NULL);
}

static int start(struct member *member, struct error *error)
{
	struct client *client = (struct client *)member;
	struct crowd *crowd = member->crowd;
	const struct opened socket = { .fd = member->fd, .triple = member->triple, .peer = member->peer };
	if (child_start(&client->child, crowd->context, &socket, true, error))
		return -1;
	member->fd = -1; /* the child's from now on */
	client->child.machine.done = ended;
	client->child.machine.owner = client;
	loop_add(&crowd->context->loop, &client->child.machine);
	return 0;
}

/* The groups of the commands, so that what they started ends with them, get SIGTERM and a moment to end; who takes
 * longer is left to itself. */
static void hurry(struct member *member)
{
	struct child *child = &((struct client *)member)->child;
	child->cut = true;
	if (!child->reaped)
		(void)kill(-child->pid, SIGTERM); /* it is there, at least as a zombie */
	else
		loop_add(&member->crowd->context->loop, &child->machine); /* its goodbye is over */
}

static void stop(struct member *member, bool cut)
{
	struct child *child = &((struct client *)member)->child;
	const struct context *context = member->crowd->context;
	(void)cut; /* a command that goes on has the socket still */
	if (child->machine.finished)
		child_tell(child, &context->report);
	loop_remove(&member->crowd->context->loop, &child->machine);
	child_stop(child);
}

const struct service children_service = {
	.wanted = wanted,
	.size = sizeof(struct client),
	.descriptors = 2, /* its socket and what tells of its end */
	.keeps_limit = true,
	.start = start,
	.stop = stop,
	.hurry = hurry,
	.grace = CHILD_GRACE * CLOCK_S,
};
