/* words: the positional words of a command line as an endpoint. */
#ifndef SKT_COMMANDS_WORDS_H
#define SKT_COMMANDS_WORDS_H

#include "commands/context.h"

enum { WORDS_DATAGRAM_MOST = 65527 }; /* of --max-datagram, where lengths have 16 bits */

/* HOST PORT, HOST:PORT or [v6]:PORT, and with `bind` also PORT alone, into context->endpoint, with the triple of the
 * settings. Literals and numbers are checked, names are not looked up. -1: ERROR_USAGE. */
int words_endpoint(struct context *context, bool bind, struct error *error);

/* The word of --forward, HOST:PORT or unix:PATH, into context->upstream. */
int words_upstream(struct context *context, const char *word, struct error *error);

/* --source and --source-port, checked like the words. */
int words_source(struct context *context, struct error *error);

/* The triple of the settings and the command, checked; `same_type`: streams and datagrams must not be exchanged. */
int words_triple(struct context *context, bool same_type, struct error *error);

/* PATH likewise. */
int words_path(struct context *context, struct error *error);

#endif
