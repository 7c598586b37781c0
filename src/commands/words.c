#include "commands/words.h"

#include <inttypes.h>
#include <string.h>

#include "base/ports.h"
#include "base/text.h"
#include "commands/frames.h"
#include "commands/proxying.h"
#include "commands/secret.h"

static int refuse_word(struct context *context, struct error *error, const char *word, const char *why)
{
	char shown[200];
	return parse_refuse(&context->command->syntax, error, "'%s' %s", TEXT_SHOW(shown, word), why);
}

/* HOST:PORT or [v6]:PORT into its two halves. 0: the word is none of these. */
static int split(char space[static WORDS_SPACE], const char *word, const char **host, const char **port)
{
	if (text_copy(space, WORDS_SPACE, word))
		return 0;
	char *colon = word[0] == '[' ? strstr(space, "]:") : strchr(space, ':');
	if (!colon)
		return 0;
	if (word[0] == '[')
		*++colon = '\0';
	else if (strchr(colon + 1, ':'))
		return 0; /* a bare IPv6 address */
	else
		*colon = '\0';
	*host = space;
	*port = colon + 1;
	return 1;
}

/* Number or service name; whether the service exists is the resolver's to say. */
static int check_port(struct context *context, const char *port, bool zero, struct error *error)
{
	uint64_t number;
	if (!*port)
		return parse_refuse(&context->command->syntax, error, "the port is empty");
	if (text_number(port, 65535, &number)) {
		/* getaddrinfo(3) would read " 70000" as a number, and wrap it. */
		bool name = !strchr("0123456789+- \t\n\v\f\r", port[0]);
		return name ? 0
			    : refuse_word(context, error, port,
					  "is not a port: a number from 0 to 65535, or the name of a service");
	}
	return number || zero ? 0
			      : refuse_word(context, error, port, "is no port to connect to: 0 is only for binding");
}

/* The PORT word: with --scan it may be a list. */
static int check_service(struct context *context, const struct endpoint *endpoint, bool bind, struct error *error)
{
	struct ports ignored;
	struct error why;
	if (!context->settings->scan)
		return check_port(context, endpoint->service, bind, error);
	if (ports_read(&ignored, endpoint->service, NULL, NULL, &why))
		return parse_refuse(&context->command->syntax, error, "%s", why.text);
	return 0;
}

static int check_host(struct context *context, int family, const char *host, struct error *error)
{
	struct address ignored;
	struct error why;
	if (!*host)
		return parse_refuse(&context->command->syntax, error, "the host is empty");
	if (address_literal(host, family, &ignored, &why) < 0)
		return parse_refuse(&context->command->syntax, error, "%s", why.text);
	return 0;
}

static int check_vsock(struct context *context, const char *host, const char *port, bool bind, struct error *error)
{
	struct address ignored;
	struct error why;
	if (address_vsock(host, port, bind, &ignored, &why))
		return parse_refuse(&context->command->syntax, error, "%s", why.text);
	return 0;
}

/* HOST, where there is one, and PORT. */
static int check_place(struct context *context, bool bind, struct error *error)
{
	const struct endpoint *endpoint = &context->endpoint;
	if (endpoint->triple.family == AF_VSOCK)
		return check_vsock(context, endpoint->host, endpoint->service, bind, error);
	if (context->settings->proxy && proxying_tunnel(context, endpoint->host, error))
		return -1;
	if (endpoint->host && !context->settings->proxy &&
	    check_host(context, endpoint->triple.family, endpoint->host, error))
		return -1;
	return check_service(context, endpoint, bind, error);
}

/* What is asked of the socket itself. */
static int check_socket(struct context *context, struct error *error)
{
	const struct settings *settings = context->settings;
	const struct syntax *syntax = &context->command->syntax;
	struct triple triple = context->endpoint.triple;
	struct error why;
	if (sockopt_check(&settings->options, &triple, &why))
		return parse_refuse(syntax, error, "%s", why.text);
	if (triple.family == AF_UNSPEC)
		triple.family = AF_INET;
	if (settings->md5_file && !triple_is_tcp(&triple))
		return parse_refuse(syntax, error, "--md5-file is for TCP");
	return secret_md5(syntax, settings->md5_file, &context->md5, error);
}

int words_triple(struct context *context, bool same_type, struct error *error)
{
	struct triple *triple = &context->endpoint.triple;
	const struct triple *usual = &context->command->triple;
	char shown[64];
	struct error why;
	*triple = (struct triple){ context->settings->family, context->settings->type, context->settings->protocol };
	triple_complete(triple, usual);
	if (triple_check(triple, &why))
		return parse_refuse(&context->command->syntax, error, "%s", why.text);
	if (triple->family == AF_UNIX && usual->family != AF_UNIX)
		return parse_refuse(&context->command->syntax, error, "unix sockets are the work of 'skt unix PATH'");
	if (same_type && triple_has_end(triple) != triple_has_end(usual))
		return parse_refuse(&context->command->syntax, error, "%s does not work with '%s'",
				    context->command->syntax.name, triple_show(shown, sizeof shown, triple));
	return check_socket(context, error);
}

/* --source and --source-port are checked like the words. */
int words_source(struct context *context, struct error *error)
{
	const struct settings *settings = context->settings;
	struct address ignored;
	struct error why;
	if (context->endpoint.triple.family == AF_VSOCK)
		return check_vsock(context, settings->source, settings->source_port ? settings->source_port : "0", true,
				   error);
	if (settings->source_port && check_port(context, settings->source_port, true, error))
		return -1;
	if (!settings->source || context->endpoint.triple.family == AF_UNIX)
		return 0;
	int literal = address_literal(settings->source, context->endpoint.triple.family, &ignored, &why);
	if (literal < 0)
		return parse_refuse(&context->command->syntax, error, "--source: %s", why.text);
	return literal ? 0 : refuse_word(context, error, settings->source, "is not an address to use as source");
}

/* Inherited sockets have their addresses. */
static int check_inherited(struct context *context, struct error *error)
{
	if (context->arguments->count)
		return refuse_word(context, error, context->arguments->words[0],
				   "says where to listen, and --inherit takes sockets that do so already");
	return frames_check(context, error);
}

int words_endpoint(struct context *context, bool bind, struct error *error)
{
	const struct arguments *arguments = context->arguments;
	struct endpoint *endpoint = &context->endpoint;
	const char *const *words = arguments->words;
	/* connect and listen know both kinds, each of the others but its own. */
	bool both = triple_has_end(&context->command->triple);
	if (words_triple(context, !both, error) || proxying_check(context, error))
		return -1;
	if (context->settings->inherit)
		return check_inherited(context, error);
	if (!arguments->count)
		return parse_refuse(&context->command->syntax, error,
				    bind ? "PORT is missing" : "HOST and PORT are missing");
	if (arguments->count == 2) {
		endpoint->host = words[0];
		endpoint->service = words[1];
	} else if (!split(context->split, words[0], &endpoint->host, &endpoint->service)) {
		if (!bind || strchr(words[0], ':'))
			return refuse_word(context, error, words[0],
					   "has no port: HOST PORT, HOST:PORT or [IPV6]:PORT");
		endpoint->service = words[0];
	}
	if (check_place(context, bind, error))
		return -1;
	return frames_check(context, error) || words_source(context, error) ? -1 : 0;
}

int words_path(struct context *context, struct error *error)
{
	struct address ignored;
	struct error why;
	const char *source = context->settings->source;
	if (words_triple(context, false, error))
		return -1;
	if (context->settings->inherit)
		return check_inherited(context, error);
	if (!context->arguments->count)
		return parse_refuse(&context->command->syntax, error, "PATH is missing");
	context->endpoint.path = context->arguments->words[0];
	if (address_unix(context->endpoint.path, &ignored, &why))
		return parse_refuse(&context->command->syntax, error, "%s", why.text);
	if (source && address_unix(source, &ignored, &why))
		return parse_refuse(&context->command->syntax, error, "--source: %s", why.text);
	return frames_check(context, error);
}

int words_upstream(struct context *context, const char *word, struct error *error)
{
	struct endpoint *upstream = &context->upstream;
	int type = context->endpoint.triple.type; /* messages stay messages */
	struct address ignored;
	struct error why;
	if (!strncmp(word, "unix:", 5)) {
		*upstream = (struct endpoint){ .triple = { AF_UNIX, type, 0 }, .path = word + 5 };
		if (address_unix(upstream->path, &ignored, &why))
			return parse_refuse(&context->command->syntax, error, "--forward: %s", why.text);
		return 0;
	}
	if (type != SOCK_STREAM)
		return parse_refuse(&context->command->syntax, error,
				    "--forward: a stream to HOST:PORT does not keep the messages of --type seqpacket: "
				    "forward to unix:PATH");
	*upstream = (struct endpoint){ .triple = { AF_UNSPEC, SOCK_STREAM, IPPROTO_TCP } };
	if (!split(context->upstream_split, word, &upstream->host, &upstream->service))
		return refuse_word(context, error, word, "is not HOST:PORT, [IPV6]:PORT or unix:PATH");
	return check_host(context, AF_UNSPEC, upstream->host, error) ||
		       check_port(context, upstream->service, false, error)
		   ? -1
		   : 0;
}
