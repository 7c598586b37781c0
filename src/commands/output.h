/* output: where a page goes: standard output, or a file that is never half a page: FILE.part beside it, renamed when
 * complete. */
#ifndef SKT_COMMANDS_OUTPUT_H
#define SKT_COMMANDS_OUTPUT_H

#include <stdbool.h>

#include "base/error.h"

struct output {
	char *file;      /* what FILE leads to, links followed; owned; NULL: standard output */
	char *part;      /* FILE.part; owned; NULL: written directly (a device, a FIFO) */
	char shown[200]; /* for messages */
	int fd;          /* -1: not open */
	unsigned mode;   /* of an existing FILE, or 0666 for the umask to trim */
	bool existed;
};

/* Looks at FILE (NULL: standard output). One that is not regular is opened at once, before any socket: opening a FIFO
 * waits for its reader. -1: ERROR_LOCAL, nothing is changed. */
int output_prepare(struct output *output, const char *file, struct error *error);

/* The page is about to come: FILE.part is opened, empty. -1: ERROR_LOCAL. */
int output_open(struct output *output, struct error *error);

/* The page is complete: FILE.part takes FILE's place. -1: ERROR_LOCAL, FILE is as it was. */
int output_commit(struct output *output, struct error *error);

/* Gives all back; without a commit FILE.part stays. */
void output_close(struct output *output);

#endif
