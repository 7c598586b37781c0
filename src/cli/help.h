/* help: what --help prints and what the shells complete, from the rows. */
#ifndef SKT_CLI_HELP_H
#define SKT_CLI_HELP_H

#include "base/buffer.h"
#include "cli/option.h"

/* Appends the help of one command: usage line, summary, a section a group with a line an option (at most 100 columns;
 * a long option text gets its help on the next line), words of OPTION_WORD rows named. -1: out of memory. */
int help_command(struct buffer *out, const struct syntax *syntax);

/* Appends the completion script of a shell ("bash", "zsh", "fish") for all n commands, with the extra words that take
 * no options ("help", "completion"): command names, option names, the words of OPTION_WORD rows, file names after
 * options whose argument word is FILE or PATH. -1: out of memory, or (errno EINVAL) a shell that is not known. */
int help_completion(struct buffer *out, const char *shell, const struct syntax *const *commands, size_t n);

/* The shells that help_completion knows, NULL-terminated. */
extern const char *const help_shells[];

#endif
