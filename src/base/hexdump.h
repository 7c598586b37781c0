/* hexdump: bytes as lines for people, in the form of `hexdump -C`. */
#ifndef SKT_BASE_HEXDUMP_H
#define SKT_BASE_HEXDUMP_H

#include <stdint.h>

#include "base/buffer.h"

/* Appends n bytes, sixteen a line: `prefix`, the offset of the first (of all: `offset`) in eight hexadecimal digits or
 * more, the bytes, and between bars those of them that are printable ASCII, dots for the others. -1: no memory (errno).
 */
int hexdump_write(struct buffer *out, const char *prefix, uint64_t offset, const void *bytes, size_t n);

#endif
