#include "commands/fetch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "commands/pump.h"
#include "commands/stats.h"

static int no_memory(struct error *error)
{
	return error_system(error, ERROR_UNEXPECTED, ENOMEM, "http");
}

/* Bytes of the page, as far as they are wanted. */
static int deliver(struct fetch *fetch, struct flow *flow, const char *bytes, size_t n, struct buffer *out,
		   struct error *error)
{
	size_t wanted = n < fetch->allowed ? n : (size_t)fetch->allowed;
	fetch->allowed -= wanted;
	if (fetch->use == FETCH_DELIVER && buffer_append(out, bytes, wanted))
		return no_memory(error);
	if (!fetch->allowed)
		flow_enough(flow);
	return 0;
}

/* What comes now is the page as it is: the fastest mover may have it, up to `most` bytes. */
static void step_aside(struct fetch *fetch, struct flow *flow, uint64_t most)
{
	fetch->aside = true;
	fetch->passed = flow->taken;
	if (fetch->allowed < most)
		most = fetch->allowed;
	flow_unfilter(flow, &fetch->filter);
	if (most != UINT64_MAX)
		flow_limit(flow, most);
}

static int take_body(struct fetch *fetch, struct flow *flow, const char *bytes, size_t n, struct buffer *out,
		     struct error *error)
{
	while (n && !fetch->body.complete && fetch->allowed) {
		const char *content;
		size_t used, size;
		if (body_take(&fetch->body, bytes, n, &used, &content, &size, error) ||
		    deliver(fetch, flow, content, size, out, error))
			return -1;
		bytes += used;
		n -= used;
	}
	if (fetch->body.complete || !fetch->allowed)
		flow_enough(flow);
	return 0;
}

/* Where the page goes is known once its head is. */
static int open_sink(struct fetch *fetch, struct error *error)
{
	struct output *output = fetch->plan->output;
	if (!output->file || fetch->use != FETCH_DELIVER)
		return 0;
	char validator[VALIDATOR_MOST];
	if (output_open(output, error))
		return -1;
	validator_of(&fetch->head, validator);
	output_remember(output, validator);
	end_open(&fetch->session.near_out, output->fd, END_FOR_WRITING, output->shown);
	end_fasten(&fetch->session.near_out, &fetch->session.machine);
	return 0;
}

static int head_done(struct fetch *fetch, struct flow *flow, const char *rest, size_t n, struct buffer *out,
		     struct error *error)
{
	const struct head *head = &fetch->head;
	int use = fetch->plan->judge(fetch, error);
	if (use < 0)
		return -1;
	fetch->use = (enum fetch_use)use;
	if (fetch->use == FETCH_IGNORE || fetch->use == FETCH_SKIP) {
		fetch->stage = FETCH_BODY;
		body_begin(&fetch->body, HEAD_NO_BODY, 0);
		flow_enough(flow);
		return 0;
	}
	if (open_sink(fetch, error))
		return -1;
	bool include = fetch->context->settings->include && fetch->use == FETCH_DELIVER;
	if (include && buffer_append(out, buffer_head(&head->raw), buffer_held(&head->raw)))
		return no_memory(error);
	fetch->stage = FETCH_BODY;
	fetch->context->expected = head->framing == HEAD_LENGTH ? buffer_held(&head->raw) + head->length : 0;
	body_begin(&fetch->body, head->framing, head->length);
	if (take_body(fetch, flow, rest, n, out, error))
		return -1;
	if (fetch->body.complete || !fetch->allowed || fetch->use == FETCH_DROP || head->framing == HEAD_CHUNKED)
		return 0;
	step_aside(fetch, flow, head->framing == HEAD_LENGTH ? fetch->body.left : UINT64_MAX);
	return 0;
}

/* "HTTP/2 200" is no bare page but a status line of a version without a dot. */
static int no_head(const struct buffer *page, const char *rest, size_t n, struct error *error)
{
	char line[40], shown[100];
	int size = snprintf(line, sizeof line, "%.*s%.*s", (int)buffer_held(page), buffer_head(page),
			    n < sizeof line ? (int)n : (int)sizeof line, rest);
	if (size > 5 && !strncmp(line, "HTTP/", 5)) {
		line[strcspn(line, "\r\n")] = '\0';
		return error_set(error, ERROR_PROTOCOL, 0, "HTTP version that skt does not know: '%s'",
				 TEXT_SHOW(shown, line));
	}
	return error_set(
	    error, ERROR_PROTOCOL, 0,
	    "the answer has no status line: an HTTP/0.9 page, or no HTTP at all (--allow-http0.9 accepts it)");
}

/* A page without a head: the bytes that were looked at so far, and the n behind them. At the end of the stream
 * (`ended`) a mere prefix of a status line is a page too, but only for one who asked for bare pages. */
static int bare(struct fetch *fetch, struct flow *flow, const char *rest, size_t n, bool ended, struct buffer *out,
		struct error *error)
{
	const struct buffer *page = &fetch->head.raw;
	if (!fetch->raw && ended)
		return error_set(error, ERROR_INCOMPLETE, 0, "the server closed the connection %s",
				 buffer_held(page) ? "in the midst of the status line" : "without an answer");
	if (!fetch->raw)
		return no_head(page, rest, n, error);
	fetch->stage = FETCH_BARE;
	if (open_sink(fetch, error) || deliver(fetch, flow, buffer_head(page), buffer_held(page), out, error) ||
	    deliver(fetch, flow, rest, n, out, error))
		return -1;
	if (fetch->allowed)
		step_aside(fetch, flow, UINT64_MAX);
	return 0;
}

static int take_head(struct fetch *fetch, struct flow *flow, const char *bytes, size_t n, struct buffer *out,
		     struct error *error)
{
	size_t used = 0;
	switch (n ? head_take(&fetch->head, bytes, n, &used, error) : head_end(&fetch->head, error)) {
	case HEAD_MORE:
		return 0;
	case HEAD_DONE:
		return head_done(fetch, flow, bytes + used, n - used, out, error);
	case HEAD_BARE:
		return bare(fetch, flow, bytes + used, n - used, !n, out, error);
	case HEAD_BAD:
	default:
		return -1;
	}
}

static int pass(struct filter *filter, struct flow *flow, const char *bytes, size_t n, struct buffer *out,
		struct error *error)
{
	struct fetch *fetch = (struct fetch *)filter;
	if (fetch->stage == FETCH_HEAD)
		return take_head(fetch, flow, bytes, n, out, error);
	if (!n)
		return fetch->allowed ? body_end(&fetch->body, error) : 0;
	return take_body(fetch, flow, bytes, n, out, error);
}

/* The filter stepped aside for a page of known length: whether all of it came. */
static int check_length(const struct fetch *fetch, struct error *error)
{
	const struct flow *in = &fetch->session.flows[SESSION_IN];
	uint64_t since = in->taken - fetch->passed, left = fetch->body.left;
	if (!fetch->aside || fetch->stage != FETCH_BODY || fetch->body.framing != HEAD_LENGTH || since >= left ||
	    since >= fetch->allowed)
		return 0;
	return error_set(error, ERROR_INCOMPLETE, 0, "the page ended after %" PRIu64 " of %" PRIu64 " bytes",
			 fetch->body.content + since, fetch->head.length);
}

/* Bytes of the page that came. */
static uint64_t page_size(const struct fetch *fetch)
{
	const struct flow *in = &fetch->session.flows[SESSION_IN];
	if (fetch->stage == FETCH_BODY)
		return fetch->body.content + (fetch->aside ? in->taken - fetch->passed : 0);
	return fetch->stage == FETCH_BARE ? in->taken : 0;
}

static void account(const struct fetch *fetch, const struct opened *server)
{
	const struct session *session = &fetch->session;
	struct stats stats = { .begun = server->begun,
			       .looked_up = server->looked_up,
			       .connected = session->begun,
			       .first_byte = session->first_byte,
			       .ended = clock_now() };
	if (!fetch->context->settings->stats || fetch->use == FETCH_IGNORE)
		return;
	stats_add(&stats, session);
	stats.page = page_size(fetch);
	if (session->far.tcp)
		info_read(&stats.info, session->far.fd);
	stats_report(&stats, &fetch->context->report);
}

int fetch_run(struct fetch *fetch, struct context *context, const struct opened *server, const struct fetch_plan *order,
	      struct error *error)
{
	const struct settings *settings = context->settings;
	const struct session_plan plan = { .linger = CLOCK_NEVER,
					   .idle = pump_idle(settings),
					   .answer_by = server->answer_by,
					   .trace = &context->report.trace };
	struct session *session = &fetch->session;
	const struct request *request = order->request;
	const struct output *output = order->output;
	*fetch =
	    (struct fetch){ .filter.pass = pass, .context = context, .plan = order, .allowed = settings->max_bytes };
	context->expected = 0;
	context->progress_usual = output->file;
	fetch->head.bare_expected = request->version == HTTP_0_9;
	fetch->raw = fetch->head.bare_expected || settings->allow_http09;
	end_open_nothing(&session->near_in);
	end_open_nothing(&session->near_out);
	if (!output->file)
		end_open(&session->near_out, STDOUT_FILENO, END_FOR_WRITING, "standard output");
	pump_open_peer(&session->far, server->fd, &server->triple, plan.trace);
	session_begin(session, &plan);
	session->flows[SESSION_OUT].until_other = true;
	flow_filter(&session->flows[SESSION_IN], &fetch->filter);
	int result = request_write(&session->flows[SESSION_OUT].held, request) ? no_memory(error) : 0;
	if (!result)
		result = pump_session(context, session, error);
	if (!result)
		result = check_length(fetch, error);
	report_closed(&context->report, &server->peer, session->flows[SESSION_OUT].given,
		      session->flows[SESSION_IN].taken);
	account(fetch, server);
	session_end(session);
	return result;
}

void fetch_free(struct fetch *fetch)
{
	head_free(&fetch->head);
}
