/* pass: --pass-fd: the connected socket is handed to whoever holds the other end of standard output. */
#ifndef SKT_COMMANDS_PASS_H
#define SKT_COMMANDS_PASS_H

#include "commands/context.h"
#include "commands/open.h"

/* Whether standard output is a unix socket, where that is wanted. -1: ERROR_LOCAL. */
int pass_check(const struct context *context, struct error *error);

/* Hands the socket over, made blocking, with one NUL byte (SCM_RIGHTS, unix(7); ProxyUseFdpass of ssh_config(5) takes it
 * so), and closes ours. -1: error. */
int pass_run(struct context *context, const struct opened *opened, struct error *error);

#endif
