/* Any bytes, cut into records and written out again by the same frame, come back equal, boundaries too, however the
 * input arrives in pieces. What is expected is found here anew, byte by byte, from the whole input. */
#include "relay/framing.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "chance.h"
#include "test.h"

enum { ROUNDS = 40000, BYTES_MOST = 600, RECORDS_MOST = BYTES_MOST + 1 };

struct input {
	char bytes[BYTES_MOST];
	size_t size;
};

struct piece {
	size_t begin, at, size; /* in the input: where the record begins, and its payload */
};

/* The records of an input, and the number of the one that is too long or cut short (0: none is). */
struct cuts {
	struct piece pieces[RECORDS_MOST];
	size_t count;
	uint64_t refused;
};

/* Few different bytes, so that newlines, empty lines and NULs are common; now and then long lines. */
static void any_text(struct input *input)
{
	uint64_t newlines = 2 + chance(40);
	input->size = chance(3) ? chance(BYTES_MOST + 1) : chance(8);
	for (size_t i = 0; i < input->size; i++)
		input->bytes[i] = chance(newlines) ? "\0\r \xff" "ab"[chance(6)] : '\n';
}

/* Any bytes behind their lengths; now and then cut somewhere. */
static void any_records(struct input *input)
{
	size_t records = (size_t)chance(6);
	input->size = 0;
	for (size_t i = 0; i < records; i++) {
		size_t size = (size_t)chance(chance(3) ? 20 : 300);
		if (input->size + 4 + size > BYTES_MOST)
			break;
		char *at = input->bytes + input->size;
		at[0] = at[1] = '\0';
		at[2] = (char)(size / 256);
		at[3] = (char)(size % 256);
		for (size_t j = 0; j < size; j++)
			at[4 + j] = (char)chance(256);
		input->size += 4 + size;
	}
	if (input->size && !chance(3))
		input->size -= (size_t)chance(input->size < 20 ? input->size : 20);
}

static struct framing any_framing(enum frame frame)
{
	struct framing framing = { .frame = frame, .count = UINT64_MAX };
	framing.most = 1 + (size_t)chance(chance(4) ? BYTES_MOST + 2 : 12);
	framing.chomp = frame == FRAME_LINE && chance(2);
	if (frame == FRAME_SIZE)
		framing.size = 1 + (size_t)chance(framing.most);
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
			cuts->pieces[cuts->count++] = (struct piece){ at, at, size };
		at = end + newline;
	}
}

static void expect_lengths(const struct input *input, const struct framing *framing, struct cuts *cuts)
{
	const unsigned char *in = (const unsigned char *)input->bytes;
	for (size_t at = 0; at < input->size && !cuts->refused;) {
		size_t left = input->size - at, size = left < 4 ? left : in[at + 2] * 256u + in[at + 3];
		if (left < 4 || size > framing->most || size > left - 4)
			cuts->refused = cuts->count + 1;
		else
			cuts->pieces[cuts->count++] = (struct piece){ at, at + 4, size };
		at += 4 + size;
	}
}

static void expect_all(const struct input *input, const struct framing *framing, struct cuts *cuts)
{
	cuts->count = input->size <= framing->most;
	cuts->refused = !cuts->count;
	cuts->pieces[0] = (struct piece){ 0, 0, input->size };
}

static void expect_sizes(const struct input *input, const struct framing *framing, struct cuts *cuts)
{
	for (size_t at = 0; at < input->size; at += framing->size) {
		size_t left = input->size - at;
		cuts->pieces[cuts->count++] = (struct piece){ at, at, left < framing->size ? left : framing->size };
	}
}

static void expect(const struct input *input, const struct framing *framing, struct cuts *cuts)
{
	static void (*const ways[])(const struct input *, const struct framing *, struct cuts *) = {
		[FRAME_LINE] = expect_lines, [FRAME_SIZE] = expect_sizes,
		[FRAME_LENGTH] = expect_lengths, [FRAME_ALL] = expect_all,
	};
	cuts->count = 0;
	cuts->refused = 0;
	ways[framing->frame](input, framing, cuts);
}

static bool same_error(const struct framing *framing, const struct error *error, uint64_t number)
{
	char text[32];
	const char *word = framing->frame == FRAME_LINE ? "line" : "record";
	int n = snprintf(text, sizeof text, "%s %" PRIu64, word, number);
	const char *found = strstr(error->text, text);
	return CHECK(n > 0) && CHECK_EQUAL_INT(error->class, ERROR_LOCAL) && CHECK(found && !strchr("0123456789", found[n]));
}

/* Whether a record lies there that needs no more bytes to be known: it must be cut now, not with the next bytes. */
static bool complete(const struct framing *framing, const char *bytes, size_t n)
{
	const unsigned char *in = (const unsigned char *)bytes;
	if (framing->frame == FRAME_LINE)
		return memchr(bytes, '\n', n) != NULL;
	if (framing->frame == FRAME_SIZE)
		return n >= framing->size;
	if (framing->frame == FRAME_ALL)
		return n > framing->most;
	return n >= 4 && n - 4 >= in[2] * 256u + in[3];
}

/* Cuts the input, of which ever more is there, and compares each record with what is expected; each is written to
 * `written` by `writing`. A copy at the end of a block of its own lets a sanitizer see a look beyond what is there. */
static bool cut_in_pieces(const struct input *input, struct framing *framing, const struct cuts *cuts,
			  const struct framing *writing, struct buffer *written)
{
	size_t at = 0, there = 0, step = 1 + (size_t)chance(chance(2) ? 7 : BYTES_MOST), count = 0;
	struct record record;
	struct error error;
	for (;;) {
		bool ended = there == input->size && (cuts->refused || chance(2));
		char *copy = malloc(there - at ? there - at : 1);
		if (!CHECK(copy != NULL))
			return false;
		memcpy(copy, input->bytes + at, there - at);
		int cut = framing_cut(framing, copy, there - at, ended, &record, &error);
		bool held = true;
		if (cut > 0) {
			struct datagram came = { .bytes = record.bytes, .size = record.size };
			held = CHECK(count < cuts->count) &&
			       CHECK_EQUAL_BYTES(record.bytes, record.size, input->bytes + cuts->pieces[count].at,
						 cuts->pieces[count].size) &&
			       CHECK(record.bytes >= copy && record.consumed <= there - at && record.consumed >= record.size) &&
			       CHECK_EQUAL_INT(at, cuts->pieces[count].begin) &&
			       CHECK_EQUAL_INT(framing_write(writing, &came, written), 0);
			at += record.consumed;
			CHECK_EQUAL_INT(framing->records, ++count);
		}
		free(copy);
		if (!held)
			return false;
		if (cut < 0)
			return CHECK_EQUAL_INT(count + 1, cuts->refused) && same_error(framing, &error, cuts->refused);
		if (!cut && ended)
			return CHECK_EQUAL_INT(at, input->size) && CHECK_EQUAL_INT(count, cuts->count) && CHECK(!cuts->refused);
		if (!cut && !CHECK(!complete(framing, input->bytes + at, there - at)))
			return false;
		if (!cut) {
			size_t more = (size_t)chance(step + 1);
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
	while (framing_cut(&again, at < held ? buffer_head(written) + at : NULL, held - at, true, &record, &error) > 0) {
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
	static const enum frame writes[] = {
		[FRAME_LINE] = FRAME_LINE, [FRAME_SIZE] = FRAME_RAW, [FRAME_LENGTH] = FRAME_LENGTH, [FRAME_ALL] = FRAME_RAW
	};
	struct framing framing = any_framing(frame);
	const struct framing writing = { .frame = writes[frame] };
	struct buffer written = { 0 };
	if (frame == FRAME_LENGTH)
		any_records(&input);
	else
		any_text(&input);
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
	static const enum frame frames[] = { FRAME_LINE, FRAME_SIZE, FRAME_LENGTH, FRAME_ALL };
	for (int i = 0; i < ROUNDS; i++)
		if (!round_trip(frames[i % 4])) {
			fprintf(stderr, "\tin round %d\n", i);
			break;
		}
	return test_result();
}
