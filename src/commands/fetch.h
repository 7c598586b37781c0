/* fetch: one request and its answer over a connected socket, as a session: the request is what is held, the answer
 * passes a filter that takes the head off and the body out of its framing. */
#ifndef SKT_COMMANDS_FETCH_H
#define SKT_COMMANDS_FETCH_H

#include "commands/context.h"
#include "commands/open.h"
#include "commands/output.h"
#include "http/body.h"
#include "http/head.h"
#include "http/request.h"
#include "relay/session.h"

enum fetch_stage { FETCH_HEAD, FETCH_BODY, FETCH_BARE };

/* What is to become of the page behind a head. */
enum fetch_use {
	FETCH_DELIVER,
	FETCH_DROP,   /* read and dropped: an error page, and there is a FILE that it must not touch */
	FETCH_SKIP,   /* not even read: the head is all that counts */
	FETCH_IGNORE, /* likewise, and another answer will count */
};

struct fetch;

struct fetch_plan {
	const struct request *request;
	struct output *output;
	/* The final head has come: what it means for the page (enum fetch_use), or -1. It may set output->go_on and
	 * correct the framing. */
	int (*judge)(struct fetch *fetch, struct error *error);
	void *owner; /* for judge */
};

struct fetch {
	struct filter filter; /* first: the flow hands it back */
	struct context *context;
	const struct fetch_plan *plan;
	struct session session;
	enum fetch_stage stage;
	struct head head;
	struct body body;
	bool raw;         /* a bare body is an answer */
	enum fetch_use use;
	uint64_t allowed; /* bytes of the page that may still be delivered (--max-bytes) */
	bool aside;       /* the filter stepped aside: the flow itself moves the page */
	uint64_t passed;  /* bytes taken before it did */
};

/* Sends the request and delivers the answer. -1: error; what came before it is written. The status of the answer is in
 * fetch->head.status (0: a bare body). The descriptor stays open. */
int fetch_run(struct fetch *fetch, struct context *context, const struct opened *server, const struct fetch_plan *order,
	      struct error *error);

void fetch_free(struct fetch *fetch);

#endif
