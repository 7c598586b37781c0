#include "commands/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

enum { LINE = 256, PAUSE = 200, WIDE = 100 }; /* bytes; milliseconds between two drawings; columns */

/* Whether the terminal shows block characters, by the locale that it was set up with. */
static bool speaks_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *value = getenv(names[i]);
		if (value && *value)
			return strstr(value, "UTF-8") || strstr(value, "utf8");
	}
	return false;
}

/* A line that wraps could not be taken away again. */
static bool is_wide(void)
{
	struct winsize size;
	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || !size.ws_col || size.ws_col >= WIDE;
}

static void put(const char *text)
{
	/* There is nowhere to complain about a terminal that went away. */
	(void)!write(STDERR_FILENO, text, strlen(text));
}

void progress_clear(struct progress *progress)
{
	if (progress->drawn)
		put("\r\033[K");
	progress->drawn = false;
}

static void note_rate(struct progress *progress, uint64_t bytes, int64_t now)
{
	double span = (double)(now - progress->before_at) / (double)CLOCK_S;
	if (progress->count == PROGRESS_RATES)
		memmove(progress->rates, progress->rates + 1, --progress->count * sizeof progress->rates[0]);
	progress->rates[progress->count++] = span > 0 ? (double)(bytes - progress->before) / span : 0;
	progress->before = bytes;
	progress->before_at = now;
}

static void add(char line[static LINE], const char *text)
{
	size_t used = strlen(line);
	snprintf(line + used, LINE - used, "%s", text);
}

static void add_amount(char line[static LINE], const char *before, double bytes)
{
	char text[TEXT_AMOUNT];
	add(line, before);
	add(line, text_amount(text, bytes));
}

static void add_sparkline(const struct progress *progress, char line[static LINE])
{
	static const char *const blocks[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const plain[] = { "_", ".", ",", "-", "=", "+", "*", "#" };
	double most = 0;
	for (size_t i = 0; i < progress->count; i++)
		most = progress->rates[i] > most ? progress->rates[i] : most;
	add(line, "  ");
	for (size_t i = 0; i < progress->count; i++) {
		size_t height = most > 0 ? (size_t)(progress->rates[i] / most * 7.0 + 0.5) : 0;
		add(line, progress->unicode ? blocks[height] : plain[height]);
	}
}

static void add_share(const struct progress *progress, char line[static LINE], uint64_t done, uint64_t all)
{
	char text[64];
	double rate = 0;
	for (size_t i = 0; i < progress->count; i++)
		rate += progress->rates[i] / (double)progress->count;
	double share = done < all ? 100.0 * (double)done / (double)all : 100.0;
	snprintf(text, sizeof text, "  %.0f%%", share);
	add(line, text);
	if (rate < 1 || done >= all)
		return;
	double left = (double)(all - done) / rate;
	unsigned long seconds = left < 359999 ? (unsigned long)left : 359999;
	snprintf(text, sizeof text, "  %lu:%02lu:%02lu left", seconds / 3600, seconds / 60 % 60, seconds % 60);
	add(line, text);
}

static void draw(struct progress *progress, int64_t now)
{
	char line[LINE] = "\r";
	uint64_t sent = progress->session->flows[SESSION_OUT].given,
		 received = progress->session->flows[SESSION_IN].taken;
	note_rate(progress, sent + received, now);
	if (sent || !received)
		add_amount(line, "sent ", (double)sent);
	if (received)
		add_amount(line, sent ? ", received " : "received ", (double)received);
	add_amount(line, "  ", progress->rates[progress->count - 1]);
	add(line, "/s");
	if (is_wide())
		add_sparkline(progress, line);
	if (*progress->expected)
		add_share(progress, line, received, *progress->expected);
	else if (progress->to_send)
		add_share(progress, line, sent, progress->to_send);
	add(line, "\033[K");
	put(line);
	progress->drawn = true;
}

static void step(struct machine *machine)
{
	struct progress *progress = (struct progress *)machine;
	int64_t now = clock_now();
	if (now < progress->next)
		return;
	progress->next = now + PAUSE * CLOCK_MS;
	draw(progress, now);
}

static void interest(struct machine *machine)
{
	(void)machine;
}

static int64_t deadline(const struct machine *machine)
{
	return ((const struct progress *)machine)->next;
}

void progress_start(struct progress *progress, const struct session *session, const uint64_t *expected)
{
	static const struct machine_kind kind = { "progress", interest, deadline, step };
	int64_t now = clock_now();
	*progress = (struct progress){
		.machine.kind = &kind, .session = session, .expected = expected, .before_at = now
	};
	progress->next = now + PAUSE * CLOCK_MS; /* what is over before is not worth a line */
	progress->unicode = speaks_utf8();
	if (session->near_in.regular)
		progress->to_send = end_pending(&session->near_in);
}
