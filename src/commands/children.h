/* children: a server of many clients at a time, a process for each (program.h). */
#ifndef SKT_COMMANDS_CHILDREN_H
#define SKT_COMMANDS_CHILDREN_H

#include "commands/context.h"
#include "net/serve.h"

/* Serves, and closes the server in the end, until --clients are served, a limit is over or a signal comes. How a
 * command ends is no error of ours; one that cannot be started is told, and its client reset. */
int children_run(struct context *context, struct server *server, struct error *error);

#endif
