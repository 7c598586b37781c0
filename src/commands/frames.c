#include "commands/frames.h"

#include <inttypes.h>

#include "commands/pump.h"
#include "commands/words.h"
#include "relay/sequence.h"

/* What a datagram to this endpoint can hold, as far as its words tell. */
static uint64_t most_for(const struct context *context)
{
	struct address address = { .length = sizeof address.in6 };
	struct error ignored;
	const struct endpoint *to = &context->endpoint;
	if (!to->host || address_literal(to->host, to->triple.family, &address, &ignored) != 1) {
		address.any.sa_family = to->triple.family == AF_INET ? AF_INET : AF_INET6;
		address.in6.sin6_addr = in6addr_any;
	}
	return pump_framing_out(context->settings, &address, &to->triple).most;
}

/* Options that mean something in some frames only. */
static const char *conflict(const struct settings *settings)
{
	enum frame out = settings->frame.out;
	if (settings->chomp && out != FRAME_DEFAULT && out != FRAME_LINE)
		return "--chomp goes with --frame line only";
	if (settings->from && settings->frame.in == FRAME_LENGTH)
		return "--from does not go with --frame length: its prefix has no length of its own";
	if (settings->sequence && settings->max_datagram && settings->max_datagram < SEQUENCE_HEADER)
		return "--max-datagram: with --sequence a datagram has at least 24 bytes";
	return NULL;
}

int frames_check(struct context *context, struct error *error)
{
	const struct settings *settings = context->settings;
	const struct frame_choice *frame = &settings->frame;
	const struct syntax *syntax = &context->command->syntax;
	const char *wrong = conflict(settings);
	const struct triple *triple = &context->endpoint.triple;
	bool given = frame->in || frame->out || settings->chomp || settings->max_datagram;
	if (given && !triple_has_boundaries(triple))
		return parse_refuse(syntax, error, "--frame, --chomp and --max-datagram need datagrams (%s)",
				    triple->family == AF_UNIX ? "--type dgram or seqpacket" : "-u");
	if (wrong)
		return parse_refuse(syntax, error, "%s", wrong);
	if (triple_is_internet_datagram(triple) && settings->max_datagram > WORDS_DATAGRAM_MOST)
		return parse_refuse(syntax, error, "--max-datagram: '%" PRIu64 "' is not a size from 1 to %d",
				    settings->max_datagram, WORDS_DATAGRAM_MOST);
	if (triple_is_internet_datagram(triple) && frame->out == FRAME_SIZE && frame->size > most_for(context))
		return parse_refuse(syntax, error,
				    "--frame: size=%" PRIu64 " is more than a datagram can hold (%" PRIu64 ")",
				    frame->size, most_for(context));
	return 0;
}
