/* body: the message body by its framing (RFC 9112 6, 7), in whatever pieces it comes. Decodes in place: it points at
 * the content inside the caller's bytes and copies nothing. Pure. */
#ifndef SKT_HTTP_BODY_H
#define SKT_HTTP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "http/head.h"

struct body {
	enum head_framing framing;
	uint64_t left;     /* of the length, or of the present chunk */
	uint64_t content;  /* bytes of content so far */
	bool complete;     /* the framing says that all is there */
	int state;         /* the chunk parser's own: */
	uint32_t line;     /* bytes of the present chunk line or of the trailers, bounded */
	bool digits;
};

/* Begins a body with the framing of a head; a body of HEAD_NO_BODY or of length 0 is complete at once. */
void body_begin(struct body *body, enum head_framing framing, uint64_t length);

/* Takes bytes from the front of n > 0 of them: *used says how many, and *content / *size the piece of content among
 * them (size 0: only framing). Call again with the rest until *used == n or body->complete. Bytes behind a complete
 * body are not used. -1 with ERROR_PROTOCOL: a chunk size that is not plain hexadecimal, overflows 2^63-1 or has a
 * line over 16 KiB (extensions are ignored), data not followed by CRLF (bare LF passes), trailers over 256 KiB. */
int body_take(struct body *body, const char *bytes, size_t n, size_t *used, const char **content, size_t *size,
	      struct error *error);

/* The stream ended: 0 when the body is complete (until-close bodies are), else -1 with ERROR_INCOMPLETE and a text
 * that tells how many bytes of how many came, or that a chunk was cut. */
int body_end(const struct body *body, struct error *error);

#endif
