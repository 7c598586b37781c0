/* chat: the service of a crowd (crowd.h) in which what one says all others get: --broker. Standard input and output are
 * a member too. */
#ifndef SKT_COMMANDS_CHAT_H
#define SKT_COMMANDS_CHAT_H

#include "commands/crowd.h"

extern const struct service chat_service;

#endif
