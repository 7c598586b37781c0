/* URLs and redirects: whatever parses can be sent, and what is printed of it parses to the same again.
 * Input: a URL, and behind a line end a Location, which serves as NAME=VALUE, header and range as well. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/request.h"
#include "http/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int held)
{
	if (!held)
		abort();
}

static int is_line(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || (unsigned char)*text >= 0x7f)
			return 0;
	return 1;
}

static void check_error(const struct error *error, enum error_class class)
{
	must(error->class == class && *error->text && is_line(error->text));
}

static void check_empty(const struct url *url)
{
	must(!url->host && !url->port && !url->target && !url->authority && !url->user && !url->password);
}

/* Nothing in what is sent can end the request line or a header. */
static void check_url(const struct url *url)
{
	char word[32];
	int port = atoi(url->port);
	snprintf(word, sizeof word, "%d", port);
	must(port > 0 && port < 65536 && !strcmp(word, url->port));
	must(*url->host && is_line(url->host) && !strpbrk(url->host, " /?#@[]"));
	must(*url->authority && is_line(url->authority) && !strpbrk(url->authority, " /?#@%"));
	must(*url->target == '/' && is_line(url->target) && !strpbrk(url->target, " #"));
	must(!url->password || url->user);
	struct buffer out = { 0 };
	must(!request_write(&out, &(struct request){ .url = url, .version = HTTP_0_9 }));
	must(buffer_held(&out) == strlen(url->target) + 6);
	buffer_free(&out);
}

static void check_again(const struct url *url)
{
	struct url again;
	struct error error;
	size_t size = strlen(url->authority) + strlen(url->target) + 8;
	char *word = malloc(size);
	snprintf(word, size, "http://%s%s", url->authority, url->target);
	must(!url_parse(word, &again, &error));
	must(!strcmp(again.authority, url->authority) && !strcmp(again.target, url->target));
	must(strchr(url->host, '%') || url_same_origin(url, &again)); /* an authority has no zone */
	url_free(&again);
	free(word);
}

static void check_second(struct url *url, const char *word)
{
	struct url next;
	struct error error = { 0 };
	if (!url_resolve(url, word, &next, &error)) {
		check_url(&next);
		check_again(&next);
		const char *dots = strstr(next.target, "/../");
		must(!dots || dots > next.target + strcspn(next.target, "?"));
		url_free(&next);
	} else {
		check_error(&error, ERROR_PROTOCOL);
		check_empty(&next);
	}
	if (!url_add_query(url, word, &error)) {
		must(strchr(url->target, '?') != NULL);
		check_url(url);
	} else {
		check_error(&error, ERROR_USAGE);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct url url;
	struct error error = { 0 };
	const uint8_t *lf = size ? memchr(data, '\n', size) : NULL;
	size_t n = lf ? (size_t)(lf - data) : size;
	char *word = strndup((const char *)data, n);
	char *second = lf ? strndup((const char *)lf + 1, size - n - 1) : strdup("");
	if (!url_parse(word, &url, &error)) {
		check_url(&url);
		check_again(&url);
		check_second(&url, second);
		url_free(&url);
	} else {
		check_error(&error, ERROR_USAGE);
		check_empty(&url);
	}
	struct error field = { 0 }, range = { 0 };
	if (request_check_field(second, &field))
		check_error(&field, ERROR_USAGE);
	if (request_check_range(second, &range))
		check_error(&range, ERROR_USAGE);
	free(word);
	free(second);
	return 0;
}
