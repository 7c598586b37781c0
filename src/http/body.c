#include "http/body.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

enum { LINE_MOST = 16 * 1024, TRAILERS_MOST = 256 * 1024 };

/* What comes next in the chunked coding (RFC 9112 7.1). */
enum state {
	SIZE,       /* a digit of the chunk size, or what ends it */
	SIZE_SPACE, /* behind the size and white space: what ends it */
	EXTENSION,  /* passed over up to the end of the line */
	SIZE_LF,
	DATA,
	DATA_CR,    /* the line end behind the data */
	DATA_LF,
	TRAILER,    /* the start of a trailer line or of the empty line behind all */
	TRAILER_REST,
	TRAILER_CR, /* a CR within a trailer */
	LAST_LF,
};

static int bad(struct error *error, const char *what, char byte)
{
	char shown[8];
	return error_set(error, ERROR_PROTOCOL, 0, "%s: '%s'", what, text_escape(shown, sizeof shown, &byte, 1));
}

/* The line with the chunk size is over. */
static void end_size(struct body *body)
{
	body->state = body->left ? DATA : TRAILER;
	body->line = 0;
	body->digits = false;
}

static int hex_digit(char byte)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = byte ? strchr(digits, byte) : NULL;
	return at ? (int)(at - digits) & 15 : -1;
}

/* Whether the byte ends the line with the chunk size. */
static bool ends_size(struct body *body, char byte)
{
	if (byte == '\n')
		end_size(body);
	else if (byte == '\r')
		body->state = SIZE_LF;
	return byte == '\n' || byte == '\r';
}

static int take_digit(struct body *body, int digit, struct error *error)
{
	if (body->left > (uint64_t)INT64_MAX >> 4)
		return error_set(error, ERROR_PROTOCOL, 0, "chunk size beyond 2^63-1");
	body->left = body->left << 4 | (uint64_t)digit;
	body->digits = true;
	return 0;
}

/* White space may stand behind the size (RFC 9112 7.1.1: BWS), and some servers pad with it. */
static int take_size(struct body *body, char byte, struct error *error)
{
	int digit = body->state == SIZE ? hex_digit(byte) : -1;
	if (digit >= 0)
		return take_digit(body, digit, error);
	if (body->digits && ends_size(body, byte))
		return 0;
	if (!body->digits || !byte || !strchr("; \t", byte))
		return bad(error, "bad byte in a chunk size", byte);
	body->state = byte == ';' ? EXTENSION : SIZE_SPACE;
	return 0;
}

static int take_extension(struct body *body, char byte, struct error *error)
{
	(void)error;
	ends_size(body, byte);
	return 0;
}

static int take_size_lf(struct body *body, char byte, struct error *error)
{
	if (byte != '\n')
		return bad(error, "bare CR in a chunk size line, before", byte);
	end_size(body);
	return 0;
}

static int take_data_end(struct body *body, char byte, struct error *error)
{
	if (byte != '\n' && (byte != '\r' || body->state == DATA_LF))
		return bad(error, "no line end behind the data of a chunk", byte);
	body->state = byte == '\n' ? SIZE : DATA_LF;
	if (body->state == SIZE)
		body->line = 0;
	return 0;
}

/* Trailers are dropped; only where they end counts, and that they hold nothing that a head may not hold. */
static int take_trailer(struct body *body, char byte, struct error *error)
{
	bool start = body->state == TRAILER;
	if (!byte || (byte != '\n' && (body->state == TRAILER_CR || body->state == LAST_LF)))
		return bad(error, "bad byte in the trailers", byte);
	if (byte == '\r')
		body->state = start ? LAST_LF : TRAILER_CR;
	else if (byte != '\n')
		body->state = TRAILER_REST;
	else if (start || body->state == LAST_LF)
		body->complete = true;
	else
		body->state = TRAILER;
	return 0;
}

static const struct {
	int (*take)(struct body *body, char byte, struct error *error);
	uint32_t most;      /* bytes of the line, or of the lines together */
	const char *beyond;
} steps[] = {
	[SIZE] = { take_size, LINE_MOST, "chunk size line over 16 KiB" },
	[SIZE_SPACE] = { take_size, LINE_MOST, "chunk size line over 16 KiB" },
	[EXTENSION] = { take_extension, LINE_MOST, "chunk size line over 16 KiB" },
	[SIZE_LF] = { take_size_lf, LINE_MOST, "chunk size line over 16 KiB" },
	[DATA_CR] = { take_data_end, 2, "" },
	[DATA_LF] = { take_data_end, 2, "" },
	[TRAILER] = { take_trailer, TRAILERS_MOST, "trailers over 256 KiB" },
	[TRAILER_REST] = { take_trailer, TRAILERS_MOST, "trailers over 256 KiB" },
	[TRAILER_CR] = { take_trailer, TRAILERS_MOST, "trailers over 256 KiB" },
	[LAST_LF] = { take_trailer, TRAILERS_MOST, "trailers over 256 KiB" },
};

/* Framing from the front of n bytes, up to the next data or the end. */
static int take_framing(struct body *body, const char *bytes, size_t n, size_t *used, struct error *error)
{
	while (*used < n && body->state != DATA && !body->complete) {
		if (++body->line > steps[body->state].most)
			return error_set(error, ERROR_PROTOCOL, 0, "%s", steps[body->state].beyond);
		if (steps[body->state].take(body, bytes[*used], error))
			return -1;
		++*used;
	}
	return 0;
}

void body_begin(struct body *body, enum head_framing framing, uint64_t length)
{
	*body = (struct body){ .framing = framing, .state = SIZE };
	if (framing == HEAD_LENGTH)
		body->left = length;
	body->complete = framing == HEAD_NO_BODY || (framing == HEAD_LENGTH && !length);
}

/* The data at hand were taken up to the end of the chunk or of the length. */
static void end_data(struct body *body)
{
	if (body->framing == HEAD_CHUNKED)
		body->state = DATA_CR;
	else
		body->complete = true;
}

int body_take(struct body *body, const char *bytes, size_t n, size_t *used, const char **content, size_t *size,
	      struct error *error)
{
	*used = *size = 0;
	*content = bytes;
	if (body->framing == HEAD_CHUNKED && take_framing(body, bytes, n, used, error))
		return -1;
	if (body->complete || (body->framing == HEAD_CHUNKED && body->state != DATA))
		return 0;
	*content = bytes + *used;
	*size = n - *used;
	if (body->framing != HEAD_UNTIL_CLOSE) {
		if (*size > body->left)
			*size = (size_t)body->left;
		body->left -= *size;
		if (!body->left)
			end_data(body);
	}
	*used += *size;
	body->content += *size;
	return 0;
}

int body_end(const struct body *body, struct error *error)
{
	if (body->complete || body->framing == HEAD_UNTIL_CLOSE)
		return 0;
	if (body->framing == HEAD_LENGTH)
		return error_set(error, ERROR_INCOMPLETE, 0, "the page ended after %" PRIu64 " of %" PRIu64 " bytes",
				 body->content, body->content + body->left);
	return error_set(error, ERROR_INCOMPLETE, 0, "the page ended %s, after %" PRIu64 " bytes",
			 body->state == DATA ? "within a chunk" : "before its last chunk was over", body->content);
}
