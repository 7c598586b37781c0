/* ready: the news that a server is ready, for --ready-fd and --ready-file. */
#ifndef SKT_COMMANDS_READY_H
#define SKT_COMMANDS_READY_H

#include "commands/context.h"
#include "net/serve.h"

/* Writes a line for each socket of the server, "ADDRESS PORT" or the path of a unix socket, where the settings ask for
 * it. -1: error. */
int ready_tell(const struct context *context, const struct server *server, struct error *error);

#endif
