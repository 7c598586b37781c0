#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* strtoumax takes white space and signs: the first byte must be a digit of the base. */
static int number(const char *word, int base, uint64_t most, uint64_t *value, const char **rest)
{
	char *end;
	if (!isdigit((unsigned char)word[0]) && !(base == 16 && isxdigit((unsigned char)word[0])))
		return -1;
	errno = 0;
	uintmax_t n = strtoumax(word, &end, base);
	if (errno || end == word || n > most)
		return -1;
	*value = n;
	*rest = end;
	return 0;
}

static int whole_number(const char *word, int base, uint64_t most, uint64_t *value)
{
	const char *rest;
	uint64_t n;
	if (number(word, base, most, &n, &rest) || *rest)
		return -1;
	*value = n;
	return 0;
}

int text_number(const char *word, uint64_t most, uint64_t *value)
{
	return whole_number(word, 10, most, value);
}

int text_number_any(const char *word, uint64_t most, uint64_t *value)
{
	if (word[0] == '0' && (word[1] == 'x' || word[1] == 'X'))
		return word[2 + strspn(word + 2, "0123456789abcdefABCDEF")] ? -1
									    : whole_number(word + 2, 16, most, value);
	return text_number(word, most, value);
}

int text_octal(const char *word, uint64_t most, uint64_t *value)
{
	return whole_number(word, 8, most, value);
}

int text_size(const char *word, uint64_t *bytes)
{
	static const char units[] = "KMG";
	const char *rest;
	uint64_t n, unit = 1;
	if (number(word, 10, UINT64_MAX, &n, &rest))
		return -1;
	if (*rest) {
		const char *at = strchr(units, toupper((unsigned char)*rest));
		if (!at || rest[1])
			return -1;
		unit = UINT64_C(1) << (10 * (at - units + 1));
	}
	if (n > (uint64_t)INT64_MAX / unit)
		return -1;
	*bytes = n * unit;
	return 0;
}

/* Nanoseconds of "DIGITS[.DIGITS]" or ".DIGITS" times unit; digits beyond the nanosecond are dropped. */
static int scaled(const char *word, int64_t unit, int64_t *value, const char **rest)
{
	uint64_t whole = 0;
	int64_t fraction = 0, digit = unit;
	*rest = word;
	if (*word != '.' && number(word, 10, (uint64_t)(INT64_MAX / unit), &whole, rest))
		return -1;
	if (**rest == '.') {
		if (!isdigit((unsigned char)*++*rest))
			return -1;
		for (; isdigit((unsigned char)**rest); ++*rest)
			fraction += (**rest - '0') * (digit /= 10);
	}
	if ((int64_t)whole > (INT64_MAX - 1 - fraction) / unit)
		return -1;
	*value = (int64_t)whole * unit + fraction;
	return 0;
}

int text_duration(const char *word, int64_t *nanoseconds)
{
	static const struct {
		const char *suffix;
		int64_t unit;
	} rows[] = {
		{ "", CLOCK_S }, { "s", CLOCK_S }, { "ms", CLOCK_MS }, { "m", 60 * CLOCK_S }, { "h", 3600 * CLOCK_S }
	};
	const char *suffix = word + strspn(word, "0123456789.");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *rest;
		int64_t value;
		if (strcmp(suffix, rows[i].suffix))
			continue;
		if (scaled(word, rows[i].unit, &value, &rest) || rest != suffix)
			return -1;
		*nanoseconds = value;
		return 0;
	}
	return -1;
}

static size_t escape_byte(char out[static 5], unsigned char byte)
{
	static const char shorts[] = "\nn\rr\tt\\\\";
	for (size_t i = 0; shorts[i]; i += 2)
		if (byte == (unsigned char)shorts[i])
			return (size_t)snprintf(out, 5, "\\%c", shorts[i + 1]);
	return (size_t)snprintf(out, 5, byte >= 0x20 && byte < 0x7f ? "%c" : "\\x%02x", byte);
}

char *text_escape(char *out, size_t size, const void *bytes, size_t n)
{
	const unsigned char *in = bytes;
	size_t used = 0;
	for (size_t i = 0; i < n; i++) {
		char piece[5];
		size_t length = escape_byte(piece, in[i]);
		/* The end of a cut text needs room for "..." and its NUL. */
		if (used + length + (i + 1 < n ? 4 : 1) > size) {
			memcpy(out + used, "...", 3);
			used += 3;
			break;
		}
		memcpy(out + used, piece, length);
		used += length;
	}
	out[used] = '\0';
	return out;
}

/* The length of the well-formed UTF-8 sequence at the front of n > 0 bytes; 0 where there is none. */
static size_t sequence(const unsigned char *at, size_t n)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t least;
	} rows[] = { { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 } };
	for (size_t length = 1; length <= 4; length++) {
		if ((at[0] & rows[length - 1].mask) != rows[length - 1].lead)
			continue;
		if (length > n)
			return 0;
		uint32_t rune = at[0] & (unsigned char)~rows[length - 1].mask;
		for (size_t i = 1; i < length; i++) {
			if ((at[i] & 0xc0) != 0x80)
				return 0;
			rune = rune << 6 | (at[i] & 0x3f);
		}
		bool surrogate = rune >= 0xd800 && rune <= 0xdfff;
		return rune < rows[length - 1].least || rune > 0x10ffff || surrogate ? 0 : length;
	}
	return 0;
}

bool text_is_utf8(const void *bytes, size_t n)
{
	const unsigned char *at = bytes;
	for (size_t length; n; at += length, n -= length)
		if (!(length = sequence(at, n)))
			return false;
	return true;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment over words of at most 39 letters; a longer word is near to nothing. */
size_t text_distance(const char *a, const char *b)
{
	size_t table[40][40], n = strlen(a), m = strlen(b);
	if (n >= 40 || m >= 40)
		return n + m;
	for (size_t i = 0; i <= n; i++)
		for (size_t j = 0; j <= m; j++) {
			if (!i || !j) {
				table[i][j] = i + j;
				continue;
			}
			size_t change = table[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			table[i][j] = least(change, least(table[i - 1][j], table[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				table[i][j] = least(table[i][j], table[i - 2][j - 2] + 1);
		}
	return table[n][m];
}

int text_copy(char *out, size_t size, const char *string)
{
	size_t n = strlen(string);
	if (n >= size)
		return -1;
	memcpy(out, string, n + 1);
	return 0;
}

char *text_amount(char out[static TEXT_AMOUNT], double bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	size_t unit = 0;
	for (; bytes >= 1024 && unit + 1 < sizeof units / sizeof units[0]; unit++)
		bytes /= 1024;
	snprintf(out, TEXT_AMOUNT, "%.*f %s", unit ? 1 : 0, bytes, units[unit]);
	return out;
}
