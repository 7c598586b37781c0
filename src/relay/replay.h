/* replay: a source that is gone through several times (--repeat). Its first pass is read as it comes and kept in
 * memory, up to a limit; a file beyond that is read again from where it began. */
#ifndef SKT_RELAY_REPLAY_H
#define SKT_RELAY_REPLAY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "relay/end.h"

enum { REPLAY_KEPT = 64 * 1024 * 1024 }; /* bytes of a source that are kept at most */

struct replay {
	uint64_t passes;    /* still to come, the present one not counted; 0: nothing is kept */
	bool again;         /* the first pass is over: no need to wait for the source */
	bool seamless;      /* a pass ends where a record does: the next may follow it in one read */
	bool beyond;        /* the source is longer than what may be kept */
	off_t start;        /* where it began, if it is a file; -1 */
	struct buffer kept; /* all of it so far, unless `beyond` */
	size_t at;          /* of `kept`, what the present pass reads next */
};

/* All of this source is to be had so many times in total (>= 1), from where it stands now. */
void replay_begin(struct replay *replay, const struct end *source, uint64_t passes);

/* As end_read, 0 at the end of each pass. -1 with ESPIPE: the source is no file and longer than what may be kept. */
ssize_t replay_read(struct replay *replay, const struct end *source, char *bytes, size_t n);

/* Behind the end of a pass: 1 another one begins, 0 it was the last, -1 the source cannot be read again (errno). */
int replay_again(struct replay *replay, const struct end *source);

void replay_free(struct replay *replay);

#endif
