/* crowd: a server of many clients at a time, all in the one loop of one process. The crowd owns the acceptor, the
 * limits, the list of clients, their counts and the end of it all; what happens with a client is a service: a row. */
#ifndef SKT_COMMANDS_CROWD_H
#define SKT_COMMANDS_CROWD_H

#include "commands/context.h"
#include "commands/stats.h"
#include "net/acceptor.h"
#include "net/serve.h"

struct service;

struct crowd {
	struct context *context;
	const struct service *service;
	struct server *server;
	struct acceptor acceptor;
	struct machine over; /* finished when nobody is left and nobody comes any more */
	struct member *first;
	struct stats stats;   /* the service adds what its clients moved */
	uint64_t open, served, most;
	bool held;          /* crowd_hold */
	bool failed;        /* crowd_fail */
	struct error error; /* what the server ends with, if nothing else ends it */
	size_t pipes;       /* for a service that uses some: how many it may have */
	void *state;        /* the service's own */
};

/* A client. The service's struct for one begins with this. */
struct member {
	struct crowd *crowd;
	struct member *next, **back;
	int fd; /* closed by the crowd, after `stop`; -1: it was given away */
	struct address peer;
	struct triple triple; /* of its socket */
};

struct service {
	bool (*wanted)(const struct context *context); /* by the settings */
	size_t size;                                   /* of its struct for a client, which comes zeroed */
	unsigned descriptors;                          /* that a client costs, its own among them */
	bool pipes;                                    /* an eighth of the descriptors is for pipes */
	bool keeps_limit; /* the soft limit on descriptors is not raised: what is started would inherit that */
	/* Before the first client comes: makes crowd->state. -1: error, nothing is kept, and the server ends. NULL:
	 * nothing to do. */
	int (*open)(struct crowd *crowd, struct error *error);
	/* A client came; the service calls crowd_leave, in here or later. -1: the client is reset and the error told.
	 */
	int (*start)(struct member *member, struct error *error);
	/* Takes the client out of the loop and gives back all it has but its socket; also after a `start` that failed.
	 * `cut`: the socket will be reset, and whatever else it had is to be reset too. */
	void (*stop)(struct member *member, bool cut);
	/* Nobody comes any more; it may be said more than once. NULL: that makes no difference. */
	void (*nobody_comes)(struct crowd *crowd);
	/* The server ends: who is still here shall end, and has `grace` nanoseconds for that before `stop`. NULL: no
	 * grace. */
	void (*hurry)(struct member *member);
	int64_t grace;
	void (*close)(struct crowd *crowd); /* gives back crowd->state; NULL: there is none */
};

/* The service that the settings ask for; NULL: none, clients are served one after the other. */
const struct service *crowd_service(const struct context *context);

/* Checks the words and options that concern many clients, and takes --forward's word into context->upstream. -1:
 * ERROR_USAGE. */
int crowd_check(struct context *context, struct error *error);

/* Whether what is asked for can be done with clients of this triple. -1: ERROR_USAGE. */
int crowd_suits(const struct context *context, const struct triple *triple, struct error *error);

/* Serves, and closes the server in the end, until --clients are served, a limit is over or a signal comes. The error of
 * a client is told, and its own. */
int crowd_run(struct context *context, struct server *server, const struct service *service, struct error *error);

/* For a service: this client is done, and freed. An error is told, and the client reset: a cut must not look like an
 * end. */
void crowd_leave(struct member *member, const struct error *error);

/* For a service that has something to finish when nobody is left: while it holds on the server does not end. */
void crowd_hold(struct crowd *crowd, bool hold);

/* For a service: the server ends with this error. */
void crowd_fail(struct crowd *crowd, const struct error *error);

/* Closes a socket; `cut`: by RST in place of FIN. -1 is harmless. */
void crowd_close(const struct crowd *crowd, int fd, bool cut);

#endif
