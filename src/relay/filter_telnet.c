#include "relay/filter_telnet.h"

#include <stdbool.h>
#include <string.h>

#include "relay/flow.h"

/* RFC 854 */
enum { SE = 240, SB = 250, WILL = 251, WONT = 252, DO = 253, DONT = 254, IAC = 255 };

/* What is offered is declined and what is asked for refused; refusals are heard in silence. */
static void answer(const struct filter_telnet *telnet, unsigned char option)
{
	const unsigned char refusal = telnet->command == WILL ? DONT : WONT;
	const unsigned char words[] = { IAC, refusal, option };
	if (telnet->command == WILL || telnet->command == DO)
		flow_interject(telnet->answer_flow, words, sizeof words);
}

/* The byte behind an IAC outside of data: true when it is data, too. */
static bool command(struct filter_telnet *telnet, unsigned char byte)
{
	telnet->command = byte;
	telnet->state = byte >= WILL && byte <= DONT ? FILTER_TELNET_OPTION
			: byte == SB                 ? FILTER_TELNET_SUB
						     : FILTER_TELNET_DATA;
	return byte == IAC;
}

/* One byte that is no plain data. True: it stands for a byte 255. */
static bool step(struct filter_telnet *telnet, unsigned char byte)
{
	switch (telnet->state) {
	case FILTER_TELNET_DATA: /* an IAC, or it would not have come here */
		telnet->state = FILTER_TELNET_IAC;
		return false;
	case FILTER_TELNET_IAC:
		return command(telnet, byte);
	case FILTER_TELNET_OPTION:
		answer(telnet, byte);
		telnet->state = FILTER_TELNET_DATA;
		return false;
	case FILTER_TELNET_SUB:
		if (byte == IAC)
			telnet->state = FILTER_TELNET_SUB_IAC;
		return false;
	case FILTER_TELNET_SUB_IAC:
		/* SE ends it, IAC IAC is within it. Anything else is a command that comes before the missing SE: else
		 * all that follows would be swallowed. */
		if (byte == IAC)
			telnet->state = FILTER_TELNET_SUB;
		else
			(void)command(telnet, byte);
		return false;
	}
	return false;
}

static int receive(struct filter *filter, struct flow *flow, const char *bytes, size_t n, struct buffer *out,
		   struct error *error)
{
	struct filter_telnet *telnet = (struct filter_telnet *)filter;
	(void)flow;
	while (n) {
		size_t plain = 0;
		if (telnet->state == FILTER_TELNET_DATA) {
			const char *next = memchr(bytes, IAC, n);
			plain = next ? (size_t)(next - bytes) : n;
			if (buffer_append(out, bytes, plain))
				return filter_no_memory(error);
		}
		bytes += plain;
		n -= plain;
		if (!n)
			break;
		if (step(telnet, (unsigned char)*bytes) && buffer_append(out, bytes, 1))
			return filter_no_memory(error);
		bytes++;
		n--;
	}
	return 0;
}

static int transmit(struct filter *filter, struct flow *flow, const char *bytes, size_t n, struct buffer *out,
		    struct error *error)
{
	(void)filter;
	(void)flow;
	while (n) {
		const char *next = memchr(bytes, IAC, n);
		size_t part = next ? (size_t)(next - bytes) + 1 : n;
		if (buffer_append(out, bytes, part) || (next && buffer_append(out, next, 1)))
			return filter_no_memory(error);
		bytes += part;
		n -= part;
	}
	return 0;
}

void filter_telnet_begin_receiving(struct filter_telnet *telnet, struct flow *answers)
{
	*telnet = (struct filter_telnet){ .filter.pass = receive, .answer_flow = answers };
}

void filter_telnet_begin_sending(struct filter_telnet *telnet)
{
	*telnet = (struct filter_telnet){ .filter.pass = transmit };
}
