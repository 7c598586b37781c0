#include "commands/filters.h"

int filters_check(struct context *context, struct error *error)
{
	const struct settings *settings = context->settings;
	const char *given = settings->crlf ? "--crlf" : settings->telnet ? "--telnet" : NULL;
	char shown[64];
	if (!given || !triple_has_boundaries(&context->endpoint.triple))
		return 0;
	return parse_refuse(&context->command->syntax, error, "'%s' needs a stream, and does not work with '%s'", given,
			    triple_show(shown, sizeof shown, &context->endpoint.triple));
}

/* Line ends first: what they become is data for telnet. */
static void change_sent(struct filters *filters, const struct settings *settings, struct flow *out)
{
	if (settings->crlf) {
		filter_crlf_begin(&filters->crlf);
		flow_filter(out, &filters->crlf.filter);
	}
	if (settings->telnet) {
		filter_telnet_begin_sending(&filters->telnet_out);
		flow_filter(out, &filters->telnet_out.filter);
	}
}

void filters_begin(struct filters *filters, const struct settings *settings, struct session *session)
{
	struct flow *out = &session->flows[SESSION_OUT], *in = &session->flows[SESSION_IN];
	uint64_t most = settings->max_bytes;
	change_sent(filters, settings, out);
	if (settings->telnet) {
		filter_telnet_begin_receiving(&filters->telnet_in, out);
		flow_filter(in, &filters->telnet_in.filter);
	}
	if (most == UINT64_MAX)
		return;
	if (most && in->filter) {
		filter_limit_begin(&filters->limit, most);
		flow_filter(in, &filters->limit.filter);
	} else {
		flow_limit(in, most);
	}
}
