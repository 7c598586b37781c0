/* resolve: an endpoint to the addresses it may mean. Literals and numeric ports are answered at once; for the rest
 * getaddrinfo(3), which blocks, runs in a thread of its own, so that a deadline and a signal count meanwhile. */
#ifndef SKT_NET_RESOLVE_H
#define SKT_NET_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>

#include "net/address.h"
#include "net/triple.h"

struct address_list {
	struct address *items; /* owned */
	size_t count;
};

struct resolve_job; /* shared with the thread; the last one of the two frees it */

/* Begins to resolve. `passive`: the addresses are to be bound (no host: the wildcard addresses, IPv6 first).
 * 1: *list is filled already. 0: *job runs; wait for resolve_fd to be readable, then call resolve_finish.
 * -1: error (usage, resolve). */
int resolve_start(const struct endpoint *endpoint, bool passive, struct address_list *list, struct resolve_job **job,
		  struct error *error);

/* The descriptor that becomes readable when the thread is done. */
int resolve_fd(const struct resolve_job *job);

/* The outcome; the job is gone after this. 0: *list is filled. -1: error, ERROR_RESOLVE mostly. */
int resolve_finish(struct resolve_job *job, struct address_list *list, struct error *error);

/* Nobody waits any more; the thread ends when getaddrinfo lets it. NULL is harmless. */
void resolve_abandon(struct resolve_job *job);

/* Families take turns, the first one keeps its place (RFC 8305 section 4); the order within a family stays. */
void resolve_interleave(struct address_list *list);

/* A copy of its own; -1: no memory. */
int resolve_copy(const struct address_list *list, struct address_list *copy, struct error *error);

void resolve_free(struct address_list *list);

/* The error of a service that has no number: for datagrams many lack one that they have for TCP. -1. */
int resolve_no_service(const char *service, bool datagrams, struct error *error);

#endif
