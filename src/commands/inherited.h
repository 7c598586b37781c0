/* inherited: --inherit: the sockets that were passed to us, as far as they fit what is to be done with them. */
#ifndef SKT_COMMANDS_INHERITED_H
#define SKT_COMMANDS_INHERITED_H

#include "commands/context.h"
#include "net/serve.h"

/* Takes them over (net/inherit.h). -1: ERROR_BIND for sockets that cannot be served, ERROR_USAGE for options that do
 * not fit them. */
int inherited_open(const struct context *context, struct server *server, struct error *error);

#endif
