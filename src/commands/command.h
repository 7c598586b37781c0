/* command: the table of subcommands. A new one is a file with a row, and a line here and in command.c. */
#ifndef SKT_COMMANDS_COMMAND_H
#define SKT_COMMANDS_COMMAND_H

#include "commands/context.h"

extern const struct command *const command_rows[]; /* NULL ends them */
extern const struct command connect_command, listen_command, udp_send_command, udp_recv_command, unix_command,
    http_get_command;

/* All of a run: argv as main got it. The exit status. */
int command_main(int argc, char **argv);

#endif
