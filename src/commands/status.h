/* status: the exit statuses, one table for the program, the man pages and the test that compares them. */
#ifndef SKT_COMMANDS_STATUS_H
#define SKT_COMMANDS_STATUS_H

#include <stddef.h>

#include "base/error.h"

struct status_row {
	enum error_class class;
	int status;
	const char *word; /* the class in --json */
	const char *meaning;
};

extern const struct status_row status_rows[];
extern const size_t status_rows_count;

/* What skt exits with for this error (ERROR_NONE: 0). */
int status_of(const struct error *error);

/* The word of a class. */
const char *status_word(enum error_class class);

#endif
