/* Any bytes, cut into records and written out again by the same frame, come back equal, boundaries too, however the
 * input arrives in pieces. What is expected is found here anew, byte by byte, from the whole input. */
#include "relay/framing.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "test.h"

enum { ROUNDS = 20000, BYTES_MOST = 600, RECORDS_MOST = BYTES_MOST + 1 };

/* xorshift64*: the same numbers on every machine. */
static uint64_t seed = 5062;

static uint64_t any(uint64_t below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (seed * UINT64_C(2685821657736338717) >> 16) % below;
}

struct input {
	char bytes[BYTES_MOST];
	size_t size;
};

struct piece {
	size_t at, size;
};

/* The records of an input, and the number of the one that is too long (0: none is). */
struct cuts {
	struct piece pieces[RECORDS_MOST];
	size_t count;
	uint64_t refused;
};

/* Few different bytes, so that newlines, empty lines and NULs are common; now and then long lines. */
static void any_input(struct input *input)
{
	uint64_t newlines = 2 + any(40);
	input->size = any(3) ? any(BYTES_MOST + 1) : any(8);
	for (size_t i = 0; i < input->size; i++)
		input->bytes[i] = any(newlines) ? "\0\r \xff" "ab"[any(6)] : '\n';
}

static struct framing any_framing(enum frame frame)
{
	struct framing framing = { .frame = frame, .count = UINT64_MAX };
	framing.most = 1 + (size_t)any(any(4) ? BYTES_MOST + 2 : 12);
	framing.chomp = frame == FRAME_LINE && any(2);
	if (frame == FRAME_SIZE)
		framing.size = 1 + (size_t)any(framing.most);
	return framing;
}

static void expect_lines(const struct input *input, const struct framing *framing, struct cuts *cuts)
{
	for (size_t at = 0; at < input->size && !cuts->refused;) {
		size_t end = at;
		while (end < input->size && input->bytes[end] != '\n')
			end++;
		size_t newline = end < input->size;
		size_t size = end - at + (framing->chomp ? 0 : newline);
		if (size > framing->most)
			cuts->refused = cuts->count + 1;
		else
			cuts->pieces[cuts->count++] = (struct piece){ at, size };
		at = end + newline;
	}
}

static void expect(const struct input *input, const struct framing *framing, struct cuts *cuts)
{
	cuts->count = 0;
	cuts->refused = 0;
	if (framing->frame == FRAME_LINE) {
		expect_lines(input, framing, cuts);
		return;
	}
	for (size_t at = 0; at < input->size; at += framing->size) {
		size_t left = input->size - at;
		cuts->pieces[cuts->count++] = (struct piece){ at, left < framing->size ? left : framing->size };
	}
}

static bool same_error(const struct error *error, uint64_t number)
{
	char text[32];
	int n = snprintf(text, sizeof text, "line %" PRIu64 " ", number);
	return CHECK(n > 0) && CHECK_EQUAL_INT(error->class, ERROR_LOCAL) && CHECK(strstr(error->text, text) != NULL);
}

/* Whether a record lies there that needs no more bytes to be known: it must be cut now, not with the next bytes. */
static bool complete(const struct framing *framing, const char *bytes, size_t n)
{
	return framing->frame == FRAME_LINE ? memchr(bytes, '\n', n) != NULL : n >= framing->size;
}

/* Cuts the input, of which ever more is there, and compares each record with what is expected; each is written to
 * `written` by `writing`. A copy at the end of a block of its own lets a sanitizer see a look beyond what is there. */
static bool cut_in_pieces(const struct input *input, struct framing *framing, const struct cuts *cuts,
			  const struct framing *writing, struct buffer *written)
{
	size_t at = 0, there = 0, step = 1 + (size_t)any(any(2) ? 7 : BYTES_MOST), count = 0;
	struct record record;
	struct error error;
	for (;;) {
		bool ended = there == input->size && (cuts->refused || any(2));
		char *copy = malloc(there - at ? there - at : 1);
		if (!CHECK(copy != NULL))
			return false;
		memcpy(copy, input->bytes + at, there - at);
		int cut = framing_cut(framing, copy, there - at, ended, &record, &error);
		bool held = true;
		if (cut > 0) {
			held = CHECK(count < cuts->count) &&
			       CHECK_EQUAL_BYTES(record.bytes, record.size, input->bytes + cuts->pieces[count].at,
						 cuts->pieces[count].size) &&
			       CHECK(record.bytes >= copy && record.consumed <= there - at && record.consumed >= record.size) &&
			       CHECK_EQUAL_INT(at, cuts->pieces[count].at) &&
			       CHECK_EQUAL_INT(framing_write(writing, record.bytes, record.size, NULL, 0, written), 0);
			at += record.consumed;
			CHECK_EQUAL_INT(framing->records, ++count);
		}
		free(copy);
		if (!held)
			return false;
		if (cut < 0)
			return CHECK_EQUAL_INT(count + 1, cuts->refused) && same_error(&error, cuts->refused);
		if (!cut && ended)
			return CHECK_EQUAL_INT(at, input->size) && CHECK_EQUAL_INT(count, cuts->count) && CHECK(!cuts->refused);
		if (!cut && !CHECK(!complete(framing, input->bytes + at, there - at)))
			return false;
		if (!cut) {
			size_t more = (size_t)any(step + 1);
			there = input->size - there < more ? input->size : there + more;
		}
	}
}

/* What was written, cut again, has the same boundaries. */
static bool same_again(const struct buffer *written, const struct framing *framing, const struct cuts *cuts)
{
	struct framing again = { .frame = framing->frame,
				 .size = framing->size,
				 .most = framing->most + 1, /* for the newline that a last line may have got */
				 .chomp = framing->chomp,
				 .count = UINT64_MAX };
	struct record record;
	struct error error;
	size_t at = 0, count = 0, held = buffer_held(written);
	while (at < held && framing_cut(&again, buffer_head(written) + at, held - at, true, &record, &error) > 0) {
		bool last = count + 1 == cuts->count;
		size_t size = count < cuts->count ? cuts->pieces[count].size : 0;
		if (!CHECK(count < cuts->count) || !CHECK(record.size == size || (last && record.size == size + 1)))
			return false;
		at += record.consumed;
		count++;
	}
	return CHECK_EQUAL_INT(count, cuts->count) && CHECK_EQUAL_INT(at, held);
}

static bool round_trip(enum frame frame)
{
	static struct input input;
	static struct cuts cuts;
	struct framing framing = any_framing(frame);
	const struct framing writing = { .frame = frame == FRAME_LINE ? FRAME_LINE : FRAME_RAW };
	struct buffer written = { 0 };
	any_input(&input);
	expect(&input, &framing, &cuts);
	bool good = cut_in_pieces(&input, &framing, &cuts, &writing, &written);
	if (good && !cuts.refused) {
		size_t size = input.size;
		bool newline = frame == FRAME_LINE && size && input.bytes[size - 1] != '\n';
		good = CHECK_EQUAL_BYTES(buffer_head(&written), buffer_held(&written) - newline, input.bytes, size) &&
		       (!newline || CHECK(buffer_head(&written)[size] == '\n')) && same_again(&written, &framing, &cuts);
	}
	if (!good)
		fprintf(stderr, "\tframe %d, size %zu, most %zu, chomp %d, %zu bytes\n", (int)frame, framing.size,
			framing.most, framing.chomp, input.size);
	buffer_free(&written);
	return good;
}

int main(void)
{
	for (int i = 0; i < ROUNDS; i++)
		if (!round_trip(i % 2 ? FRAME_LINE : FRAME_SIZE)) {
			fprintf(stderr, "\tin round %d\n", i);
			break;
		}
	return test_result();
}
