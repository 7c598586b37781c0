#include "relay/talk.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 64 * 1024, HEADER = sizeof(uint64_t), LEAST = 1024 };

/* What several said, one record behind the other: a header (by whom, how many bytes) and the bytes. Only the last
 * record of the last chunk may still grow. */
struct talk_chunk {
	struct talk_chunk *next;
	size_t readers, used;
	char bytes[CHUNK];
};

/* 24 bits are enough for a chunk's bytes, and 40 for all who ever speak. */
static uint64_t header_of(const struct talk_chunk *chunk, size_t record)
{
	uint64_t header;
	memcpy(&header, chunk->bytes + record, sizeof header);
	return header;
}

static size_t size_of(uint64_t header)
{
	return header & 0xffffff;
}

static uint64_t speaker_of(uint64_t header)
{
	return header >> 24;
}

static struct talk_chunk *append_chunk(struct talk *talk)
{
	struct talk_chunk *chunk = malloc(sizeof *chunk);
	if (!chunk)
		return NULL;
	chunk->next = NULL;
	chunk->readers = chunk->used = 0;
	if (talk->last)
		talk->last->next = chunk;
	else
		talk->first = chunk;
	talk->last = chunk;
	return chunk;
}

static void trim(struct talk *talk)
{
	while (talk->first != talk->last && !talk->first->readers) {
		struct talk_chunk *next = talk->first->next;
		free(talk->first);
		talk->first = next;
	}
}

int talk_begin(struct talk *talk)
{
	*talk = (struct talk){ 0 };
	return append_chunk(talk) ? 0 : -1;
}

void talk_end(struct talk *talk)
{
	struct talk_chunk *next;
	for (struct talk_chunk *chunk = talk->first; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	*talk = (struct talk){ 0 };
}

void talk_name(struct talk *talk, struct talk_reader *reader)
{
	*reader = (struct talk_reader){ .id = ++talk->ids };
}

/* The place is the end of the last record, which may still grow. */
void talk_join(struct talk *talk, struct talk_reader *reader)
{
	reader->chunk = talk->last;
	reader->record = talk->last->used ? talk->record : 0;
	reader->done = talk->last->used ? size_of(header_of(talk->last, talk->record)) : 0;
	reader->place = talk->head;
	reader->chunk->readers++;
}

void talk_leave(struct talk *talk, struct talk_reader *reader)
{
	if (!reader->chunk)
		return;
	reader->chunk->readers--;
	reader->chunk = NULL;
	trim(talk);
}

/* Where the next bytes of that speaker go in the last chunk: on with the last record, if that is its own. */
static size_t place_for(const struct talk *talk, const struct talk_reader *by)
{
	const struct talk_chunk *last = talk->last;
	bool own = last->used && speaker_of(header_of(last, talk->record)) == by->id;
	return own ? last->used : last->used + HEADER;
}

char *talk_room(struct talk *talk, const struct talk_reader *by, size_t *n)
{
	size_t at = place_for(talk, by);
	if (at + LEAST > CHUNK) {
		if (!append_chunk(talk))
			return NULL;
		trim(talk);
		at = place_for(talk, by);
	}
	*n = CHUNK - at;
	return talk->last->bytes + at;
}

void talk_said(struct talk *talk, const struct talk_reader *by, size_t n)
{
	struct talk_chunk *last = talk->last;
	size_t at = place_for(talk, by);
	if (at != last->used)
		talk->record = last->used;
	last->used = at + n;
	uint64_t header = by->id << 24 | (last->used - talk->record - HEADER);
	memcpy(last->bytes + talk->record, &header, sizeof header);
	talk->head += n;
}

/* Passes over what is the reader's own and over ends of chunks: the number of bytes that lie ready here then. */
static size_t pass_over(struct talk_reader *at)
{
	for (;;) {
		const struct talk_chunk *chunk = at->chunk;
		if (at->record < chunk->used) {
			uint64_t header = header_of(chunk, at->record);
			size_t left = size_of(header) - at->done;
			if (left && speaker_of(header) != at->id)
				return left;
			at->place += left;
			at->done += left;
			if (at->record + HEADER + at->done < chunk->used) {
				at->record += HEADER + at->done;
				at->done = 0;
				continue;
			}
		}
		if (!chunk->next)
			return 0;
		at->chunk = chunk->next;
		at->record = at->done = 0;
	}
}

/* As pass_over, with the chunks told who reads where. */
static size_t settle(struct talk *talk, struct talk_reader *reader)
{
	struct talk_chunk *before = reader->chunk;
	size_t ready = pass_over(reader);
	if (reader->chunk != before) {
		before->readers--;
		reader->chunk->readers++;
		trim(talk);
	}
	return ready;
}

static const char *bytes_at(const struct talk_reader *at)
{
	return at->chunk->bytes + at->record + HEADER + at->done;
}

static void take(struct talk_reader *at, size_t n)
{
	at->done += n;
	at->place += n;
}

const char *talk_next(struct talk *talk, struct talk_reader *reader, char *scratch, size_t size, size_t *n)
{
	size_t ready = reader->chunk ? settle(talk, reader) : 0, gathered = 0;
	struct talk_reader at = *reader;
	*n = ready;
	if (!ready)
		return NULL;
	take(&at, ready);
	if (ready >= size / 2 || !pass_over(&at))
		return bytes_at(reader);
	at = *reader;
	while (gathered < size && (ready = pass_over(&at))) {
		if (ready > size - gathered)
			ready = size - gathered;
		memcpy(scratch + gathered, bytes_at(&at), ready);
		take(&at, ready);
		gathered += ready;
	}
	*n = gathered;
	return scratch;
}

void talk_took(struct talk *talk, struct talk_reader *reader, size_t n)
{
	size_t ready;
	while ((ready = settle(talk, reader)) && n) {
		if (ready > n)
			ready = n;
		take(reader, ready);
		n -= ready;
	}
}

uint64_t talk_behind(const struct talk *talk, const struct talk_reader *reader)
{
	return reader->chunk ? talk->head - reader->place : 0;
}
