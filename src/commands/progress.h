/* progress: the live line of --progress on standard error: bytes, rate, a sparkline of the rate, and share and time
 * left where the size is known. A machine beside the session that it watches. */
#ifndef SKT_COMMANDS_PROGRESS_H
#define SKT_COMMANDS_PROGRESS_H

#include "base/watch.h"
#include "relay/session.h"

enum { PROGRESS_RATES = 16 };

struct progress {
	struct machine machine;
	const struct session *session;
	const uint64_t *expected; /* bytes that will come from the peer, 0 while that is not known */
	uint64_t to_send;         /* bytes that will be sent, 0: not known */
	bool unicode;
	bool drawn; /* there is a line on the terminal */
	int64_t next;
	uint64_t before; /* bytes at the last drawing */
	int64_t before_at;
	double rates[PROGRESS_RATES]; /* bytes a second, oldest first */
	size_t count;
};

/* Begins to watch; the machine is for the session's loop. */
void progress_start(struct progress *progress, const struct session *session, const uint64_t *expected);

/* Takes the line away, for another line or for good. */
void progress_clear(struct progress *progress);

#endif
