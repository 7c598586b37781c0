#include "base/buffer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void to_front(struct buffer *buffer)
{
	size_t held = buffer_held(buffer);
	if (buffer->start && held)
		memmove(buffer->data, buffer_head(buffer), held);
	buffer->start = 0;
	buffer->end = held;
}

int buffer_reserve(struct buffer *buffer, size_t room)
{
	if (buffer_room(buffer) >= room)
		return 0;
	to_front(buffer);
	if (buffer_room(buffer) >= room)
		return 0;
	if (room > SIZE_MAX / 2 - buffer->end) {
		errno = ENOMEM;
		return -1;
	}
	size_t size = buffer->end + room;
	if (size < buffer->size * 2)
		size = buffer->size * 2; /* appending byte by byte stays linear */
	char *data = realloc(buffer->data, size);
	if (!data)
		return -1;
	buffer->data = data;
	buffer->size = size;
	return 0;
}

int buffer_append(struct buffer *buffer, const void *bytes, size_t n)
{
	if (buffer_reserve(buffer, n))
		return -1;
	if (n)
		memcpy(buffer_tail(buffer), bytes, n);
	buffer_added(buffer, n);
	return 0;
}

int buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int n = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (n < 0 || buffer_reserve(buffer, (size_t)n + 1))
		return -1;
	va_start(arguments, format);
	n = vsnprintf(buffer_tail(buffer), (size_t)n + 1, format, arguments);
	va_end(arguments);
	buffer_added(buffer, (size_t)n);
	return 0;
}

void buffer_free(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct buffer){ 0 };
}
