#include "commands/payload.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "relay/end.h"

enum { PIECE = 16384 };

struct gather {
	struct machine machine; /* first */
	struct end in;
	struct buffer *bytes;
	size_t most;
	struct error error;
};

static void step(struct machine *machine)
{
	struct gather *gather = (struct gather *)machine;
	while (!machine->finished) {
		if (buffer_reserve(gather->bytes, PIECE)) {
			(void)error_system(&gather->error, ERROR_UNEXPECTED, ENOMEM, "standard input");
			machine->finished = true;
			return;
		}
		ssize_t got = end_read(&gather->in, buffer_tail(gather->bytes), PIECE);
		if (got < 0 && errno == EAGAIN)
			return;
		if (got < 0)
			(void)end_failed(&gather->in, false, errno, &gather->error);
		else
			buffer_added(gather->bytes, (size_t)got);
		if (buffer_held(gather->bytes) > gather->most)
			(void)error_set(&gather->error, ERROR_LOCAL, EMSGSIZE,
					"standard input is longer than a datagram can be (%zu bytes)", gather->most);
		machine->finished = got <= 0 || gather->error.class != ERROR_NONE;
	}
}

static void interest(struct machine *machine)
{
	((struct gather *)machine)->in.watch.want = WATCH_READ;
}

static int64_t deadline(const struct machine *machine)
{
	(void)machine;
	return CLOCK_NEVER;
}

int payload_read(struct context *context, struct buffer *bytes, size_t most, struct error *error)
{
	static const struct machine_kind kind = { "payload", interest, deadline, step };
	struct gather gather = { .machine.kind = &kind, .bytes = bytes, .most = most };
	end_open(&gather.in, STDIN_FILENO, END_FOR_READING, "standard input");
	if (gather.in.kind == END_CLOSED) {
		end_close(&gather.in); /* nothing to read, as from /dev/null */
		return 0;
	}
	end_fasten(&gather.in, &gather.machine);
	loop_add(&context->loop, &gather.machine);
	int result = loop_run(&context->loop, &gather.machine, error);
	loop_remove(&context->loop, &gather.machine);
	end_close(&gather.in);
	if (result || gather.error.class == ERROR_NONE)
		return result;
	*error = gather.error;
	return -1;
}
