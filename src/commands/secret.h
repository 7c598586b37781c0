/* secret: "user:pass" from a file, so that it need not stand on a command line that everyone can read. */
#ifndef SKT_COMMANDS_SECRET_H
#define SKT_COMMANDS_SECRET_H

#include "cli/option.h"
#include "net/md5.h"

/* Reads the one line of the file; its newline does not belong to it. *secret is the caller's to free. -1: ERROR_LOCAL
 * for a file that cannot be read, ERROR_USAGE for one that holds something else. `option` names it ("--auth-file"). */
int secret_read(const struct syntax *syntax, const char *option, const char *path, char **secret, struct error *error);

/* The key of --md5-file, the one line of the file without its newline, of 1 to 80 bytes; without the option an empty one.
 * -1: as secret_read. */
int secret_md5(const struct syntax *syntax, const char *path, struct md5_key *key, struct error *error);

#endif
