/* What the fields of a head mean: the part of a page against what was asked for, pauses, validators.
 * Input: a word of --range, a line end, then the fields of a 206. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/date.h"
#include "http/range.h"
#include "http/request.h"
#include "http/validator.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int held)
{
	if (!held)
		abort();
}

static void check_error(const struct error *error, enum error_class class)
{
	must(error->class == class && *error->text);
	for (const char *at = error->text; *at; at++)
		must((unsigned char)*at >= 0x20 && (unsigned char)*at < 0x7f);
}

/* What passes lies within what was asked for, and its length is that of the body. */
static void check_range(const char *word, struct head *head)
{
	struct error error = { 0 };
	struct range range = range_of(word);
	uint64_t first, last, total, told = head->length;
	enum head_framing framing = head->framing;
	int answer = range_check(&range, head, &error);
	if (answer < 0) {
		check_error(&error, ERROR_PROTOCOL);
		return;
	}
	must(!head_content_range(head, &first, &last, &total) && first <= last);
	must(head->length == last - first + 1 && head->framing != HEAD_UNTIL_CLOSE);
	must(framing != HEAD_LENGTH || told == head->length);
	must(total == UINT64_MAX || last < total);
	if (range.suffix)
		must(head->length <= range.first && (!answer || total == UINT64_MAX || last == total - 1));
	else
		must(first == range.first && last <= range.last);
	if (answer && !range.suffix)
		must(last == range.last || total == UINT64_MAX || last == total - 1);
}

static void check_validator(const struct head *head)
{
	char validator[VALIDATOR_MOST], again[VALIDATOR_MOST];
	validator_of(head, validator);
	must(strlen(validator) < sizeof validator && !strpbrk(validator, "\r\n"));
	must(!validator_differs(validator, head));
	if (validator_is_strong(validator))
		must(*validator && strncmp(validator, "W/", 2) != 0);
	/* Another ETag is another page. */
	size_t n = strlen(validator);
	if (n > 2 && validator[n - 1] == '"' && validator[n - 2] != '"') {
		snprintf(again, sizeof again, "%s", validator);
		again[n - 2] = validator[n - 2] == 'x' ? 'y' : 'x';
		must(validator_differs(again, head));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char line[] = "HTTP/1.1 206 Partial Content\r\n";
	const uint8_t *end = memchr(data, '\n', size < 64 ? size : 64);
	struct head head = { 0 };
	struct error error = { 0 };
	size_t used;
	if (!end)
		return 0;
	char *word = strndup((const char *)data, (size_t)(end - data));
	size_t n = size - (size_t)(end + 1 - data);
	int bad_word = request_check_range(word, &error);
	if (bad_word)
		check_error(&error, ERROR_USAGE);
	must(head_take(&head, line, sizeof line - 1, &used, &error) == HEAD_MORE);
	if (n && head_take(&head, (const char *)end + 1, n, &used, &error) == HEAD_DONE) {
		int64_t pause = date_pause(&head, 1000000000);
		must(pause >= -1 && pause <= INT32_MAX);
		check_validator(&head);
		if (!bad_word)
			check_range(word, &head);
	}
	head_free(&head);
	free(word);
	return 0;
}
