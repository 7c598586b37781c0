#include "commands/child.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "commands/environment.h"

enum { LOOK = 20 };  /* milliseconds between two looks at a process that has no descriptor */
enum { BURST = 16 }; /* reads a step */

static void interest(struct machine *machine)
{
	struct child *child = (struct child *)machine;
	child->process.want = child->reaped ? WATCH_NOTHING : WATCH_READ;
	child->socket.want = WATCH_READ;
}

static int64_t deadline(const struct machine *machine)
{
	return ((const struct child *)machine)->look;
}

/* The command is no more. Others of its group may have the socket still: theirs to end. */
static void say_goodbye(struct child *child)
{
	bool others = !kill(-child->pid, 0);
	child->machine.finished =
	    child->fd < 0 || child->cut || others || trace_shutdown(child->trace, child->fd, SHUT_WR);
	child->look = clock_after(clock_now(), CHILD_GRACE * CLOCK_S);
	if (!child->machine.finished)
		watch_add(&child->machine, &child->socket, child->fd);
}

/* Until the client's own end, an error or the end of our patience. */
static void take_unread(struct child *child)
{
	char dropped[16384];
	ssize_t n = 1;
	for (int i = 0; i < BURST && n > 0; i++)
		n = recv(child->fd, dropped, sizeof dropped, MSG_DONTWAIT);
	bool more = n > 0 || (n < 0 && errno == EAGAIN);
	child->machine.finished = !more || child->cut || clock_now() >= child->look;
}

static void step(struct machine *machine)
{
	struct child *child = (struct child *)machine;
	if (!child->reaped) {
		pid_t ended = waitpid(child->pid, &child->outcome, WNOHANG);
		child->reaped = ended == child->pid || (ended < 0 && errno != EINTR);
		if (child->look != CLOCK_NEVER)
			child->look = clock_after(clock_now(), LOOK * CLOCK_MS);
		if (child->reaped)
			say_goodbye(child);
	}
	if (child->reaped && !machine->finished)
		take_unread(child);
}

/* pidfd_open(2) is of Linux 5.3, and costs a descriptor: without one the clock does. */
static void watch_process(struct child *child)
{
	int fd = -1;
#ifdef SYS_pidfd_open
	fd = (int)syscall(SYS_pidfd_open, child->pid, 0); /* close-on-exec; musl and old glibc have no function */
#endif
	if (fd >= 0)
		watch_add(&child->machine, &child->process, fd);
	child->look = fd >= 0 ? CLOCK_NEVER : clock_now();
}

int child_check(struct context *context, bool serving, struct error *error)
{
	const struct syntax *syntax = &context->command->syntax;
	const struct endpoint *endpoint = &context->endpoint;
	const char *exec = context->settings->exec, *asked = exec ? "--exec" : "-- COMMAND";
	if (!exec && !context->arguments->command)
		return 0;
	if (serving && !triple_has_end(&endpoint->triple))
		return parse_refuse(syntax, error, "'%s' is for clients, and datagrams have none", asked);
	bool nowhere = !endpoint->host && !endpoint->path && !context->settings->inherit;
	if (serving && nowhere && !gate_chooses(context))
		return parse_refuse(syntax, error,
				    "'%s' needs a HOST or --allow: no command is offered to the whole network by accident "
				    "(127.0.0.1, or :: and 0.0.0.0 for everybody)",
				    asked);
	return program_find(&context->program, exec, context->arguments->command, error);
}

/* Where a unix socket listens, as the user wrote it, or as the kernel knows it of one that was inherited. */
static const char *local_path(const struct context *context, const struct opened *socket,
			      char shown[static ADDRESS_TEXT])
{
	struct address local;
	if (socket->triple.family != AF_UNIX || context->endpoint.path)
		return context->endpoint.path;
	address_local(socket->fd, &local);
	return local.length > sizeof local.un.sun_family ? address_host(shown, &local) : NULL;
}

int child_start(struct child *child, struct context *context, const struct opened *socket, bool serving,
		struct error *error)
{
	static const struct machine_kind kind = { "child", interest, deadline, step };
	char shown[ADDRESS_TEXT];
	const char *path = serving ? local_path(context, socket, shown) : NULL;
	struct environment environment;
	*child =
	    (struct child){ .machine.kind = &kind, .peer = socket->peer, .fd = -1, .trace = &context->report.trace };
	if (environment_make(&environment, socket->fd, &socket->triple, &socket->peer, path))
		return error_system(error, ERROR_UNEXPECTED, ENOMEM, "environment");
	int result = program_start(&context->program, socket->fd, environment.all, serving, &child->pid, error);
	environment_free(&environment);
	if (result)
		return -1;
	if (serving)
		child->fd = socket->fd;
	else
		(void)trace_close(child->trace, socket->fd); /* the command has its own copies */
	watch_process(child);
	return 0;
}

void child_stop(struct child *child)
{
	int fd = child->process.fd;
	bool watched = child->process.owner;
	watch_remove(&child->machine, &child->process);
	watch_remove(&child->machine, &child->socket);
	if (watched)
		(void)close(fd); /* nothing was written to it */
	if (child->fd >= 0)
		(void)trace_close(child->trace, child->fd); /* nor here */
	child->fd = -1;
}

void child_tell(const struct child *child, const struct report *report)
{
	char host[ADDRESS_TEXT], shown[ADDRESS_TEXT];
	bool killed = WIFSIGNALED(child->outcome);
	int number = killed ? WTERMSIG(child->outcome) : WEXITSTATUS(child->outcome);
	sa_family_t family = child->peer.any.sa_family;
	bool has_port = family != AF_UNIX && family != AF_UNSPEC;
	const struct report_field fields[] = { { "address", .text = address_host(host, &child->peer) },
					       { "port",
						 .number = has_port ? address_port(&child->peer) : REPORT_NULL },
					       { "pid", .number = (uint64_t)child->pid },
					       { killed ? "signal" : "status", .number = (uint64_t)number } };
	if (report->verbose)
		report_event(report, "closed", fields, sizeof fields / sizeof fields[0], "closed %s: the command %s %d",
			     address_show(shown, &child->peer), killed ? "was ended by signal" : "ended with status",
			     number);
}

/* We go before the command does: it hears why, and has a moment, which a further signal cuts short. A signal that came
 * to us it gets as it is, and all the time it takes. */
static void pass_on(struct context *context, struct child *child, const struct error *why)
{
	struct loop *loop = &context->loop;
	bool signal = why->class == ERROR_SIGNAL;
	int64_t limit = signal ? loop->limit : clock_after(clock_now(), CHILD_GRACE * CLOCK_S);
	if (!kill(child->pid, signal ? why->number : SIGTERM))
		loop_finish(loop, &child->machine, limit); /* what brought us here is told */
}

int child_run(struct context *context, const struct opened *socket, struct error *error)
{
	struct child child;
	struct path_claim claim = socket->claim;
	if (child_start(&child, context, socket, false, error)) {
		open_close(context, socket);
		return -1;
	}
	loop_add(&context->loop, &child.machine);
	int result = loop_run(&context->loop, &child.machine, error);
	if (result)
		pass_on(context, &child, error);
	loop_remove(&context->loop, &child.machine);
	child_stop(&child);
	path_release(&claim); /* the name was the command's as long as it ran */
	if (child.machine.finished)
		child_tell(&child, &context->report);
	if (result || !child.outcome)
		return result;
	int status = WIFSIGNALED(child.outcome) ? 128 + WTERMSIG(child.outcome) : WEXITSTATUS(child.outcome);
	return error_set(error, ERROR_STATUS, status, "the command failed");
}
