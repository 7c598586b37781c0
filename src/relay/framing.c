#include "relay/framing.h"

#include <string.h>

static int too_long(const struct framing *framing, struct error *error)
{
	return error_set(error, ERROR_LOCAL, 0, "line %llu is longer than a datagram may be (%zu bytes): not sent",
			 (unsigned long long)framing->records + 1, framing->most);
}

static int cut_line(const struct framing *framing, const char *bytes, size_t n, bool ended, struct record *record,
		    struct error *error)
{
	size_t look =
	    n <= framing->most ? n : framing->most + 1; /* with --chomp the newline may stand behind the last byte */
	const char *newline = memchr(bytes, '\n', look);
	if (!newline && n <= framing->most && !ended)
		return 0;
	size_t consumed = newline ? (size_t)(newline - bytes) + 1 : n;
	size_t size = newline && framing->chomp ? consumed - 1 : consumed;
	if (size > framing->most)
		return newline || n > framing->most + framing->chomp || ended ? too_long(framing, error) : 0;
	*record = (struct record){ bytes, size, consumed };
	return 1;
}

int framing_cut(struct framing *framing, const char *bytes, size_t n, bool ended, struct record *record,
		struct error *error)
{
	int cut = 0;
	if (!n)
		return 0;
	if (framing->frame != FRAME_SIZE)
		cut = cut_line(framing, bytes, n, ended, record, error);
	else if (n >= framing->size || ended) {
		size_t size = n < framing->size ? n : framing->size;
		*record = (struct record){ bytes, size, size };
		cut = 1;
	}
	framing->records += cut > 0;
	return cut;
}

bool framing_is_bare(const struct framing *framing)
{
	return framing->frame != FRAME_LINE && !framing->from;
}

int framing_write(const struct framing *framing, const char *bytes, size_t n, const struct sockaddr *from,
		  socklen_t length, struct buffer *out)
{
	if (framing->from && framing->sender(out, from, length))
		return -1;
	if (buffer_append(out, bytes, n))
		return -1;
	bool newline = framing->frame == FRAME_LINE && (!n || bytes[n - 1] != '\n');
	return newline ? buffer_append(out, "\n", 1) : 0;
}
