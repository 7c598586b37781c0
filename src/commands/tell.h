/* tell: what skt says of itself on standard output: help, version, completions. */
#ifndef SKT_COMMANDS_TELL_H
#define SKT_COMMANDS_TELL_H

#include "cli/option.h"

/* The help of one command. -1: standard output failed (ERROR_LOCAL). */
int tell_help(const struct syntax *syntax, struct error *error);

/* A command line that names no subcommand: help, --help, --version, completion; everything else, nothing included, is
 * ERROR_USAGE with the nearest word that would do. */
int tell_word(int argc, char **argv, struct error *error);

#endif
