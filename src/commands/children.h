/* children: the service of a crowd (crowd.h) that starts a process for each client: --exec, -- COMMAND. How a command
 * ends is no error of ours. */
#ifndef SKT_COMMANDS_CHILDREN_H
#define SKT_COMMANDS_CHILDREN_H

#include "commands/crowd.h"

extern const struct service children_service;

#endif
