#include "commands/stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

enum { SENTENCE = 400, FIELDS = 16, NUMBER = 32 };

uint64_t stats_sent(const struct session *session)
{
	const struct flow *out = &session->flows[SESSION_OUT], *in = &session->flows[SESSION_IN];
	return session->plan->shape == SESSION_ECHO ? in->given : out->given;
}

void stats_add(struct stats *stats, const struct session *session)
{
	const struct flow *out = &session->flows[SESSION_OUT], *in = &session->flows[SESSION_IN];
	stats->bytes_sent += stats_sent(session);
	stats->bytes_received += in->taken;
	stats->datagrams_sent += out->datagrams;
	stats->datagrams_received += in->datagrams;
	stats->datagrams |= session->far.records;
}

static double seconds(int64_t from, int64_t to)
{
	return to > from ? (double)(to - from) / (double)CLOCK_S : 0;
}

struct page {
	struct report_field fields[FIELDS];
	char numbers[FIELDS][NUMBER];
	size_t count;
};

static void put_number(struct page *page, const char *key, uint64_t number)
{
	page->fields[page->count++] = (struct report_field){ .key = key, .number = number };
}

static void put_seconds(struct page *page, const char *key, double value)
{
	char *text = page->numbers[page->count];
	snprintf(text, NUMBER, "%.6f", value);
	page->fields[page->count++] = (struct report_field){ .key = key, .raw = text };
}

/* Appends to the sentence; what does not fit is cut. */
#define SAY(sentence, ...) snprintf((sentence) + strlen(sentence), SENTENCE - strlen(sentence), __VA_ARGS__)

static void put_times(const struct stats *stats, struct page *page, char sentence[static SENTENCE])
{
	static const char *const names[] = { "lookup", "connect", "first_byte" };
	const int64_t times[] = { stats->looked_up, stats->connected, stats->first_byte };
	if (!stats->connected)
		return;
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		double span = seconds(stats->begun, times[i]);
		put_seconds(page, names[i], span);
		SAY(sentence, "; %s %.1f ms", names[i][0] == 'f' ? "first byte" : names[i], span * 1e3);
	}
	SAY(sentence, ", total %.1f ms", seconds(stats->begun, stats->ended) * 1e3);
}

void stats_report(const struct stats *stats, const struct report *report)
{
	char speed[NUMBER], sentence[SENTENCE] = "";
	struct page page = { .count = 0 };
	double span = seconds(stats->begun, stats->ended), all = (double)(stats->bytes_sent + stats->bytes_received);
	put_number(&page, "bytes_sent", stats->bytes_sent);
	put_number(&page, "bytes_received", stats->bytes_received);
	put_seconds(&page, "duration", span);
	put_number(&page, "bytes_per_second", span > 0 ? (uint64_t)(all / span) : 0);
	SAY(sentence, "sent %" PRIu64 " bytes, received %" PRIu64 " bytes in %.3f s, %s/s", stats->bytes_sent,
	    stats->bytes_received, span, text_amount(speed, span > 0 ? all / span : 0));
	if (stats->connected) {
		put_number(&page, "page_bytes", stats->page);
		SAY(sentence, ", page %" PRIu64 " bytes", stats->page);
	}
	if (stats->clients) {
		put_number(&page, "clients", stats->clients);
		SAY(sentence, ", %" PRIu64 " clients", stats->clients);
	}
	if (stats->datagrams) {
		put_number(&page, "datagrams_sent", stats->datagrams_sent);
		put_number(&page, "datagrams_received", stats->datagrams_received);
		SAY(sentence, ", %" PRIu64 " datagrams sent, %" PRIu64 " received", stats->datagrams_sent,
		    stats->datagrams_received);
	}
	if (stats->info.known) {
		put_seconds(&page, "rtt", stats->info.rtt / 1e6);
		put_number(&page, "retransmissions", stats->info.retransmissions);
		SAY(sentence, "; rtt %.3f ms, %u retransmissions", stats->info.rtt / 1e3, stats->info.retransmissions);
	}
	put_times(stats, &page, sentence);
	report_event(report, "stats", page.fields, page.count, "%s", sentence);
}
