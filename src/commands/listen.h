/* listen: the server's role, which skt unix shares. */
#ifndef SKT_COMMANDS_LISTEN_H
#define SKT_COMMANDS_LISTEN_H

#include "commands/context.h"

/* Binds context->endpoint and serves one client, or with --keep-open one after the other. */
/* What a server of context->endpoint cannot do: -1, ERROR_USAGE; and takes the word of --forward and the command. */
int listen_check(struct context *context, struct error *error);

int listen_run(struct context *context, struct error *error);

#endif
