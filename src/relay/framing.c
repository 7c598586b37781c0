#include "relay/framing.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/encode.h"
#include "base/text.h"

enum { PREFIX = 4 }; /* bytes of a length */

/* Sending */

/* Bytes that may be a part of a record only. */
struct input {
	const char *bytes;
	size_t n;
	bool ended;
};

static unsigned long long number(const struct framing *framing)
{
	return framing->records + 1;
}

static int too_long(const struct framing *framing, struct error *error)
{
	return error_set(error, ERROR_LOCAL, 0, "line %llu is longer than a datagram may be (%zu bytes): not sent",
			 number(framing), framing->most);
}

static int cut_line(const struct framing *framing, const struct input *input, struct record *record,
		    struct error *error)
{
	/* With --chomp the newline may stand behind the last byte. */
	size_t n = input->n, look = n <= framing->most ? n : framing->most + 1;
	const char *newline = n ? memchr(input->bytes, '\n', look) : NULL;
	if (!n || (!newline && n <= framing->most && !input->ended))
		return 0;
	size_t consumed = newline ? (size_t)(newline - input->bytes) + 1 : n;
	size_t size = newline && framing->chomp ? consumed - 1 : consumed;
	if (size > framing->most)
		return newline || n > framing->most + framing->chomp || input->ended ? too_long(framing, error) : 0;
	*record = (struct record){ input->bytes, size, consumed };
	return 1;
}

static int cut_size(const struct framing *framing, const struct input *input, struct record *record,
		    struct error *error)
{
	(void)error;
	size_t size = input->n < framing->size ? input->n : framing->size;
	if (!size || (size < framing->size && !input->ended))
		return 0;
	*record = (struct record){ input->bytes, size, size };
	return 1;
}

static int cut_length(const struct framing *framing, const struct input *input, struct record *record,
		      struct error *error)
{
	const unsigned char *in = (const unsigned char *)input->bytes;
	size_t n = input->n;
	if (n < PREFIX && (!input->ended || !n))
		return 0;
	if (n < PREFIX)
		return error_set(error, ERROR_LOCAL, 0, "the input ends inside record %llu: after %zu of the %d bytes of its length",
				 number(framing), n, PREFIX);
	size_t size = (size_t)in[0] << 24 | (size_t)in[1] << 16 | (size_t)in[2] << 8 | in[3];
	if (size > framing->most)
		return error_set(error, ERROR_LOCAL, 0,
				 "record %llu (%zu bytes) is longer than a datagram may be (%zu bytes): not sent",
				 number(framing), size, framing->most);
	if (n - PREFIX < size && input->ended)
		return error_set(error, ERROR_LOCAL, 0, "the input ends inside record %llu: after %zu of %zu bytes",
				 number(framing), n - PREFIX, size);
	if (n - PREFIX < size)
		return 0;
	*record = (struct record){ input->bytes + PREFIX, size, size + PREFIX };
	return 1;
}

static int cut_all(const struct framing *framing, const struct input *input, struct record *record,
		   struct error *error)
{
	if (input->n > framing->most)
		return error_set(error, ERROR_LOCAL, 0,
				 "all of the input is record 1, longer than a datagram may be (%zu bytes): not sent",
				 framing->most);
	if (!input->ended || framing->records > framing->before)
		return 0;
	*record = (struct record){ input->bytes, input->n, input->n };
	return 1;
}

void framing_again(struct framing *framing)
{
	framing->before = framing->records;
}

/* Receiving */

/* Nothing is reserved for a datagram beforehand: -1 leaves half a one behind, and nothing more is written then. */
static int append_sender(const struct framing *framing, const struct datagram *datagram, struct buffer *out)
{
	char text[FRAMING_SENDER];
	if (!framing->from)
		return 0;
	framing->sender(text, datagram->from, datagram->length, true);
	return buffer_append(out, text, strlen(text));
}

static int write_raw(const struct framing *framing, const struct datagram *datagram, struct buffer *out)
{
	return append_sender(framing, datagram, out) || buffer_append(out, datagram->bytes, datagram->size) ? -1 : 0;
}

static int write_line(const struct framing *framing, const struct datagram *datagram, struct buffer *out)
{
	size_t n = datagram->size;
	bool newline = !n || datagram->bytes[n - 1] != '\n';
	return write_raw(framing, datagram, out) || (newline && buffer_append(out, "\n", 1)) ? -1 : 0;
}

static int write_length(const struct framing *framing, const struct datagram *datagram, struct buffer *out)
{
	(void)framing;
	size_t n = datagram->size;
	const unsigned char prefix[PREFIX] = { (unsigned char)(n >> 24), (unsigned char)(n >> 16),
					       (unsigned char)(n >> 8), (unsigned char)n };
	return buffer_append(out, prefix, PREFIX) || buffer_append(out, datagram->bytes, n) ? -1 : 0;
}

static int write_hex(const struct framing *framing, const struct datagram *datagram, struct buffer *out)
{
	return append_sender(framing, datagram, out) || encode_hex(out, datagram->bytes, datagram->size) ||
		       buffer_append(out, "\n", 1)
		   ? -1
		   : 0;
}

/* "2026-11-22T16:18:19.000001Z" (RFC 3339) */
static int append_time(int64_t time, struct buffer *out)
{
	struct tm parts = { 0 };
	char text[48];
	time_t seconds = (time_t)(time / CLOCK_S);
	(void)gmtime_r(&seconds, &parts); /* fails for years beyond an int only */
	size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
	return buffer_append(out, text, n) ? -1 : buffer_printf(out, ".%06dZ", (int)(time % CLOCK_S / 1000));
}

static int write_json(const struct framing *framing, const struct datagram *datagram, struct buffer *out)
{
	char peer[FRAMING_SENDER];
	size_t n = datagram->size;
	bool text = text_is_utf8(datagram->bytes, n);
	framing->sender(peer, datagram->from, datagram->length, false);
	if (buffer_printf(out, "{\"time\":\"") || append_time(datagram->time, out) || buffer_printf(out, "\",\"peer\":") ||
	    encode_json(out, peer, strlen(peer)) || buffer_printf(out, ",\"size\":%zu", n))
		return -1;
	if (text)
		return buffer_printf(out, ",\"text\":") || encode_json(out, datagram->bytes, n) ||
			       buffer_append(out, "}\n", 2)
			   ? -1
			   : 0;
	return buffer_printf(out, ",\"base64\":\"") || encode_base64(out, datagram->bytes, n) ||
		       buffer_append(out, "\"}\n", 3)
		   ? -1
		   : 0;
}

/* The frames */

static const struct {
	int (*cut)(const struct framing *framing, const struct input *input, struct record *record, struct error *error);
	int (*write)(const struct framing *framing, const struct datagram *datagram, struct buffer *out);
} frames[] = {
	[FRAME_DEFAULT] = { cut_line, write_raw }, [FRAME_LINE] = { cut_line, write_line },
	[FRAME_SIZE] = { cut_size, NULL },         [FRAME_LENGTH] = { cut_length, write_length },
	[FRAME_ALL] = { cut_all, NULL },           [FRAME_RAW] = { NULL, write_raw },
	[FRAME_HEX] = { NULL, write_hex },         [FRAME_JSON] = { NULL, write_json },
};

int framing_cut(struct framing *framing, const char *bytes, size_t n, bool ended, struct record *record,
		struct error *error)
{
	const struct input input = { bytes, n, ended };
	int cut = frames[framing->frame].cut(framing, &input, record, error);
	framing->records += cut > 0;
	return cut;
}

bool framing_is_bare(const struct framing *framing)
{
	return frames[framing->frame].write == write_raw && !framing->from && !framing->sequence && !framing->echo;
}

bool framing_is_timed(const struct framing *framing)
{
	return framing->frame == FRAME_JSON || framing->sequence;
}

int framing_write(const struct framing *framing, const struct datagram *datagram, struct buffer *out)
{
	return frames[framing->frame].write(framing, datagram, out);
}
