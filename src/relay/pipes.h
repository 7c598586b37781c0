/* pipes: the pipes through which splice(2) moves what has no pipe at either end. */
#ifndef SKT_RELAY_PIPES_H
#define SKT_RELAY_PIPES_H

#include <stdbool.h>
#include <stddef.h>

/* A pipe of our own into `pipe`, non-blocking, close-on-exec, with room for `size` bytes where the user's limits allow
 * (pipe(7)). -1 with errno. */
int pipes_take(int pipe[2], size_t size);

/* Gives it back: pipe[] becomes -1, -1. */
void pipes_give(int pipe[2]);

/* Makes a pipe that is not ours larger, as far as allowed: its writer is woken less often. */
void pipes_grow(int fd, size_t size);

#endif
