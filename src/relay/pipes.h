/* pipes: the pipes through which splice(2) moves what has no pipe at either end. Where many flows need one now and then
 * they share a pool: a pipe is taken when bytes come and given back, empty, when none are left. */
#ifndef SKT_RELAY_PIPES_H
#define SKT_RELAY_PIPES_H

#include <stdbool.h>
#include <stddef.h>

enum { PIPES_KEPT = 16 };

struct pipes {
	int kept[PIPES_KEPT][2];
	size_t count;
	size_t open, most; /* pipes there are, kept or taken, and may be; most 0: no limit */
};

/* A pipe into `pipe`, non-blocking, close-on-exec, with room for `size` bytes where the user's limits allow (pipe(7)).
 * The pool may be NULL: it is made anew then. -1 with errno. */
int pipes_take(struct pipes *pool, int pipe[2], size_t size);

/* Gives a pipe back (to no pool, or when it is not empty: closes it): pipe[] becomes -1, -1. Harmless when there is
 * none. */
void pipes_give(struct pipes *pool, int pipe[2], bool empty);

/* Makes a pipe larger, as far as allowed: its writer is woken less often. */
void pipes_grow(int fd, size_t size);

/* Closes what the pool keeps. */
void pipes_free(struct pipes *pool);

#endif
