/* exchange: a URL to its page: what is asked, what the answer means, and whether that is the end of it. */
#ifndef SKT_COMMANDS_EXCHANGE_H
#define SKT_COMMANDS_EXCHANGE_H

#include "commands/context.h"
#include "commands/output.h"
#include "http/url.h"

/* Fetches the page to `output`, which was prepared, and commits it. -1: error; an answer of 400 or more is one, too
 * (ERROR_HTTP). */
int exchange_run(struct context *context, const struct url *url, struct output *output, struct error *error);

#endif
