/* scan: which ports of a host are open (connect --scan). */
#ifndef SKT_COMMANDS_SCAN_H
#define SKT_COMMANDS_SCAN_H

#include "commands/context.h"

/* Checks what --scan asks for, once the words are read. -1: ERROR_USAGE. */
int scan_check(struct context *context, struct error *error);

/* Asks all ports of context->endpoint and writes a line each to standard output, in their order. -1: error; its class
 * is that of the first port that is not open. */
int scan_run(struct context *context, struct error *error);

#endif
