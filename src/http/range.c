#include "http/range.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"

struct range range_of(const char *word)
{
	struct range range = { .suffix = *word == '-', .last = UINT64_MAX };
	char *behind;
	range.first = strtoull(word + range.suffix, &behind, 10);
	if (!range.suffix && behind[0] == '-' && behind[1])
		range.last = strtoull(behind + 1, NULL, 10);
	return range;
}

/* Where the part of a page of `total` bytes (UINT64_MAX: unknown) should begin and end. */
static struct range meant(const struct range *range, uint64_t total)
{
	struct range part = *range;
	if (total == UINT64_MAX)
		return part;
	if (range->suffix)
		part = (struct range){ .first = range->first < total ? total - range->first : 0, .last = total - 1 };
	else if (part.last >= total)
		part.last = total - 1;
	return part;
}

int range_check(const struct range *range, struct head *head, struct error *error)
{
	uint64_t first, last, total;
	char shown[120] = "", field[100];
	if (!head_field(head, "Content-Range", 0, field, sizeof field))
		TEXT_SHOW(shown, field);
	if (head_content_range(head, &first, &last, &total) || first == UINT64_MAX)
		return error_set(error, ERROR_PROTOCOL, 0, "a part of the page (206) with a %s Content-Range%s%s%s",
				 *shown ? "bad" : "missing", *shown ? " '" : "", shown, *shown ? "'" : "");
	struct range part = meant(range, total);
	bool other = !part.suffix ? first != part.first || last > part.last : last - first >= range->first;
	if (other)
		return error_set(error, ERROR_PROTOCOL, 0, "another part of the page came than was asked for: '%s'",
				 shown);
	uint64_t size = last - first + 1;
	if (head->framing == HEAD_LENGTH && head->length != size)
		return error_set(error, ERROR_PROTOCOL, 0,
				 "Content-Length %" PRIu64 " does not fit to Content-Range '%s'", head->length, shown);
	if (head->framing == HEAD_UNTIL_CLOSE)
		head->framing = HEAD_LENGTH;
	head->length = size;
	return part.suffix || part.last == UINT64_MAX || last == part.last;
}
