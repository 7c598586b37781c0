/* confine: the sandbox (base/sandbox.h), for runs that can do without what it takes away. */
#ifndef SKT_COMMANDS_CONFINE_H
#define SKT_COMMANDS_CONFINE_H

#include "commands/context.h"

/* All that this run needs is open, or can be had from inside: enters the sandbox, once a run, unless --no-sandbox or
 * what is to be done speaks against it. Tells what held under --verbose, and what did not under --trace; a kernel that
 * lacks it is no error. */
void confine_enter(struct context *context);

#endif
