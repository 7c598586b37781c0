/* talk: what many say and all others hear, kept once: a log in chunks, in which each reader has a place. A chunk is
 * gone when nobody reads in it or before it. Who speaks does not hear itself. Knows no descriptors. */
#ifndef SKT_RELAY_TALK_H
#define SKT_RELAY_TALK_H

#include <stddef.h>
#include <stdint.h>

struct talk_chunk;

struct talk {
	struct talk_chunk *first, *last; /* there is always one */
	size_t record;                   /* where the last record of the last chunk begins */
	uint64_t head;                   /* bytes said so far */
	uint64_t ids;
};

/* A place in the talk. All zero but the id: not in it, but may speak. */
struct talk_reader {
	uint64_t id;
	struct talk_chunk *chunk;
	size_t record, done; /* the record that is read, and what was taken of it */
	uint64_t place;      /* bytes of the talk up to here, its own among them */
};

/* -1: no memory. */
int talk_begin(struct talk *talk);

void talk_end(struct talk *talk);

/* A name for one who speaks. */
void talk_name(struct talk *talk, struct talk_reader *reader);

/* A named reader hears what is said from now on; and no more of it. The latter is harmless when it does not. */
void talk_join(struct talk *talk, struct talk_reader *reader);
void talk_leave(struct talk *talk, struct talk_reader *reader);

/* Room for what `by` says next, at least a byte: *n is how much. NULL: no memory. */
char *talk_room(struct talk *talk, const struct talk_reader *by, size_t *n);

/* So many bytes, at most what talk_room allowed just now, are there: said. */
void talk_said(struct talk *talk, const struct talk_reader *by, size_t n);

/* The next bytes for a reader, or NULL: it has heard all. What several said in small pieces comes in one, through
 * `scratch`, of `size` bytes. */
const char *talk_next(struct talk *talk, struct talk_reader *reader, char *scratch, size_t size, size_t *n);

/* The reader has so many of them. */
void talk_took(struct talk *talk, struct talk_reader *reader, size_t n);

/* How far the talk has gone on since the first byte that the reader has not heard; what it says itself counts. */
uint64_t talk_behind(const struct talk *talk, const struct talk_reader *reader);

#endif
