/* output: where a page goes: standard output, or a file that is never half a page: FILE.part beside it, renamed when
 * complete. What an earlier try left in FILE.part, or a FILE that grew since, can be gone on with. */
#ifndef SKT_COMMANDS_OUTPUT_H
#define SKT_COMMANDS_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "http/validator.h"

struct output {
	char *file;      /* what FILE leads to, links followed; owned; NULL: standard output */
	char *part;      /* FILE.part; owned; NULL: written directly (a device, a FIFO) */
	char shown[200]; /* for messages */
	int fd;          /* -1: not open */
	unsigned mode;   /* of an existing FILE, or 0666 for the umask to trim */
	bool existed;
	/* What can be gone on with: */
	int old;       /* FILE.part (locked) or FILE, open; -1: nothing */
	bool old_part; /* it is FILE.part */
	uint64_t held; /* bytes in it */
	char validator[VALIDATOR_MOST]; /* of the page that they are from; "": not known */
	bool go_on;    /* set before output_open: the page goes behind them */
};

/* Looks at FILE (NULL: standard output) and its folder, with `resume` also at what can be gone on with. One that is not
 * regular is opened at once, before any socket: opening a FIFO waits for its reader. -1: ERROR_LOCAL, nothing is
 * changed. */
int output_prepare(struct output *output, const char *file, bool resume, struct error *error);

/* The page is about to come: FILE.part is opened, empty or, with `go_on`, behind the bytes that are held; those of FILE
 * are copied. -1: ERROR_LOCAL. */
int output_open(struct output *output, struct error *error);

/* Keeps the validator ("": none) of the page, or the one that is held with what is gone on with, with FILE.part, which
 * is open, and so with FILE, where the file system can. */
void output_remember(const struct output *output, const char *validator);

/* In place of output_open: what is held is all of the page already. -1: ERROR_LOCAL. */
int output_whole(struct output *output, struct error *error);

/* The page is complete: FILE.part, if it was opened, takes FILE's place. -1: ERROR_LOCAL, FILE is as it was. */
int output_commit(struct output *output, struct error *error);

/* Gives all back; without a commit FILE.part stays. */
void output_close(struct output *output);

#endif
