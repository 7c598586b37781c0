/* encode: bytes as text: base64, hexadecimal, JSON strings; appended to a buffer. -1 (errno ENOMEM) as buffer_append. */
#ifndef SKT_BASE_ENCODE_H
#define SKT_BASE_ENCODE_H

#include <stddef.h>

#include "base/buffer.h"

/* RFC 4648 4, with the padding and without line breaks. */
int encode_base64(struct buffer *out, const void *bytes, size_t n);

/* Two lower-case digits a byte. */
int encode_hex(struct buffer *out, const void *bytes, size_t n);

/* A JSON string with its quotes (RFC 8259 7). The bytes must be UTF-8; NULs and other controls become \uNNNN. */
int encode_json(struct buffer *out, const void *bytes, size_t n);

#endif
