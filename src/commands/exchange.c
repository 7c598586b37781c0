#include "commands/exchange.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands/fetch.h"
#include "commands/open.h"
#include "http/range.h"

struct exchange {
	struct context *context;
	struct output *output;
	struct request request;
	char *credentials;  /* owned */
	char from[24];      /* "N-" of --continue */
	struct range range; /* what request.range means */
	bool whole;         /* the server says that what is held is all of the page */
	bool partial;       /* a part of it comes, of head.length bytes */
	bool lacking;       /* it sends less than was asked for */
};

/* An answer to a request for what is missing. Nothing but a page may take the place of what is held. */
static int judge_rest(struct exchange *exchange, const struct head *head, struct error *error)
{
	struct output *output = exchange->output;
	uint64_t first, last, total;
	output->go_on = head->status == 206;
	exchange->whole =
	    head->status == 416 && !head_content_range(head, &first, &last, &total) && total == output->held;
	if (exchange->whole)
		return FETCH_IGNORE;
	if (head->status >= 400)
		return FETCH_DROP;
	if (head->status == 200 || head->status == 203 || output->go_on)
		return FETCH_DELIVER;
	return error_set(error, ERROR_PROTOCOL, 0, "the server answered %d to a request for the rest of the page",
			 head->status);
}

static int judge(struct fetch *fetch, struct error *error)
{
	struct exchange *exchange = fetch->plan->owner;
	struct head *head = &fetch->head;
	if (exchange->request.range && head->status == 206) {
		int all = range_check(&exchange->range, head, error);
		if (all < 0)
			return -1;
		exchange->partial = true;
		exchange->lacking = !all;
	}
	if (exchange->output->held)
		return judge_rest(exchange, head, error);
	return exchange->output->file && head->status >= 400 ? FETCH_DROP : FETCH_DELIVER;
}

/* The answer as a result: 400 and above is a failure whose page was written all the same. */
static int conclude(struct exchange *exchange, const struct fetch *fetch, struct error *error)
{
	const struct head *head = &fetch->head;
	char reason[200];
	bool limited = exchange->context->settings->max_bytes != UINT64_MAX;
	if (exchange->whole)
		return output_whole(exchange->output, error);
	if (head->status >= 400) {
		head_reason(head, reason, sizeof reason);
		return error_set(error, ERROR_HTTP, 0, "the server answered %d%s%s", head->status, *reason ? " " : "",
				 reason);
	}
	if (exchange->partial && !limited && head->framing == HEAD_CHUNKED && fetch->body.content != head->length)
		return error_set(error, ERROR_PROTOCOL, 0,
				 "%" PRIu64 " bytes came where Content-Range told of %" PRIu64, fetch->body.content,
				 head->length);
	if (exchange->lacking && !limited)
		return error_set(error, ERROR_INCOMPLETE, 0, "the server sent less of the page than was asked for");
	return 0;
}

static int ask(struct exchange *exchange, struct error *error)
{
	struct context *context = exchange->context;
	struct dial_plan plan = open_dial_plan(context);
	const struct fetch_plan order = {
		.request = &exchange->request, .output = exchange->output, .judge = judge, .owner = exchange
	};
	struct opened server;
	struct fetch fetch;
	if (open_dial(context, &plan, &server, error))
		return -1;
	int result = fetch_run(&fetch, context, &server, &order, error);
	(void)trace_close(&context->report.trace, server.fd);
	if (!result)
		result = conclude(exchange, &fetch, error);
	fetch_free(&fetch);
	return result;
}

/* "user:pass" of the URL, owned; NULL where it has none (or memory is short, which the request finds out too). */
static char *credentials(const struct url *url)
{
	char *both = NULL;
	return url->user && asprintf(&both, "%s:%s", url->user, url->password ? url->password : "") >= 0 ? both : NULL;
}

static void make_request(struct exchange *exchange, const struct url *url)
{
	const struct settings *settings = exchange->context->settings;
	struct request *request = &exchange->request;
	exchange->credentials = credentials(url);
	*request = (struct request){ .url = url,
				     .version = settings->http09   ? HTTP_0_9
						: settings->http10 ? HTTP_1_0
								   : HTTP_1_1,
				     .extra_crlf = settings->extra_crlf,
				     .user_agent = settings->user_agent ? settings->user_agent : "skt/" SKT_VERSION,
				     .authorization = exchange->credentials,
				     .range = settings->range,
				     .fields = settings->fields.items,
				     .fields_count = settings->fields.count };
	if (exchange->output->held) {
		snprintf(exchange->from, sizeof exchange->from, "%" PRIu64 "-", exchange->output->held);
		request->range = exchange->from;
	}
	if (request->range)
		exchange->range = range_of(request->range);
}

int exchange_run(struct context *context, const struct url *url, struct output *output, struct error *error)
{
	struct exchange exchange = { .context = context, .output = output };
	make_request(&exchange, url);
	int result = ask(&exchange, error);
	if (!result)
		result = output_commit(output, error);
	free(exchange.credentials);
	return result;
}
