#include "commands/account.h"

#include <inttypes.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "relay/echo.h"

enum { UNREAD_MOST = 1000000, SENTENCE = 300 };

/* What the kernel dropped, as it says in the end (SO_MEMINFO), too. */
static uint64_t dropped(const struct session *session)
{
	uint64_t seen = session->flows[SESSION_IN].framing->dropped;
	uint32_t memory[SK_MEMINFO_VARS] = { 0 };
	socklen_t size = sizeof memory;
	if (getsockopt(session->far.fd, SOL_SOCKET, SO_MEMINFO, memory, &size) || memory[SK_MEMINFO_DROPS] <= seen)
		return seen;
	return memory[SK_MEMINFO_DROPS];
}

static uint64_t unread(const struct session *session)
{
	char nothing;
	uint64_t count = 0;
	while (count < UNREAD_MOST && recv(session->far.fd, &nothing, 0, MSG_DONTWAIT) >= 0)
		count++;
	return count;
}

void account_loss(const struct context *context, const struct session *session, bool ended_early)
{
	const struct flow *in = &session->flows[SESSION_IN];
	const struct echo *echo = in->framing->echo;
	const struct {
		const char *key, *words;
		uint64_t number;
	} rows[] = { { "truncated", "datagrams truncated", in->framing->truncated },
		     { "dropped", "or more dropped by the kernel", dropped(session) },
		     { "unread", "not read before the end", ended_early ? unread(session) : 0 },
		     { "unwritten", "bytes received but not written", flow_held(in) },
		     { "unechoed", "not sent back", echo ? echo->failed + echo->waiting : 0 } };
	struct report_field fields[sizeof rows / sizeof rows[0]];
	char sentence[SENTENCE] = "";
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t used = strlen(sentence);
		fields[i] = (struct report_field){ rows[i].key, .number = rows[i].number };
		if (rows[i].number)
			snprintf(sentence + used, sizeof sentence - used, "%s%" PRIu64 " %s", used ? ", " : "",
				 rows[i].number, rows[i].words);
	}
	if (*sentence)
		report_event(&context->report, "loss", fields, sizeof rows / sizeof rows[0], "lost: %s", sentence);
}

/* The numbers of one sender or of all as a sentence and fields: `who` begins the one, `more` are the others' first. */
static void tell(const struct report *report, const char *event, const struct sequence_count *count, const char *who,
		 const struct report_field *more, size_t n, const char *behind)
{
	enum { COUNTS = 5, MORE_MOST = 3 };
	char seconds[40];
	snprintf(seconds, sizeof seconds, "%.9f", count->jitter / 1e9);
	struct report_field fields[COUNTS + MORE_MOST] = { { "received", .number = count->received },
							   { "lost", .number = count->lost },
							   { "duplicated", .number = count->duplicated },
							   { "reordered", .number = count->reordered },
							   { "jitter", .raw = seconds } };
	for (size_t i = 0; i < n && i < MORE_MOST; i++)
		fields[COUNTS + i] = more[i];
	report_event(report, event, fields, COUNTS + (n < MORE_MOST ? n : MORE_MOST),
		     "%sreceived %" PRIu64 ", lost %" PRIu64 ", duplicated %" PRIu64 ", reordered %" PRIu64
		     ", jitter %.3f ms%s",
		     who, count->received, count->lost, count->duplicated, count->reordered, count->jitter / 1e6, behind);
}

static void tell_sender(const struct report *report, const struct sequence *sequence, size_t i)
{
	struct sequence_count count;
	struct address address = { 0 };
	char host[ADDRESS_TEXT], shown[ADDRESS_TEXT], who[ADDRESS_TEXT + 10];
	const struct sockaddr *from = sequence_run(sequence, i, &count, &address.length);
	memcpy(&address.storage, from, address.length);
	const struct report_field place[] = { { "address", .text = address_host(host, &address) },
					      { "port", .number = address_port(&address) } };
	snprintf(who, sizeof who, "from %s: ", address_show(shown, &address));
	tell(report, "sender", &count, who, place, 2, "");
}

void account_sequence(const struct report *report, const struct sequence *sequence)
{
	struct sequence_count total;
	char behind[100];
	uint64_t senders = sequence->count + sequence->gone;
	const struct report_field more[] = { { "foreign", .number = sequence->foreign },
					     { "senders", .number = senders } };
	int used = snprintf(behind, sizeof behind, ", foreign %" PRIu64, sequence->foreign);
	if (senders > 1)
		snprintf(behind + used, sizeof behind - (size_t)used, "; %" PRIu64 " senders", senders);
	sequence_total(sequence, &total);
	tell(report, "sequence", &total, "", more, 2, behind);
	for (size_t i = 0; senders > 1 && i < sequence->count; i++)
		tell_sender(report, sequence, i);
	if (sequence->gone)
		tell(report, "senders_before", &sequence->gone_count, "from senders before these: ", NULL, 0, "");
}
