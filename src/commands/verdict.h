/* verdict: what a scan says of its ports: the words, and which port the exit status is about. */
#ifndef SKT_COMMANDS_VERDICT_H
#define SKT_COMMANDS_VERDICT_H

#include "commands/probe.h"

struct verdict {
	const struct triple *triple; /* of the scan */
	uint32_t asked, open;        /* ports */
	/* The one that the status is about, and why: */
	uint32_t port;
	enum probe_state state;
	struct error error;
};

/* "open", for a port that has its outcome. */
const char *verdict_state(enum probe_state state);

/* "tcp" */
const char *verdict_protocol(const struct triple *triple);

/* Counts an outcome in. */
void verdict_note(struct verdict *verdict, const struct probe *probe);

/* 0: all are open. -1: error, of the first port that is not; with datagrams a closed one counts before all others. */
int verdict_judge(const struct verdict *verdict, struct error *error);

#endif
