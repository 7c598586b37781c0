/* proxying: --proxy and --proxy-auth-file, and the way through such a proxy. */
#ifndef SKT_COMMANDS_PROXYING_H
#define SKT_COMMANDS_PROXYING_H

#include "commands/context.h"
#include "commands/open.h"

/* Fills context->proxy from the settings, whose triple is known already; without --proxy its kind is PROXY_NONE. -1:
 * ERROR_USAGE, or ERROR_LOCAL for a file that cannot be read. */
int proxying_check(struct context *context, struct error *error);

/* Has every dial go through the proxy to `host`, if the proxy can be asked for it. -1: ERROR_USAGE. */
int proxying_tunnel(struct context *context, const char *host, struct error *error);

/* The socket that was opened to the proxy becomes one to context->endpoint, by the limit of the plan. -1: error; the
 * socket is closed then. */
int proxying_open(struct context *context, const struct dial_plan *plan, const struct opened *opened,
		  struct error *error);

/* The proxy could not be reached: has the error say that it is the proxy. Returns -1. */
int proxying_blame(const struct context *context, struct error *error);

void proxying_free(struct context *context);

#endif
