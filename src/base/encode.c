#include "base/encode.h"

#include <stdint.h>

int encode_base64(struct buffer *out, const void *bytes, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *in = bytes;
	if (buffer_reserve(out, (n / 3 + 1) * 4))
		return -1;
	char *text = buffer_tail(out);
	for (size_t at = 0; at < n; at += 3, text += 4) {
		size_t taken = n - at < 3 ? n - at : 3;
		uint32_t bits = (uint32_t)in[at] << 16;
		bits |= taken > 1 ? (uint32_t)in[at + 1] << 8 : 0;
		bits |= taken > 2 ? in[at + 2] : 0;
		for (size_t i = 0; i < 4; i++)
			text[i] = i <= taken ? digits[bits >> (18 - 6 * i) & 63] : '=';
	}
	buffer_added(out, (n + 2) / 3 * 4);
	return 0;
}

static char hex(unsigned digit)
{
	return "0123456789abcdef"[digit & 15];
}

int encode_hex(struct buffer *out, const void *bytes, size_t n)
{
	const unsigned char *in = bytes;
	if (buffer_reserve(out, 2 * n))
		return -1;
	char *text = buffer_tail(out);
	for (size_t i = 0; i < n; i++) {
		text[2 * i] = hex(in[i] >> 4);
		text[2 * i + 1] = hex(in[i]);
	}
	buffer_added(out, 2 * n);
	return 0;
}

/* The letter behind the backslash; 'u' where there is none of its own; 0: the byte stands for itself. */
static char escape(unsigned char byte)
{
	static const char letters[] = "uuuuuuuubtnufruuuuuuuuuuuuuuuuuu";
	if (byte < 0x20)
		return letters[byte];
	return byte == '"' || byte == '\\' ? (char)byte : byte == 0x7f ? 'u' : 0;
}

int encode_json(struct buffer *out, const void *bytes, size_t n)
{
	enum { LONGEST = 6, QUOTES = 2 };
	const unsigned char *in = bytes;
	char *text = buffer_reserve(out, LONGEST * n + QUOTES) ? NULL : buffer_tail(out);
	if (!text)
		return -1;
	*text++ = '"';
	for (size_t i = 0; i < n; i++) {
		char letter = escape(in[i]);
		*text++ = letter ? '\\' : (char)in[i];
		if (!letter)
			continue;
		*text++ = letter;
		if (letter != 'u')
			continue;
		*text++ = '0';
		*text++ = '0';
		*text++ = hex(in[i] >> 4);
		*text++ = hex(in[i]);
	}
	*text++ = '"';
	buffer_added(out, (size_t)(text - buffer_tail(out)));
	return 0;
}
