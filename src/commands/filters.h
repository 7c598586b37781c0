/* filters: the settings that change bytes on their way, as chains in the two flows of a session. */
#ifndef SKT_COMMANDS_FILTERS_H
#define SKT_COMMANDS_FILTERS_H

#include "commands/context.h"
#include "relay/filter_crlf.h"
#include "relay/filter_limit.h"
#include "relay/filter_telnet.h"
#include "relay/session.h"

struct filters {
	struct filter_crlf crlf;
	struct filter_telnet telnet_out, telnet_in;
	struct filter_limit limit;
};

/* The words are known: --crlf and --telnet need a stream. -1: ERROR_USAGE. */
int filters_check(struct context *context, struct error *error);

/* Hangs --crlf and --telnet into the flows of a session that was begun, and sets --max-bytes, which counts what is
 * delivered. `filters` must live as long as the session. */
void filters_begin(struct filters *filters, const struct settings *settings, struct session *session);

#endif
