/* Response heads: the same in one piece and in random pieces, nothing lost, nothing invented.
 * Input: a byte that seeds the cutting, then the stream. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int held)
{
	if (!held)
		abort();
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 16;
}

/* Feeds the stream in pieces of 1 to `most` bytes, each a copy of its own, so that reading beyond one is seen. */
static enum head_answer parse(struct head *head, struct error *error, const char *bytes, size_t n, size_t most,
			      uint32_t seed, size_t *taken)
{
	enum head_answer answer = HEAD_MORE;
	for (*taken = 0; *taken < n && answer == HEAD_MORE;) {
		size_t size = 1 + next_random(&seed) % most, used = 0;
		if (most >= n || size > n - *taken)
			size = n - *taken;
		char *piece = malloc(size);
		memcpy(piece, bytes + *taken, size);
		answer = head_take(head, piece, size, &used, error);
		free(piece);
		must(used <= size && (answer != HEAD_MORE || used == size));
		*taken += used;
	}
	return answer == HEAD_MORE ? head_end(head, error) : answer;
}

static void check_done(const struct head *head, const char *bytes, size_t taken)
{
	size_t held = buffer_held(&head->raw);
	char value[64], reason[32];
	uint64_t first, last, total;
	must(head->status >= 200 && head->status <= 999 && head->major == 1);
	must(head->framing == HEAD_LENGTH ? head->length <= INT64_MAX : !head->length);
	must(held <= HEAD_MOST && held <= taken && !memcmp(buffer_head(&head->raw), bytes + taken - held, held));
	must(bytes[taken - 1] == '\n');
	for (size_t i = 0; i < 3; i++)
		if (!head_field(head, "A", i, value, sizeof value)) {
			size_t n = strlen(value);
			must(!strpbrk(value, "\r\n"));
			must(!n || (!strchr(" \t", value[0]) && !strchr(" \t", value[n - 1])));
		}
	head_reason(head, reason, sizeof reason);
	must(strlen(reason) < sizeof reason && !strpbrk(reason, "\r\n"));
	if (!head_content_range(head, &first, &last, &total))
		must(first <= last && (first == UINT64_MAX || last < total));
}

static void check_error(const struct error *error)
{
	must(error->class == ERROR_PROTOCOL || error->class == ERROR_INCOMPLETE);
	must(*error->text && strlen(error->text) < 300);
	for (const char *at = error->text; *at; at++)
		must((unsigned char)*at >= 0x20 && (unsigned char)*at < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	const char *bytes = (const char *)data + 1;
	size_t n = size - 1, taken, cut_taken;
	struct head whole = { .bare_expected = data[0] > 127 }, cut = { .bare_expected = data[0] > 127 };
	struct error error = { 0 }, cut_error = { 0 };
	enum head_answer answer = parse(&whole, &error, bytes, n, n, 0, &taken);
	enum head_answer cut_answer = parse(&cut, &cut_error, bytes, n, 1 + data[0] % 40, data[0], &cut_taken);
	must(answer == cut_answer && answer != HEAD_MORE);
	must(error.class == cut_error.class && !strcmp(error.text, cut_error.text));
	if (answer == HEAD_BAD) {
		check_error(&error);
	} else {
		must(error.class == ERROR_NONE && taken == cut_taken);
		must(whole.status == cut.status && whole.framing == cut.framing && whole.length == cut.length);
		size_t held = buffer_held(&whole.raw);
		must(held == buffer_held(&cut.raw));
		must(!held || !memcmp(buffer_head(&whole.raw), buffer_head(&cut.raw), held));
	}
	if (answer == HEAD_DONE)
		check_done(&whole, bytes, taken);
	if (answer == HEAD_BARE)
		must(taken == buffer_held(&whole.raw) && taken < sizeof "HTTP/1.1 200");
	head_free(&whole);
	head_free(&cut);
	return 0;
}
