/* Bodies: the same content in one piece and in random pieces.
 * Input: a byte that seeds the cutting, a byte for the framing (and the length), then the stream. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "http/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
	struct body body;
	struct buffer content;
	struct error error;
	size_t used;
	int answer;
};

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

/* One piece, as a copy of its own, so that reading beyond it is seen. */
static void feed(struct outcome *outcome, const char *bytes, size_t n)
{
	char *piece = malloc(n);
	memcpy(piece, bytes, n);
	for (size_t at = 0; at < n && !outcome->body.complete && !outcome->answer;) {
		const char *content;
		size_t used, size;
		outcome->answer =
			body_take(&outcome->body, piece + at, n - at, &used, &content, &size, &outcome->error);
		must(used <= n - at && size <= used);
		if (outcome->answer)
			break;
		must(used || outcome->body.complete);
		must(!size || (content >= piece + at && content + size <= piece + at + used));
		must(!buffer_append(&outcome->content, content, size));
		at += used;
		outcome->used += used;
	}
	free(piece);
}

static void decode(struct outcome *outcome, enum head_framing framing, uint64_t length, const char *bytes, size_t n,
		   size_t most, uint32_t seed)
{
	*outcome = (struct outcome){ 0 };
	body_begin(&outcome->body, framing, length);
	for (size_t at = 0; at < n && !outcome->body.complete && !outcome->answer;) {
		size_t size = 1 + next_random(&seed) % most;
		if (most >= n || size > n - at)
			size = n - at;
		feed(outcome, bytes + at, size);
		at += size;
	}
	must(outcome->body.content == buffer_held(&outcome->content));
	if (outcome->answer)
		must(outcome->error.class == ERROR_PROTOCOL && !outcome->body.complete);
	else if (body_end(&outcome->body, &outcome->error))
		must(outcome->error.class == ERROR_INCOMPLETE && !outcome->body.complete);
	else
		must(outcome->body.complete || framing == HEAD_UNTIL_CLOSE);
	for (const char *at = outcome->error.text; *at; at++)
		must((unsigned char)*at >= 0x20 && (unsigned char)*at < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	static const enum head_framing framings[8] = {
		[5] = HEAD_LENGTH, [6] = HEAD_UNTIL_CLOSE, [7] = HEAD_NO_BODY,
		[0] = HEAD_CHUNKED, [1] = HEAD_CHUNKED, [2] = HEAD_CHUNKED, [3] = HEAD_CHUNKED, [4] = HEAD_CHUNKED,
	};
	enum head_framing framing = framings[data[1] % 8];
	const char *bytes = (const char *)data + 2;
	size_t n = size - 2;
	uint64_t length = data[1] / 8;
	struct outcome whole, cut;
	decode(&whole, framing, length, bytes, n, n + 1, 0);
	decode(&cut, framing, length, bytes, n, 1 + data[0] % 40, data[0]);
	must(whole.answer == cut.answer && whole.body.complete == cut.body.complete);
	must(whole.error.class == cut.error.class && !strcmp(whole.error.text, cut.error.text));
	size_t held = buffer_held(&whole.content);
	must(held == buffer_held(&cut.content));
	must(!held || !memcmp(buffer_head(&whole.content), buffer_head(&cut.content), held));
	must(whole.answer || whole.used == cut.used);
	if (framing == HEAD_LENGTH)
		must(held == (n < length ? n : length) && whole.body.complete == (n >= length));
	if (framing == HEAD_UNTIL_CLOSE)
		must(held == n);
	if (framing == HEAD_NO_BODY)
		must(!held && !whole.used);
	must(held <= whole.used);
	buffer_free(&whole.content);
	buffer_free(&cut.content);
	return 0;
}
