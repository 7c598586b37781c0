#include "relay/sequence.h"

#include <stdlib.h>
#include <string.h>

enum { WORD = 64, WORDS = SEQUENCE_WINDOW / WORD };

/* No UTF-8 begins so: no text is taken for a header. */
static const char mark[4] = { '\xf5', 's', 'k', 't' };

struct sequence_run {
	struct sequence_count count; /* but for `lost`, which follows from the rest */
	uint64_t first, highest;     /* the first number that is expected, the highest that came */
	uint64_t different;          /* numbers that came, of those expected */
	uint64_t transit;            /* of the last one: arrival less its time; only differences mean something */
	uint64_t heard;              /* sequence->clock then */
	uint64_t end;                /* behind the last word of the window */
	uint64_t seen[WORDS];        /* bit number % 64 of word number / 64 % WORDS: it came */
	socklen_t length;
	struct sockaddr_storage from;
};

static void put(unsigned char *out, uint64_t value, int bytes)
{
	while (bytes--) {
		out[bytes] = (unsigned char)value;
		value >>= 8;
	}
}

static uint64_t get(const unsigned char *in, int bytes)
{
	uint64_t value = 0;
	while (bytes--)
		value = value << 8 | *in++;
	return value;
}

void sequence_write(char out[static SEQUENCE_HEADER], const struct sequence_header *header)
{
	unsigned char *at = (unsigned char *)out;
	memcpy(at, mark, sizeof mark);
	put(at + 4, header->run, 4);
	put(at + 8, header->number, 8);
	put(at + 16, header->time, 8);
}

bool sequence_read(const char *bytes, size_t n, struct sequence_header *header)
{
	const unsigned char *at = (const unsigned char *)bytes;
	if (n < SEQUENCE_HEADER || memcmp(bytes, mark, sizeof mark))
		return false;
	*header = (struct sequence_header){ (uint32_t)get(at + 4, 4), get(at + 8, 8), get(at + 16, 8) };
	return header->number > 0;
}

static uint64_t lost(const struct sequence_run *run)
{
	return run->highest - run->first + 1 - run->different;
}

static uint64_t *word_of(struct sequence_run *run, uint64_t number)
{
	return &run->seen[number / WORD % WORDS];
}

static uint64_t bit_of(uint64_t number)
{
	return UINT64_C(1) << number % WORD;
}

/* Moves the window so that the number is in it. */
static void reach(struct sequence_run *run, uint64_t number)
{
	uint64_t end = number / WORD + 1;
	uint64_t more = end > run->end ? end - run->end : 0;
	for (uint64_t word = more < WORDS ? run->end : end - WORDS; word < end; word++)
		run->seen[word % WORDS] = 0;
	run->end = more ? end : run->end;
}

/* Numbers in the window that did not come. */
static uint64_t holes(const struct sequence_run *run)
{
	uint64_t begin = run->end > WORDS ? run->end - WORDS : 0, count = 0;
	if (begin < run->first / WORD)
		begin = run->first / WORD;
	for (uint64_t word = begin; word <= run->highest / WORD; word++) {
		uint64_t missing = ~run->seen[word % WORDS];
		if (word == run->first / WORD)
			missing &= ~UINT64_C(0) << run->first % WORD;
		if (word == run->highest / WORD)
			missing &= ~UINT64_C(0) >> (WORD - 1 - run->highest % WORD);
		count += (uint64_t)__builtin_popcountll(missing);
	}
	return count;
}

/* Whether a number that is not above the highest came before. Of one that is behind the window it is not known; but
 * when nothing is missing there it did, and else it is taken for one of those. */
static bool came_before(struct sequence_run *run, uint64_t number)
{
	if (number / WORD + WORDS >= run->end)
		return *word_of(run, number) & bit_of(number);
	return number >= run->first && lost(run) == holes(run);
}

/* RFC 3550 6.4.1: the mean deviation of the transit times of one and the next. */
static void add_jitter(double *jitter, double difference)
{
	*jitter += ((difference < 0 ? -difference : difference) - *jitter) / 16;
}

static void count_in(struct sequence_run *run, const struct sequence_header *header, int64_t arrival)
{
	uint64_t number = header->number, transit = (uint64_t)arrival - header->time;
	bool ahead = number > run->highest;
	run->count.received++;
	if (!ahead && came_before(run, number)) {
		run->count.duplicated++;
		return;
	}
	if (ahead) {
		reach(run, number);
		run->highest = number;
	}
	if (number / WORD + WORDS >= run->end)
		*word_of(run, number) |= bit_of(number);
	run->count.reordered += !ahead;
	run->different += number >= run->first;
	if (run->count.received > 1)
		add_jitter(&run->count.jitter, (double)(int64_t)(transit - run->transit));
	run->transit = transit;
}

static void add(struct sequence_count *sum, const struct sequence_run *run)
{
	uint64_t missing = lost(run);
	sum->received += run->count.received;
	sum->lost = missing > UINT64_MAX - sum->lost ? UINT64_MAX : sum->lost + missing;
	sum->duplicated += run->count.duplicated;
	sum->reordered += run->count.reordered;
	sum->jitter = run->count.jitter > sum->jitter ? run->count.jitter : sum->jitter;
}

/* The place of the run that was not heard for longest. */
static size_t make_room(struct sequence *sequence)
{
	size_t oldest = 0;
	for (size_t i = 1; i < sequence->count; i++)
		if (sequence->runs[i]->heard < sequence->runs[oldest]->heard)
			oldest = i;
	add(&sequence->gone_count, sequence->runs[oldest]);
	sequence->gone++;
	return oldest;
}

/* What a run sent before it was heard is lost when we listened already. Of one that may have been known and had to make
 * room nothing can be said. */
static uint64_t first_expected(const struct sequence *sequence, const struct sequence_header *header, int64_t arrival)
{
	bool from_the_start = !sequence->gone && arrival > sequence->begun &&
			      (uint64_t)arrival - (uint64_t)sequence->begun >= header->time;
	return from_the_start ? 1 : header->number;
}

static struct sequence_run *begin_run(struct sequence *sequence, const struct sequence_header *header, int64_t arrival,
				      const struct sockaddr *from, socklen_t length)
{
	bool full = sequence->count == SEQUENCE_RUNS;
	size_t place = full ? make_room(sequence) : sequence->count;
	struct sequence_run *run = full ? sequence->runs[place] : malloc(sizeof *run);
	if (!run)
		return NULL;
	memset(run, 0, sizeof *run);
	run->first = first_expected(sequence, header, arrival);
	run->highest = run->first - 1;
	run->end = run->first / WORD + 1;
	run->length = length < sizeof run->from ? length : (socklen_t)sizeof run->from;
	if (run->length)
		memcpy(&run->from, from, run->length);
	sequence->names[place] = header->run;
	sequence->runs[place] = run;
	sequence->count += !full;
	return run;
}

/* The index of a run; sequence->count: it is not known. */
static size_t find(const struct sequence *sequence, uint32_t name)
{
	size_t i = 0;
	while (i < sequence->count && sequence->names[i] != name)
		i++;
	return i;
}

int sequence_hear(struct sequence *sequence, const char *bytes, size_t n, int64_t arrival, const struct sockaddr *from,
		  socklen_t length)
{
	struct sequence_header header;
	if (!sequence_read(bytes, n, &header)) {
		sequence->foreign++;
		return 0;
	}
	size_t place = find(sequence, header.run);
	struct sequence_run *run = place < sequence->count ? sequence->runs[place]
							   : begin_run(sequence, &header, arrival, from, length);
	if (!run)
		return -1;
	run->heard = ++sequence->clock;
	count_in(run, &header, arrival);
	return 1;
}

void sequence_total(const struct sequence *sequence, struct sequence_count *total)
{
	*total = sequence->gone_count;
	for (size_t i = 0; i < sequence->count; i++)
		add(total, sequence->runs[i]);
}

const struct sockaddr *sequence_run(const struct sequence *sequence, size_t i, struct sequence_count *count,
				    socklen_t *length)
{
	const struct sequence_run *run = sequence->runs[i];
	*count = (struct sequence_count){ 0 };
	add(count, run);
	*length = run->length;
	return (const struct sockaddr *)&run->from;
}

void sequence_free(struct sequence *sequence)
{
	for (size_t i = 0; i < sequence->count; i++)
		free(sequence->runs[i]);
	*sequence = (struct sequence){ 0 };
}
