#include "commands/inherited.h"

#include "commands/crowd.h"
#include "net/inherit.h"

static int check(const struct context *context, const struct server *server, struct error *error)
{
	char kind[64];
	const struct triple *triple = &server->triple;
	bool unix_only = context->command->triple.family == AF_UNIX;
	if (unix_only && triple->family != AF_UNIX)
		return error_set(error, ERROR_BIND, 0,
				 "descriptor %d is a socket of '%s', not a unix one: 'skt listen --inherit' takes it",
				 server->fd, triple_show(kind, sizeof kind, triple));
	if (context->settings->ready_fd == (uint64_t)server->fd)
		return parse_refuse(&context->command->syntax, error, "--ready-fd %d is a socket that is inherited",
				    server->fd);
	return gate_check(context, triple, error) || crowd_suits(context, triple, error) ? -1 : 0;
}

int inherited_open(const struct context *context, struct server *server, struct error *error)
{
	bool output;
	if (inherit_open(server, &output, error))
		return -1;
	int result = 0;
	for (const struct server *at = server; at && !result; at = at->next)
		result = check(context, at, error);
	if (!result && output && !crowd_service(context))
		result = parse_refuse(
		    &context->command->syntax, error,
		    "standard output is the inherited socket itself: say what to do with the client "
		    "(--echo, --discard, --forward, --broker, --exec or -- COMMAND), or send the output elsewhere");
	if (result)
		serve_close(server, NULL);
	return result;
}
