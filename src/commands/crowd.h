/* crowd: a server of many clients at a time, all in the one loop of one process: --forward, --echo, --discard. */
#ifndef SKT_COMMANDS_CROWD_H
#define SKT_COMMANDS_CROWD_H

#include "commands/context.h"
#include "net/serve.h"

/* Checks and takes --forward's word into context->upstream. -1: ERROR_USAGE. */
int crowd_check(struct context *context, struct error *error);

/* Whether the settings ask for a server of many. */
bool crowd_wanted(const struct settings *settings);

/* Serves, and closes the server in the end, until --clients are served, the run's limit is over or a signal comes. The
 * error of a client is told, and its own. */
int crowd_run(struct context *context, struct server *server, struct error *error);

#endif
