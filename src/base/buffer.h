/* buffer: bytes held between a reader and a writer. Linear: what is held is data[start..end); room is reserved
 * behind it, by moving what is held to the front and by growing. All zero is an empty buffer. */
#ifndef SKT_BASE_BUFFER_H
#define SKT_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct buffer {
	char *data;   /* owned; NULL until room is first reserved */
	size_t size;  /* allocated */
	size_t start; /* first held byte */
	size_t end;   /* behind the last held byte */
};

/* Makes room for at least `room` more bytes behind what is held. -1 (errno ENOMEM) when memory is short: nothing
 * has changed then. */
int buffer_reserve(struct buffer *buffer, size_t room);

/* Appends a copy of n bytes; -1 (errno ENOMEM) as buffer_reserve. */
int buffer_append(struct buffer *buffer, const void *bytes, size_t n);

/* printf to the end of the buffer, without the NUL; -1 as buffer_reserve. */
int buffer_printf(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Frees the memory; the buffer is empty and usable again. */
void buffer_free(struct buffer *buffer);

static inline size_t buffer_held(const struct buffer *buffer)
{
	return buffer->end - buffer->start;
}

static inline size_t buffer_room(const struct buffer *buffer)
{
	return buffer->size - buffer->end;
}

static inline char *buffer_head(const struct buffer *buffer)
{
	return buffer->data ? buffer->data + buffer->start : NULL; /* NULL + 0 is not defined in C11 */
}

static inline char *buffer_tail(const struct buffer *buffer)
{
	return buffer->data ? buffer->data + buffer->end : NULL;
}

/* n bytes were written behind what is held: they are held now. n <= buffer_room. */
static inline void buffer_added(struct buffer *buffer, size_t n)
{
	buffer->end += n;
}

/* The first n held bytes are done with. n <= buffer_held. */
static inline void buffer_consumed(struct buffer *buffer, size_t n)
{
	buffer->start += n;
	if (buffer->start == buffer->end)
		buffer->start = buffer->end = 0;
}

#endif
