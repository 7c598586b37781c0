/* frames: what the options of datagrams ask for, checked. */
#ifndef SKT_COMMANDS_FRAMES_H
#define SKT_COMMANDS_FRAMES_H

#include "commands/context.h"
#include "relay/framing.h"

/* The options of datagrams against each other and against what a datagram to the endpoint can hold, as far as its words
 * tell. -1: ERROR_USAGE. */
int frames_check(struct context *context, struct error *error);

#endif
