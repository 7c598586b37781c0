/* listen: the server's role, which skt unix shares. */
#ifndef SKT_COMMANDS_LISTEN_H
#define SKT_COMMANDS_LISTEN_H

#include "commands/context.h"

/* Binds context->endpoint and serves one client, or with --keep-open one after the other. */
int listen_run(struct context *context, struct error *error);

#endif
