/* sequence: the header of udp-send --sequence, and what udp-recv --sequence makes of the headers that come: what was
 * lost, duplicated, reordered, and the jitter. Pure; bounded in memory, whatever comes. */
#ifndef SKT_RELAY_SEQUENCE_H
#define SKT_RELAY_SEQUENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum {
	SEQUENCE_HEADER = 24,      /* bytes: a mark, the run, the number, the time; the most significant byte first */
	SEQUENCE_WINDOW = 1 << 18, /* numbers behind the highest of which each is known to have come or not */
	SEQUENCE_RUNS = 256,       /* known at a time; the one not heard for longest makes room */
};

struct sequence_header {
	uint32_t run;    /* any number that other runs of udp-send do not have */
	uint64_t number; /* from 1 on */
	uint64_t time;   /* nanoseconds since the first datagram of the run */
};

void sequence_write(char out[static SEQUENCE_HEADER], const struct sequence_header *header);

/* False: n bytes do not begin with a header. */
bool sequence_read(const char *bytes, size_t n, struct sequence_header *header);

struct sequence_count {
	uint64_t received; /* all, duplicates too */
	uint64_t lost;     /* numbers up to the highest that did not come */
	uint64_t duplicated;
	uint64_t reordered; /* came, for the first time, after a higher number */
	double jitter;      /* nanoseconds (RFC 3550 6.4.1), duplicates aside */
};

struct sequence_run;

struct sequence {
	int64_t begun; /* when we began to listen, on the clock of the arrivals: set by the owner */
	uint64_t foreign;
	size_t count;                            /* runs that are known */
	uint32_t names[SEQUENCE_RUNS];           /* of them */
	struct sequence_run *runs[SEQUENCE_RUNS]; /* owned */
	uint64_t clock;                          /* datagrams heard, for the order of who was heard when */
	uint64_t gone;                           /* runs that had to make room */
	struct sequence_count gone_count;
};

/* Counts a datagram in that came at `arrival` (nanoseconds since 1970): 1 it begins with a header, 0 it is foreign, -1 no
 * memory (errno). A sequence that is all zero but for `begun` has heard nothing. */
int sequence_hear(struct sequence *sequence, const char *bytes, size_t n, int64_t arrival, const struct sockaddr *from,
		  socklen_t length);

/* All runs together, those that made room included; the jitter is that of the worst. */
void sequence_total(const struct sequence *sequence, struct sequence_count *total);

/* The run of index i < sequence->count; the result is where it was heard from first, *length bytes, owned by it. */
const struct sockaddr *sequence_run(const struct sequence *sequence, size_t i, struct sequence_count *count,
				    socklen_t *length);

void sequence_free(struct sequence *sequence);

#endif
