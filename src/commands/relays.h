/* relays: the services of a crowd (crowd.h) that move their clients' bytes: --forward, --echo, --discard. */
#ifndef SKT_COMMANDS_RELAYS_H
#define SKT_COMMANDS_RELAYS_H

#include "commands/crowd.h"

extern const struct service relays_forward, relays_echo, relays_discard;

#endif
