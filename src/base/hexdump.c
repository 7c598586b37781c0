#include "base/hexdump.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PER_LINE = 16, HALF = 8, COLUMNS = PER_LINE * 3 + 1, LINE_MOST = 16 + 2 + COLUMNS + 1 + PER_LINE + 4 };

/* "00000010  68 65 ...  |he...|" and a newline. Returns its length. */
static size_t write_line(char line[static LINE_MOST], uint64_t offset, const unsigned char *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	size_t start = (size_t)snprintf(line, LINE_MOST, "%08" PRIx64 "  ", offset);
	memset(line + start, ' ', COLUMNS + 1);
	char *text = line + start + COLUMNS + 1;
	*text++ = '|';
	for (size_t i = 0; i < n; i++) {
		char *pair = line + start + i * 3 + (i >= HALF);
		pair[0] = digits[bytes[i] >> 4];
		pair[1] = digits[bytes[i] & 15];
		*text++ = bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char)bytes[i] : '.';
	}
	*text++ = '|';
	*text++ = '\n';
	return (size_t)(text - line);
}

int hexdump_write(struct buffer *out, const char *prefix, uint64_t offset, const void *bytes, size_t n)
{
	size_t before = strlen(prefix), lines = (n + PER_LINE - 1) / PER_LINE;
	if (buffer_reserve(out, lines * (before + LINE_MOST)))
		return -1;
	for (size_t at = 0; at < n; at += PER_LINE) {
		char *tail = buffer_tail(out);
		size_t part = n - at < PER_LINE ? n - at : PER_LINE;
		memcpy(tail, prefix, before);
		buffer_added(out,
			     before + write_line(tail + before, offset + at, (const unsigned char *)bytes + at, part));
	}
	return 0;
}
