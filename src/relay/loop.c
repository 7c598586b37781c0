#include "relay/loop.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "relay/signals.h"

enum { EVENTS = 256 };

void loop_begin(struct loop *loop, int64_t span)
{
	*loop =
	    (struct loop){ .epoll = -1, .signals = -1, .limit = clock_after(clock_now(), span), .limit_span = span };
}

static void enqueue(struct loop *loop, struct machine *machine)
{
	if (machine->queued)
		return;
	machine->queued = true;
	machine->next_ready = NULL;
	machine->previous_ready = loop->last;
	if (loop->last)
		loop->last->next_ready = machine;
	else
		loop->first = machine;
	loop->last = machine;
}

static void dequeue(struct loop *loop, struct machine *machine)
{
	if (!machine->queued)
		return;
	machine->queued = false;
	if (machine->previous_ready)
		machine->previous_ready->next_ready = machine->next_ready;
	else
		loop->first = machine->next_ready;
	if (machine->next_ready)
		machine->next_ready->previous_ready = machine->previous_ready;
	else
		loop->last = machine->previous_ready;
}

void loop_add(struct loop *loop, struct machine *machine)
{
	if (machine->finished)
		return;
	machine->added = true;
	if (!machine->queued)
		loop->turns++; /* in this round still: a wait in between would be for nothing */
	enqueue(loop, machine);
}

void loop_remove(struct loop *loop, struct machine *machine)
{
	if (!machine->added)
		return;
	machine->added = false;
	dequeue(loop, machine);
	(void)timers_set(&loop->timers, machine, CLOCK_NEVER); /* taking out needs no memory */
	for (struct watch *watch = machine->watches; watch; watch = watch->next) {
		if (watch->registered && !machine->closes)
			(void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL); /* a closed one is gone already */
		watch->registered = watch->want = watch->ready = 0;
	}
}

static uint32_t events_of(uint8_t want)
{
	return (want & WATCH_READ ? EPOLLIN | EPOLLRDHUP : 0u) | (want & WATCH_WRITE ? EPOLLOUT : 0u);
}

/* Tells epoll what is wanted now, when that is news. A descriptor nobody waits for is not in the set: hang-ups cannot
 * be masked. */
static int sync_watch(struct loop *loop, struct watch *watch)
{
	struct epoll_event event = { .events = events_of(watch->want), .data.ptr = watch };
	if (watch->want == watch->registered || watch->always)
		return 0;
	int operation = !watch->registered ? EPOLL_CTL_ADD : watch->want ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;
	if (epoll_ctl(loop->epoll, operation, watch->fd, &event)) {
		if (errno != EPERM)
			return -1;
		watch->always = true;
		return 0;
	}
	watch->registered = watch->want;
	watch->epoll = loop->epoll;
	return 0;
}

/* Asks the three questions' first two. */
static int ask(struct loop *loop, struct machine *machine, struct error *error)
{
	bool ready = false;
	machine->kind->interest(machine);
	for (struct watch *watch = machine->watches; watch; watch = watch->next) {
		if (sync_watch(loop, watch))
			return error_system(error, ERROR_UNEXPECTED, errno, "epoll_ctl");
		watch->ready = watch->always ? watch->want & (WATCH_READ | WATCH_WRITE) : 0;
		ready |= watch->ready != 0;
	}
	if (ready)
		enqueue(loop, machine);
	if (timers_set(&loop->timers, machine, machine->kind->deadline(machine)))
		return error_system(error, ERROR_UNEXPECTED, ENOMEM, "timers");
	return 0;
}

static int go_on(struct loop *loop, struct machine *machine, struct error *error)
{
	machine->kind->step(machine);
	if (!machine->finished)
		return ask(loop, machine, error);
	loop_remove(loop, machine);
	if (machine->done)
		machine->done(machine); /* may free it */
	return 0;
}

/* Steps those that are queued now and those that are added meanwhile; who asks for another step has it in the next
 * round. */
static int round_of_steps(struct loop *loop, struct error *error)
{
	loop->turns = 0;
	for (const struct machine *machine = loop->first; machine; machine = machine->next_ready)
		loop->turns++;
	while (loop->turns && loop->first) {
		struct machine *machine = loop->first;
		loop->turns--;
		dequeue(loop, machine);
		if (go_on(loop, machine, error))
			return -1;
	}
	return 0;
}

/* Milliseconds that a wait may last, rounded up so that a deadline is over when it wakes us. */
static int span_of_wait(const struct loop *loop)
{
	const struct machine *first = timers_first(&loop->timers);
	int64_t due = first && first->due < loop->limit ? first->due : loop->limit;
	if (loop->first)
		return 0;
	if (due == CLOCK_NEVER)
		return -1;
	int64_t span = (due - clock_now() + CLOCK_MS - 1) / CLOCK_MS;
	return span < 0 ? 0 : span > 1000000 ? 1000000 : (int)span;
}

static void deliver(struct loop *loop, const struct epoll_event *event)
{
	struct watch *watch = event->data.ptr;
	uint8_t ready = 0;
	if (!watch)
		return; /* the signals' descriptor */
	if (event->events & (EPOLLIN | EPOLLRDHUP))
		ready |= WATCH_READ;
	if (event->events & EPOLLRDHUP)
		ready |= WATCH_END;
	if (event->events & EPOLLOUT)
		ready |= WATCH_WRITE;
	if (event->events & (EPOLLERR | EPOLLHUP))
		ready |= WATCH_READ | WATCH_WRITE | WATCH_BREAK;
	watch->ready |= ready;
	enqueue(loop, watch->owner);
}

static int wait_for_events(struct loop *loop, struct error *error)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(loop->epoll, events, EVENTS, span_of_wait(loop)), number = 0;
	if (n < 0 && errno != EINTR)
		return error_system(error, ERROR_UNEXPECTED, errno, "epoll_wait");
	for (int i = 0; i < n; i++) {
		deliver(loop, &events[i]);
		if (!events[i].data.ptr)
			number = signals_take(loop->signals);
	}
	if (number)
		return error_set(error, ERROR_SIGNAL, number, "ended by signal %d (%s)", number, strsignal(number));
	int64_t now = timers_first(&loop->timers) || loop->limit != CLOCK_NEVER ? clock_now() : 0;
	struct machine *due;
	while ((due = timers_first(&loop->timers)) && due->due <= now) {
		(void)timers_set(&loop->timers, due, CLOCK_NEVER); /* asked anew after its step */
		enqueue(loop, due);
	}
	if (now >= loop->limit)
		return error_set(error, ERROR_TIMEOUT, ETIMEDOUT, "the deadline of %g s for the whole run is over",
				 (double)loop->limit_span / 1e9);
	return 0;
}

static int open_epoll(struct loop *loop)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->signals = signals_open();
	return loop->epoll < 0 || loop->signals < 0 ? -1 : epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->signals, &event);
}

int loop_run(struct loop *loop, struct machine *until, struct error *error)
{
	if (loop->epoll < 0 && open_epoll(loop))
		return error_system(error, ERROR_UNEXPECTED, errno, "epoll");
	while (!until->finished)
		if (round_of_steps(loop, error) || (!until->finished && wait_for_events(loop, error)))
			return -1;
	return 0;
}

void loop_finish(struct loop *loop, struct machine *until, int64_t limit)
{
	struct error ignored;
	int64_t before = loop->limit;
	loop->limit = limit;
	(void)loop_run(loop, until, &ignored);
	loop->limit = before;
}

void loop_end(struct loop *loop)
{
	timers_free(&loop->timers);
	if (loop->epoll >= 0)
		close(loop->epoll);
	if (loop->signals >= 0)
		close(loop->signals);
	loop->epoll = loop->signals = -1;
}
