#include "http/validator.h"

#include <stdio.h>
#include <string.h>

#include "http/date.h"

static const char weak[] = "W/";
enum { WEAK = sizeof weak - 1 };

/* What is compared where strength does not matter. */
static const char *opaque(const char *validator)
{
	return strncmp(validator, weak, WEAK) ? validator : validator + WEAK;
}

/* RFC 9110 8.8.3: entity-tag, its quotes included. */
static bool is_etag(const char *text)
{
	size_t n = strlen(text);
	if (n < 2 || text[0] != '"' || text[n - 1] != '"')
		return false;
	for (size_t i = 1; i + 1 < n; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == '"' || text[i] == 0x7f)
			return false;
	return true;
}

static bool is_date(const char *text)
{
	int64_t seconds;
	return !date_parse(text, &seconds);
}

/* Whether the page was made in an earlier second than the answer. */
static bool has_settled(const struct head *head, const char *modified)
{
	char date[64];
	int64_t then, now;
	return !head_field(head, "Date", 0, date, sizeof date) && !date_parse(date, &now) &&
	       !date_parse(modified, &then) && then < now;
}

void validator_of(const struct head *head, char out[static VALIDATOR_MOST])
{
	char modified[64];
	if (!head_field(head, "ETag", 0, out, VALIDATOR_MOST) && is_etag(opaque(out)))
		return;
	*out = '\0';
	if (!head_field(head, "Last-Modified", 0, modified, sizeof modified) && is_date(modified))
		snprintf(out, VALIDATOR_MOST, "%s%s", has_settled(head, modified) ? "" : weak, modified);
}

bool validator_is_strong(const char *validator)
{
	return is_etag(validator) || is_date(validator);
}

bool validator_differs(const char *validator, const struct head *head)
{
	char now[VALIDATOR_MOST];
	const char *before = opaque(validator);
	if (head_field(head, is_etag(before) ? "ETag" : "Last-Modified", 0, now, sizeof now))
		return false;
	return *before && strcmp(before, opaque(now)) != 0;
}
