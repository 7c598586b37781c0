/* signals: SIGINT, SIGTERM and SIGHUP come through the loop, as a descriptor (signalfd(2)): neither a blocked wait nor
 * a busy round misses one, and no handler or global is needed. */
#ifndef SKT_RELAY_SIGNALS_H
#define SKT_RELAY_SIGNALS_H

/* Has the ending signals wait for signals_open(), which tells of those that came meanwhile: for whoever makes what has
 * to be undone in order before the loop runs. -1 with errno. */
int signals_hold(void);

/* Blocks the ending signals (one that is ignored already, as under nohup, stays ignored) and ignores SIGPIPE and
 * SIGXFSZ: writes tell (EPIPE, EFBIG). Returns the descriptor that tells of them, or -1 with errno. */
int signals_open(void);

/* The next signal that came, or 0. */
int signals_take(int fd);

#endif
