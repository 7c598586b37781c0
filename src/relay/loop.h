/* loop: the only wait in the program. Holds machines (base/watch.h), asks each what it waits for and until when, and
 * lets it go on. epoll, level-triggered; the kernel is told only of changes. Files that epoll refuses are always ready.
 */
#ifndef SKT_RELAY_LOOP_H
#define SKT_RELAY_LOOP_H

#include "base/error.h"
#include "base/watch.h"
#include "relay/timers.h"

struct loop {
	int epoll; /* -1 until the first wait, so that a plain connect needs none before its socket */
	struct timers timers;
	struct machine *first, *last; /* to be stepped in the next round */
	size_t turns;                 /* steps left in this round */
	int64_t limit;                /* of the whole run (--deadline), or CLOCK_NEVER */
	int64_t limit_span;           /* the same as a span, for the message */
	int signals;                  /* relay/signals.h; -1 until the first wait */
};

/* `span`: nanoseconds for the whole run, or CLOCK_NEVER. */
void loop_begin(struct loop *loop, int64_t span);

/* The machine takes part from now on; it is stepped once at the next round. A finished one is not taken. */
void loop_add(struct loop *loop, struct machine *machine);

/* Takes the machine out; its watches are no longer in the epoll set. Harmless when it is not in. */
void loop_remove(struct loop *loop, struct machine *machine);

/* Runs until `until` (which is in the loop, or finished) has finished; it is out of the loop then. -1: a signal came
 * (ERROR_SIGNAL), the limit of the whole run is over (ERROR_TIMEOUT) or the kernel refused to wait (ERROR_UNEXPECTED);
 * all machines are still in then. */
int loop_run(struct loop *loop, struct machine *until, struct error *error);

/* As loop_run, but until this clock time in place of the limit of the whole run; whatever else ends it is told nobody.
 * For what may still end after something else has ended the run. */
void loop_finish(struct loop *loop, struct machine *until, int64_t limit);

void loop_end(struct loop *loop);

#endif
