/* stats: the account of a run that --stats asks for, as a sentence and as JSON. */
#ifndef SKT_COMMANDS_STATS_H
#define SKT_COMMANDS_STATS_H

#include "commands/report.h"
#include "net/info.h"
#include "relay/session.h"

struct stats {
	uint64_t bytes_sent, bytes_received;
	uint64_t datagrams_sent, datagrams_received;
	bool datagrams;       /* they are worth a word */
	uint64_t clients;     /* served; 0: not a server of many */
	int64_t begun, ended; /* clock times */
	struct info info;
	uint64_t page; /* http-get: bytes of the page among bytes_received */
	/* http-get: clock times from `begun` on; 0: not known */
	int64_t looked_up, connected, first_byte;
};

/* Bytes that the far end was sent, by whichever flow. */
uint64_t stats_sent(const struct session *session);

/* Adds what a session moved. Before session_end. */
void stats_add(struct stats *stats, const struct session *session);

void stats_report(const struct stats *stats, const struct report *report);

#endif
