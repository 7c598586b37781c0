/* pump: the settings as a session in the loop. */
#ifndef SKT_COMMANDS_PUMP_H
#define SKT_COMMANDS_PUMP_H

#include "commands/context.h"
#include "relay/session.h"

/* Pipes standard input and output through a connected stream by the settings, and closes it. -1: error, with what could
 * be delivered delivered. `serving`: the descriptor came from a listener. */
int pump_stream(struct context *context, int fd, const struct triple *triple, bool serving, struct error *error);

/* Runs a session that was begun; it is out of the loop afterwards, whatever happened. */
int pump_session(struct context *context, struct session *session, struct error *error);

/* The idle limit: --idle-timeout, or -w. */
int64_t pump_idle(const struct settings *settings);

#endif
