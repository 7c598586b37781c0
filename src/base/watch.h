/* watch: one descriptor that a machine waits for, and machine: anything that waits (a dial, a listener, a session).
 * A machine answers three questions for the loop (relay/loop.c): what do you wait for (it sets `want` in its watches),
 * until when (deadline), and: go on (step). What it waits for is computed after each step, never edited.
 * Here, and not beside the loop, so that net/ can have machines without knowing relay/. */
#ifndef SKT_BASE_WATCH_H
#define SKT_BASE_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	WATCH_NOTHING = 0,
	WATCH_READ = 1,
	WATCH_WRITE = 2,
	WATCH_END = 8,   /* in `ready`: what lies there is the last, the other side has said its end */
	WATCH_BREAK = 4, /* only the end of the other side (EPOLLERR, EPOLLHUP): the reader of a pipe went away */
};

struct machine;

struct watch {
	struct machine *owner;
	struct watch *next; /* the owner's further watches */
	int fd;
	uint8_t want;  /* what the owner waits for now; set by its `interest` */
	uint8_t ready; /* what came since the last step; WATCH_BREAK beside the others on error or hang-up */
	/* The loop's own: */
	uint8_t registered; /* what epoll was told; 0: not in the set */
	bool always;        /* epoll refuses such descriptors (regular files): always ready */
	int epoll;          /* valid while registered */
};

struct machine_kind {
	const char *name;
	void (*interest)(struct machine *machine);          /* sets `want` in every watch */
	int64_t (*deadline)(const struct machine *machine); /* clock_now() time, or CLOCK_NEVER */
	void (*step)(struct machine *machine);              /* a watch is ready, the deadline has come, or just added */
};

struct machine {
	const struct machine_kind *kind;
	struct watch *watches;
	/* The step said that this machine is done: the loop calls it, once, instead of asking the questions again. The
	 * machine may be freed there. NULL: the one who runs the loop looks at `finished`. */
	void (*done)(struct machine *machine);
	void *owner;   /* for `done` */
	bool closes;   /* `done` closes all the descriptors: no need to take each out of the epoll set before */
	bool finished; /* set by step: nothing more is waited for */
	/* The loop's own: */
	bool queued, added;
	struct machine *previous_ready, *next_ready;
	int64_t due;
	size_t timer; /* place in the heap of timers + 1; 0: none */
};

/* Puts an open descriptor into the machine's list; nothing is waited for yet. */
void watch_add(struct machine *machine, struct watch *watch, int fd);

/* Takes the descriptor out of the list and of the epoll set. Must come before its close(2). Harmless when not added. */
void watch_remove(struct machine *machine, struct watch *watch);

#endif
