#include "commands/words.h"

#include <string.h>

#include "base/text.h"

static int refuse_word(struct context *context, struct error *error, const char *word, const char *why)
{
	char shown[200];
	return parse_refuse(&context->command->syntax, error, "'%s' %s", TEXT_SHOW(shown, word), why);
}

/* HOST:PORT or [v6]:PORT into its two halves. 0: the word is none of these. */
static int split(struct context *context, const char *word, const char **host, const char **port)
{
	if (text_copy(context->split, sizeof context->split, word))
		return 0;
	char *colon = word[0] == '[' ? strstr(context->split, "]:") : strchr(context->split, ':');
	if (!colon)
		return 0;
	if (word[0] == '[')
		*++colon = '\0';
	else if (strchr(colon + 1, ':'))
		return 0; /* a bare IPv6 address */
	else
		*colon = '\0';
	*host = context->split;
	*port = colon + 1;
	return 1;
}

/* Number or service name; whether the service exists is the resolver's to say. */
static int check_port(struct context *context, const char *port, bool zero, struct error *error)
{
	uint64_t number, most = context->endpoint.triple.family == AF_VSOCK ? UINT32_MAX : 65535;
	if (!*port)
		return parse_refuse(&context->command->syntax, error, "the port is empty");
	if (text_number(port, most, &number)) {
		/* getaddrinfo(3) would read " 70000" as a number, and wrap it. */
		bool name = !strchr("0123456789+- \t\n\v\f\r", port[0]) && most == 65535;
		return name ? 0
			    : refuse_word(context, error, port,
					  "is not a port: a number from 0 to 65535, or the name of a service");
	}
	return number || zero ? 0
			      : refuse_word(context, error, port, "is no port to connect to: 0 is only for binding");
}

static int check_host(struct context *context, const char *host, struct error *error)
{
	struct address ignored;
	struct error why;
	if (!*host)
		return parse_refuse(&context->command->syntax, error, "the host is empty");
	if (address_literal(host, context->endpoint.triple.family, &ignored, &why) < 0)
		return parse_refuse(&context->command->syntax, error, "%s", why.text);
	return 0;
}

static int take_triple(struct context *context, struct error *error)
{
	struct error why;
	context->endpoint.triple =
	    (struct triple){ context->settings->family, context->settings->type, context->settings->protocol };
	triple_complete(&context->endpoint.triple, &context->command->triple);
	if (triple_check(&context->endpoint.triple, &why))
		return parse_refuse(&context->command->syntax, error, "%s", why.text);
	return 0;
}

/* --source and --source-port are checked like the words. */
static int check_source(struct context *context, struct error *error)
{
	const struct settings *settings = context->settings;
	uint64_t number;
	struct address ignored;
	struct error why;
	if (settings->source_port && text_number(settings->source_port, 65535, &number))
		return refuse_word(context, error, settings->source_port, "is not a source port from 0 to 65535");
	if (!settings->source || context->endpoint.triple.family == AF_UNIX)
		return 0;
	int literal = address_literal(settings->source, context->endpoint.triple.family, &ignored, &why);
	if (literal < 0)
		return parse_refuse(&context->command->syntax, error, "--source: %s", why.text);
	return literal ? 0 : refuse_word(context, error, settings->source, "is not an address to use as source");
}

int words_endpoint(struct context *context, bool bind, struct error *error)
{
	const struct arguments *arguments = context->arguments;
	struct endpoint *endpoint = &context->endpoint;
	const char *const *words = arguments->words;
	if (take_triple(context, error))
		return -1;
	if (endpoint->triple.family == AF_UNIX)
		return parse_refuse(&context->command->syntax, error, "unix sockets are the work of 'skt unix PATH'");
	if (!arguments->count)
		return parse_refuse(&context->command->syntax, error,
				    bind ? "PORT is missing" : "HOST and PORT are missing");
	if (arguments->count == 2) {
		endpoint->host = words[0];
		endpoint->service = words[1];
	} else if (!split(context, words[0], &endpoint->host, &endpoint->service)) {
		if (!bind || strchr(words[0], ':'))
			return refuse_word(context, error, words[0],
					   "has no port: HOST PORT, HOST:PORT or [IPV6]:PORT");
		endpoint->service = words[0];
	}
	if ((endpoint->host && check_host(context, endpoint->host, error)) ||
	    check_port(context, endpoint->service, bind, error))
		return -1;
	return check_source(context, error);
}

int words_path(struct context *context, struct error *error)
{
	struct address ignored;
	struct error why;
	if (take_triple(context, error))
		return -1;
	if (!context->arguments->count)
		return parse_refuse(&context->command->syntax, error, "PATH is missing");
	context->endpoint.path = context->arguments->words[0];
	if (address_unix(context->endpoint.path, &ignored, &why))
		return parse_refuse(&context->command->syntax, error, "%s", why.text);
	return 0;
}
