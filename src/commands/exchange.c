#include "commands/exchange.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "commands/errand.h"
#include "commands/fetch.h"
#include "commands/open.h"
#include "http/date.h"
#include "http/range.h"
#include "http/validator.h"

struct exchange {
	struct context *context;
	struct output *output;
	struct errand errand;
	char from[24];      /* "N-" of --continue */
	struct range range; /* what request.range means */
	bool probing;       /* only whether what is held is all of the page is asked */
	uint64_t left;      /* tries; UINT64_MAX: for ever */
	int64_t pause;      /* before the next one */
	/* The last answer: */
	bool again;     /* it, or that there is none, is worth another try */
	int64_t after;  /* nanoseconds that the server wants us to wait before it; -1: it does not say */
	char *location; /* it leads there; owned; NULL: nowhere */
	bool whole;     /* what is held is all of the page */
	bool unsure;    /* it may be: nothing is behind it, but the answer did not say how long the page is */
	bool changed;   /* the page is another one than what is held is from */
	bool partial;   /* a part of the page comes, of head.length bytes */
	bool lacking;   /* it is less than was asked for */
};

/* Where the answer sends us, if that is to be followed. -1: error. */
static int find_location(struct exchange *exchange, const struct head *head, struct error *error)
{
	static const int statuses[] = { 301, 302, 303, 307, 308 };
	bool follow = false;
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		follow |= head->status == statuses[i];
	if (!follow || !exchange->context->settings->location)
		return 0;
	size_t room = buffer_held(&head->raw) + 1;
	char *location = malloc(room);
	if (!location)
		return error_system(error, ERROR_UNEXPECTED, ENOMEM, "redirect");
	if (head_field(head, "Location", 0, location, room)) {
		free(location);
		return 0;
	}
	exchange->location = location;
	return 0;
}

/* Nanoseconds that the head asks for; -1: none. */
static int64_t pause_of(const struct head *head)
{
	int64_t seconds = date_pause(head, time(NULL));
	return seconds < 0 ? -1 : seconds * CLOCK_S;
}

static bool is_busy(const struct head *head)
{
	return head->status == 502 || head->status == 503 || head->status == 504;
}

/* Whether the head says that the page is as long as what is held. */
static bool is_whole(const struct exchange *exchange, const struct head *head)
{
	uint64_t first, last, total;
	return !head_content_range(head, &first, &last, &total) && total == exchange->output->held;
}

static bool tells_length(const struct head *head)
{
	uint64_t first, last, total;
	return !head_content_range(head, &first, &last, &total) && total != UINT64_MAX;
}

/* An answer to a request for what is missing. Nothing but a page may take the place of what is held. */
static int judge_rest(struct exchange *exchange, const struct head *head, struct error *error)
{
	struct output *output = exchange->output;
	output->go_on = head->status == 206;
	exchange->whole = head->status == 416 && is_whole(exchange, head);
	exchange->unsure = head->status == 416 && !tells_length(head);
	exchange->changed = output->go_on && validator_differs(output->validator, head);
	if (exchange->whole)
		return FETCH_SKIP;
	if (exchange->changed)
		return FETCH_IGNORE;
	if (head->status >= 400)
		return FETCH_DROP;
	if (head->status == 200 || head->status == 203 || output->go_on)
		return FETCH_DELIVER;
	return error_set(error, ERROR_PROTOCOL, 0, "the server answered %d to a request for the rest of the page%s",
			 head->status,
			 head->status / 100 == 3 && head->status != 304 ? " (--location follows redirects)" : "");
}

/* An answer to a request for the last byte that is held. */
static int judge_probe(struct exchange *exchange, const struct head *head)
{
	exchange->whole =
	    head->status == 206 && is_whole(exchange, head) && !validator_differs(exchange->output->validator, head);
	return FETCH_IGNORE;
}

/* Whether Content-Range is to be held against what was asked for. A Range given by --header is its author's to judge;
 * without any, a part of the page must not pass for the page. */
static bool is_part(const struct exchange *exchange, const struct head *head)
{
	const struct request *request = &exchange->errand.request;
	char ignored[100];
	if (head->status != 206 || request->range)
		return head->status == 206;
	return !request_has_field(request, "Range") && !head_field(head, "Content-Range", 0, ignored, sizeof ignored);
}

static int judge(struct fetch *fetch, struct error *error)
{
	struct exchange *exchange = fetch->plan->owner;
	struct head *head = &fetch->head;
	if (exchange->probing)
		return judge_probe(exchange, head);
	if (find_location(exchange, head, error))
		return -1;
	exchange->again = exchange->left && is_busy(head);
	if (exchange->again)
		exchange->after = pause_of(head);
	if (exchange->location || exchange->again)
		return FETCH_IGNORE;
	if (is_part(exchange, head)) {
		int all = range_check(&exchange->range, head, error);
		if (all < 0)
			return -1;
		exchange->partial = true;
		exchange->lacking = !all;
	}
	if (exchange->output->held)
		return judge_rest(exchange, head, error);
	bool kept = head->status >= 400 || (head->status == 304 && exchange->output->existed);
	return exchange->output->file && kept ? FETCH_DROP : FETCH_DELIVER;
}

/* The answer as a result: 400 and above is a failure whose page was written all the same. */
static int conclude(struct exchange *exchange, const struct fetch *fetch, struct error *error)
{
	const struct head *head = &fetch->head;
	char reason[200];
	bool limited = exchange->context->settings->max_bytes != UINT64_MAX;
	if (exchange->whole)
		return output_whole(exchange->output, error);
	if (exchange->changed)
		return 0;
	if (head->status >= 400) {
		head_reason(head, reason, sizeof reason);
		if (head->status == 407 && exchange->errand.request.absolute)
			return error_set(error, ERROR_PROTOCOL, 0, "the proxy wants other credentials: 407%s%s",
					 *reason ? " " : "", reason);
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

/* One request and its answer: it is done, or exchange->location is where to go on, or exchange->again is set and the
 * error says why. */
static int ask(struct exchange *exchange, struct error *error)
{
	struct context *context = exchange->context;
	struct dial_plan plan = open_dial_plan(context);
	plan.first_bytes = true;
	const struct fetch_plan order = {
		.request = &exchange->errand.request, .output = exchange->output, .judge = judge, .owner = exchange
	};
	struct opened server;
	struct fetch fetch;
	exchange->again = exchange->whole = exchange->partial = exchange->lacking = false;
	exchange->unsure = exchange->changed = false;
	exchange->after = -1;
	exchange->output->go_on = false;
	if (open_once(context, &plan, &server, error)) {
		exchange->again = exchange->left && open_worth_a_retry(context, error);
		return -1;
	}
	int result = fetch_run(&fetch, context, &server, &order, error);
	(void)trace_close(&context->report.trace, server.fd);
	if (!result && !exchange->location)
		result = conclude(exchange, &fetch, error);
	else if (result && fetch.stage == FETCH_HEAD && error->class == ERROR_TIMEOUT)
		exchange->again = exchange->left && open_worth_a_retry(context, error);
	fetch_free(&fetch);
	return result;
}

static int follow(struct exchange *exchange, struct error *error)
{
	char shown[400];
	int result = errand_redirect(&exchange->errand, exchange->location, error);
	free(exchange->location);
	exchange->location = NULL;
	if (result)
		return -1;
	const struct url *url = exchange->errand.request.url;
	snprintf(shown, sizeof shown, "http://%s%s", url->authority, url->target);
	const struct report_field fields[] = { { "url", .text = shown } };
	if (exchange->context->report.verbose)
		report_event(&exchange->context->report, "redirected", fields, 1, "redirected to %s", shown);
	return 0;
}

/* The pause grows, so that a server in trouble is left alone. */
static int wait_again(struct exchange *exchange, struct error *error)
{
	const int64_t most = 60 * CLOCK_S;
	int64_t span = exchange->after >= 0 ? exchange->after : exchange->pause;
	if (exchange->left != UINT64_MAX)
		exchange->left--;
	if (exchange->pause < most)
		exchange->pause = exchange->pause < most / 2 ? exchange->pause * 2 : most;
	return open_wait(exchange->context, span, error);
}

/* What is held stays behind: all of the page is asked for. */
static void start_anew(struct exchange *exchange)
{
	struct request *request = &exchange->errand.request;
	request->range = request->if_range = NULL;
	exchange->range = range_of("0-");
	exchange->output->held = 0;
}

/* Asks for the page from this byte on. */
static void set_start(struct exchange *exchange, uint64_t first)
{
	snprintf(exchange->from, sizeof exchange->from, "%" PRIu64 "-", first);
	exchange->errand.request.range = exchange->from;
}

static void set_range(struct exchange *exchange)
{
	struct request *request = &exchange->errand.request;
	const struct output *output = exchange->output;
	if (output->held)
		set_start(exchange, output->held);
	if (output->held && validator_is_strong(output->validator))
		request->if_range = output->validator;
	exchange->range = range_of(request->range ? request->range : "0-");
}

/* A 416 of Apache or lighttpd does not say how long the page is; an answer to a request for the last byte that is held
 * does. -1: it is longer or another one, or nobody says; `error` is that of the 416. */
static int confirm(struct exchange *exchange)
{
	struct error ignored;
	exchange->probing = true;
	set_start(exchange, exchange->output->held - 1);
	return ask(exchange, &ignored) || !exchange->whole ? -1 : 0;
}

/* Requests until an answer is the final one. */
static int go(struct exchange *exchange, struct error *error)
{
	for (;;) {
		errand_endpoint(&exchange->errand, &exchange->context->endpoint);
		int result = ask(exchange, error);
		/* What is wrong with an address that a server sent us to is no fault of the command line. */
		if (result && exchange->errand.hops && error->class == ERROR_USAGE)
			error->class = ERROR_PROTOCOL;
		if (exchange->again) {
			if (wait_again(exchange, error))
				return -1;
			continue;
		}
		if (result)
			return exchange->unsure && error->class == ERROR_HTTP ? confirm(exchange) : -1;
		if (exchange->changed)
			start_anew(exchange);
		else if (!exchange->location)
			return 0;
		else if (follow(exchange, error))
			return -1;
	}
}

int exchange_run(struct context *context, const struct url *url, struct output *output, struct error *error)
{
	struct exchange exchange = { .context = context,
				     .output = output,
				     .left = context->settings->retry,
				     .pause = context->settings->retry_interval };
	int result = errand_begin(&exchange.errand, context, url, error);
	set_range(&exchange);
	if (!result)
		result = go(&exchange, error);
	if (!result)
		result = output_commit(output, error);
	free(exchange.location);
	errand_free(&exchange.errand);
	return result;
}
