/* text: words that people type, and bytes from outside made safe to show. */
#ifndef SKT_BASE_TEXT_H
#define SKT_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Words of the command line to values. All take the whole word or nothing: an empty word, a sign, white space,
 * trailing junk and overflow are refused with -1, and *value is left alone. */

int text_number(const char *word, uint64_t most, uint64_t *value);     /* decimal */
int text_number_any(const char *word, uint64_t most, uint64_t *value); /* decimal, or 0x hexadecimal */
int text_octal(const char *word, uint64_t most, uint64_t *value);
int text_size(const char *word, uint64_t *bytes);          /* 64, 10K, 4M, 1G: powers of 1024 */
int text_duration(const char *word, int64_t *nanoseconds); /* 250ms, 5s, 1.5s, 2m, 1h; bare: seconds */

/* Writes n bytes to out, a NUL behind them, every byte that is not printable ASCII as \xNN and a backslash doubled,
 * \n \r \t in their short forms; cut with "..." where out is too small (size >= 8). Returns out. */
char *text_escape(char *out, size_t size, const void *bytes, size_t n);

/* text_escape of a string into an array of the caller's: TEXT_SHOW(array, word). */
#define TEXT_SHOW(array, word) text_escape(array, sizeof(array), word, __builtin_strlen(word))

/* Whether n bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). */
bool text_is_utf8(const void *bytes, size_t n);

/* How many single-letter edits (insert, drop, change, swap of neighbours) part two words; for "did you mean". */
size_t text_distance(const char *a, const char *b);

/* "512 B", "1.5 MiB": bytes for people, in powers of 1024. Returns out. */
enum { TEXT_AMOUNT = 32 };
char *text_amount(char out[static TEXT_AMOUNT], double bytes);

/* Copies a string; -1 when it does not fit with its NUL. */
int text_copy(char *out, size_t size, const char *string);

#endif
