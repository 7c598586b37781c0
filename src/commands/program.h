/* program: the command of --exec and `-- COMMAND`, found before any socket opens and started for a socket. */
#ifndef SKT_COMMANDS_PROGRAM_H
#define SKT_COMMANDS_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

enum { PROGRAM_PATH = 4096 };

struct program {
	char *const *words; /* its name and arguments; NULL: no command was asked for */
	char path[PROGRAM_PATH];
	char *shell[4]; /* the words of --exec */
};

/* Finds what is to be run: `exec` by /bin/sh, or else `command`, looked for in PATH as execvp(3) does; both NULL: none.
 * -1: ERROR_NOT_FOUND, or ERROR_CANNOT_EXECUTE for what is there but cannot be executed. */
int program_find(struct program *program, const char *exec, char **command, struct error *error);

/* Starts it with fd, made blocking, as standard input and output, with default signal dispositions and an empty mask;
 * `group`: in a process group of its own. fd stays the caller's to close. -1: error. */
int program_start(const struct program *program, int fd, char *const *environment, bool group, pid_t *pid,
		  struct error *error);

#endif
