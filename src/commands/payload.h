/* payload: all of standard input, as one datagram of a scan. */
#ifndef SKT_COMMANDS_PAYLOAD_H
#define SKT_COMMANDS_PAYLOAD_H

#include "base/buffer.h"
#include "commands/context.h"

/* Appends standard input to its end; the loop's limits and signals count meanwhile. -1: ERROR_LOCAL where it fails or
 * holds more than `most` bytes, or the loop's error. */
int payload_read(struct context *context, struct buffer *bytes, size_t most, struct error *error);

#endif
