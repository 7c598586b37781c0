/* values: the word behind an option into the field of the settings, by the kind of its row. For parse.c. */
#ifndef SKT_CLI_VALUES_H
#define SKT_CLI_VALUES_H

#include "cli/option.h"

/* Reads `word` into the row's field of *settings. word is NULL where the row takes none, or an optional one is
 * missing: only OPTION_FLAG, OPTION_SET and OPTION_CUSTOM do something then. -1 fills error->text with what is wrong
 * with the word, to be put behind it ("is not a number from 1 to 255"); the field is left alone then (OPTION_CUSTOM: as
 * its take does). */
int values_read(const struct option *row, const char *word, void *settings, struct error *error);

#endif
