/* The rows of http-get. */
#include "commands/options.h"
#include "commands/settings.h"

#define AT(field) .offset = offsetof(struct settings, field)

/* As OPTION_TEXT, but it may be empty. */
static int take_text(const char *word, void *field, struct error *error)
{
	(void)error;
	*(const char **)field = word;
	return 0;
}

static const struct option http[] = {
	{ "http0.9", '0', OPTION_FLAG, AT(http09), .help = "send the raw line 'GET TARGET' and nothing else" },
	{ "http1.0", 0, OPTION_FLAG, AT(http10), .help = "ask in HTTP/1.0" },
	{ "extra-crlf", 0, OPTION_FLAG, AT(extra_crlf),
	  .help = "a blank line behind the raw line, for servers that wait for it" },
	{ "allow-http0.9", 0, OPTION_FLAG, AT(allow_http09),
	  .help = "take a reply without status line and headers as a page" },
	{ "include", 'i', OPTION_FLAG, AT(include), .help = "write status line and headers before the body" },
	{ "output", 'o', OPTION_TEXT, AT(output), "FILE", "write the page to FILE, once it is complete" },
	{ "continue", 'c', OPTION_FLAG, AT(resume), .help = "go on with FILE.part or FILE" },
	{ "range", 'r', OPTION_TEXT, AT(range), "A-B|A-|-N", "ask for these bytes of the page" },
	{ "location", 'L', OPTION_FLAG, AT(location), .help = "follow redirects, up to 20" },
	{ "header", 'H', OPTION_LIST, AT(fields), "'NAME: VALUE'", "send this header field" },
	{ "query", 0, OPTION_LIST, AT(query), "NAME=VALUE", "add to the query of the URL, percent-encoded" },
	{ "user-agent", 0, OPTION_CUSTOM, AT(user_agent), "TEXT", "what to call ourselves; empty: nothing is sent",
	  .take = take_text },
	{ "auth-file", 0, OPTION_TEXT, AT(auth_file), "FILE", "send the 'user:pass' of this file's one line" },
	{ "unix-socket", 0, OPTION_TEXT, AT(unix_socket), "PATH", "connect to this unix socket, not to the URL's host" },
	{ "max-bytes", 0, OPTION_SIZE, AT(max_bytes), "SIZE", "stop after so many bytes of the page" },
};
OPTION_GROUP(options_http, "HTTP", http);

static const struct option retrying[] = {
	{ "retry", 0, OPTION_CUSTOM, AT(retry), "N|forever",
	  "ask again so often when refused, unreachable, timed out, or on a 502, 503 or 504", .take = options_take_retry },
	{ "retry-interval", 0, OPTION_DURATION, AT(retry_interval), "DURATION",
	  "before the second try (1s), doubled for each further one" },
};
OPTION_GROUP(options_http_retry, "Asking again", retrying);

const struct option_rule options_http_rules[] = {
	{ OPTION_CONFLICT, "http0.9", "http1.0" },
	{ OPTION_CONFLICT, "http0.9", "header" },
	{ OPTION_CONFLICT, "http0.9", "user-agent" },
	{ OPTION_CONFLICT, "http0.9", "range" },
	{ OPTION_CONFLICT, "http0.9", "continue" },
	{ OPTION_CONFLICT, "http0.9", "auth-file" },
	{ OPTION_CONFLICT, "unix-socket", "proxy" },
	{ OPTION_CONFLICT, "unix-socket", "family" },
	{ OPTION_CONFLICT, "unix-socket", "4" },
	{ OPTION_CONFLICT, "unix-socket", "6" },
	{ OPTION_CONFLICT, "unix-socket", "type" },
	{ OPTION_CONFLICT, "unix-socket", "protocol" },
	{ OPTION_CONFLICT, "unix-socket", "source" },
	{ OPTION_CONFLICT, "unix-socket", "source-port" },
	{ OPTION_CONFLICT, "unix-socket", "attempt-delay" },
	{ OPTION_CONFLICT, "unix-socket", "keep-alive" },
	{ OPTION_CONFLICT, "unix-socket", "md5-file" },
	{ OPTION_CONFLICT, "continue", "range" },
	{ OPTION_CONFLICT, "continue", "include" },
	{ OPTION_NEEDS, "continue", "output" },
	{ OPTION_NEEDS, "extra-crlf", "http0.9" },
	{ OPTION_RULES_END, NULL, NULL },
};
