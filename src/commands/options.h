/* options: the shared groups of option rows; a command lists the groups that make sense for it. */
#ifndef SKT_COMMANDS_OPTIONS_H
#define SKT_COMMANDS_OPTIONS_H

#include "cli/option.h"

extern const struct option_group options_say, options_triple, options_udp, options_pipe, options_progress,
    options_limits, options_limits_of_sender, options_accept_limit, options_socket, options_socket_tcp,
    options_socket_many, options_connect, options_retry, options_serve, options_serve_ready, options_serve_many,
    options_serve_unix, options_serve_access, options_datagram_out, options_datagram_in, options_datagram_both,
    options_command, options_http, options_http_retry, options_scan, options_proxy, options_pass, options_sandbox;

/* The words of --type. */
extern const struct option_word options_types[];

/* N or "forever", for .take of a row. */
int options_take_retry(const char *word, void *field, struct error *error);

/* Conflicts and needs that hold wherever both options exist. */
extern const struct option_rule options_rules[], options_http_rules[];

/* What other tools call it. */
extern const struct option_habit options_habits_connect[], options_habits_listen[], options_habits_unix[],
    options_habits_udp_send[], options_habits_udp_recv[], options_habits_http[];

/* Those of --exec and -- COMMAND, for the commands that run one. */
extern const struct option_rule options_command_rules[];

/* Those of --proxy, and of --pass-fd. */
extern const struct option_rule options_proxy_rules[], options_pass_rules[];

/* Those of servers. */
extern const struct option_rule options_serve_rules[];

/* Those of --scan. */
extern const struct option_rule options_scan_rules[];

#endif
