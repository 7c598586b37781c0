/* connect: the client's role, which skt unix shares. */
#ifndef SKT_COMMANDS_CONNECT_H
#define SKT_COMMANDS_CONNECT_H

#include "commands/context.h"

/* Dials context->endpoint and pipes standard input and output through the connection. */
int connect_run(struct context *context, struct error *error);

#endif
