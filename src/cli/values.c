#include "cli/values.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/parse.h"

/* " from 1 to 255", " of at least 1", " of at most 9" or "", as the row says. */
static const char *range(const struct option *row, char *out, size_t size)
{
	if (row->least && row->most)
		snprintf(out, size, " from %" PRIu64 " to %" PRIu64, row->least, row->most);
	else if (row->most)
		snprintf(out, size, " of at most %" PRIu64, row->most);
	else if (row->least)
		snprintf(out, size, " of at least %" PRIu64, row->least);
	else
		out[0] = '\0';
	return out;
}

static int refuse_number(const struct option *row, struct error *error, const char *what, const char *example)
{
	char limits[80];
	return error_set(error, ERROR_USAGE, 0, "is not %s%s%s", what, range(row, limits, sizeof limits), example);
}

static bool within(const struct option *row, uint64_t value)
{
	return value >= row->least && (!row->most || value <= row->most);
}

static int read_flag(const struct option *row, const char *word, void *field, struct error *error)
{
	(void)row, (void)word, (void)error; /* the table's signature */
	*(bool *)field = true;
	return 0;
}

static int read_set(const struct option *row, const char *word, void *field, struct error *error)
{
	(void)word, (void)error;
	*(int *)field = row->value;
	return 0;
}

static int read_number(const struct option *row, const char *word, void *field, struct error *error)
{
	uint64_t value;
	if (text_number(word, UINT64_MAX, &value) || !within(row, value))
		return refuse_number(row, error, "a number", "");
	*(uint64_t *)field = value;
	return 0;
}

static int read_any_number(const struct option *row, const char *word, void *field, struct error *error)
{
	uint64_t value;
	if (text_number_any(word, UINT64_MAX, &value) || !within(row, value))
		return refuse_number(row, error, "a number", " (decimal, or 0x and hexadecimal)");
	*(uint64_t *)field = value;
	return 0;
}

static int read_octal(const struct option *row, const char *word, void *field, struct error *error)
{
	uint64_t value;
	char most[40] = "";
	if (!text_octal(word, UINT64_MAX, &value) && within(row, value)) {
		*(uint64_t *)field = value;
		return 0;
	}
	if (row->most)
		snprintf(most, sizeof most, " from %" PRIo64 " to %" PRIo64, row->least, row->most);
	return error_set(error, ERROR_USAGE, 0, "is not an octal number%s", most);
}

static int read_size(const struct option *row, const char *word, void *field, struct error *error)
{
	uint64_t value;
	if (text_size(word, &value) || !within(row, value))
		return refuse_number(row, error, "a number of bytes", " (like 64, 10K, 4M, 1G)");
	*(uint64_t *)field = value;
	return 0;
}

static int read_duration(const struct option *row, const char *word, void *field, struct error *error)
{
	int64_t value;
	(void)row;
	if (text_duration(word, &value))
		return error_set(error, ERROR_USAGE, 0, "is not a duration (like 250ms, 5s, 1.5s, 2m, 1h)");
	*(int64_t *)field = value;
	return 0;
}

static int read_text(const struct option *row, const char *word, void *field, struct error *error)
{
	if (!*word)
		return error_set(error, ERROR_USAGE, 0, "is empty, no %s", row->argument);
	*(const char **)field = word;
	return 0;
}

static int read_list(const struct option *row, const char *word, void *field, struct error *error)
{
	struct option_list *list = field;
	if (list->count == OPTION_LIST_MOST)
		return error_set(error, ERROR_USAGE, 0, "is one too many, %d are the most", OPTION_LIST_MOST);
	return read_text(row, word, &list->items[list->count], error) ? -1 : (list->count++, 0);
}

static int refuse_word(const struct option *row, const char *word, struct error *error)
{
	const char *names[64];
	char listed[400] = "";
	size_t n = 0, used = 0;
	for (; row->words[n].name && n < sizeof names / sizeof names[0]; n++) {
		names[n] = row->words[n].name;
		if (used < sizeof listed)
			used += (size_t)snprintf(listed + used, sizeof listed - used, "%s%s", n ? ", " : "", names[n]);
	}
	const char *nearest = parse_nearest(word, names, n);
	if (!nearest)
		return error_set(error, ERROR_USAGE, 0, "is none of %s", listed);
	return error_set(error, ERROR_USAGE, 0, "is none of %s (did you mean '%s'?)", listed, nearest);
}

static int read_word(const struct option *row, const char *word, void *field, struct error *error)
{
	for (const struct option_word *at = row->words; at->name; at++)
		if (!strcmp(at->name, word)) {
			*(int *)field = at->value;
			return 0;
		}
	return refuse_word(row, word, error);
}

static int read_custom(const struct option *row, const char *word, void *field, struct error *error)
{
	return row->take(word, field, error);
}

static const struct {
	int (*read)(const struct option *row, const char *word, void *field, struct error *error);
	bool without; /* does something without a word */
} kinds[] = {
	[OPTION_FLAG] = { read_flag, true },
	[OPTION_SET] = { read_set, true },
	[OPTION_NUMBER] = { read_number, false },
	[OPTION_ANY_NUMBER] = { read_any_number, false },
	[OPTION_OCTAL] = { read_octal, false },
	[OPTION_SIZE] = { read_size, false },
	[OPTION_DURATION] = { read_duration, false },
	[OPTION_TEXT] = { read_text, false },
	[OPTION_LIST] = { read_list, false },
	[OPTION_WORD] = { read_word, false },
	[OPTION_CUSTOM] = { read_custom, true },
};

int values_read(const struct option *row, const char *word, void *settings, struct error *error)
{
	if (!word && !kinds[row->kind].without)
		return 0;
	return kinds[row->kind].read(row, word, (char *)settings + row->offset, error);
}
