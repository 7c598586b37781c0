#include "commands/dump.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hexdump.h"
#include "base/text.h"
#include "commands/context.h"
#include "commands/open.h"
#include "commands/progress.h"

enum { STAMP = 64 };

/* The clock on the wall, in the local zone: "12:34:56.123456", `dated` also with the day and the zone. */
static void stamp(char out[static STAMP], bool dated)
{
	char zone[8];
	int64_t now = clock_date();
	time_t seconds = (time_t)(now / CLOCK_S);
	struct tm parts = { 0 };
	(void)localtime_r(&seconds, &parts);
	size_t used = strftime(out, STAMP, dated ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &parts);
	if (!dated || !strftime(zone, sizeof zone, " %z", &parts))
		zone[0] = '\0';
	snprintf(out + used, STAMP - used, ".%06ld%s", (long)(now % CLOCK_S / 1000), zone);
}

/* All that was made is written at once, so that lines of several processes do not mix, and nothing waits here while a
 * session pauses. It waits for who does not read it. */
static int write_lines(struct dump *dump)
{
	struct pollfd writable = { .fd = dump->fd, .events = POLLOUT };
	if (dump->fd == STDERR_FILENO && dump->report->progress)
		progress_clear(dump->report->progress);
	while (buffer_held(&dump->lines)) {
		ssize_t n = write(dump->fd, buffer_head(&dump->lines), buffer_held(&dump->lines));
		if (n < 0 && errno == EAGAIN)
			(void)poll(&writable, 1, -1);
		else if (n < 0 && errno != EINTR)
			return -1;
		else if (n > 0)
			buffer_consumed(&dump->lines, (size_t)n);
	}
	return 0;
}

/* `bad`: they could not be made. */
static int put_lines(struct dump *dump, int bad, struct error *error)
{
	dump->failed = bad || write_lines(dump);
	return dump->failed ? error_system(error, ERROR_LOCAL, errno, "--hex-dump: %s", dump->shown) : 0;
}

/* "> 12:34:56.123456 datagram 1, 5 bytes to 127.0.0.1:53" */
static int datagram_line(struct dump *dump, const struct tap_piece *piece, const char *prefix)
{
	char shown[ADDRESS_TEXT];
	struct address peer = { .length = piece->length };
	bool known = piece->peer && piece->length && piece->length <= sizeof peer.storage;
	if (known)
		memcpy(&peer.storage, piece->peer, piece->length);
	const char *way = piece->sent ? " to " : " from ";
	return buffer_printf(&dump->lines, "%sdatagram %" PRIu64 ", %zu bytes%s%s\n", prefix,
			     ++dump->datagrams[piece->sent], piece->n, known ? way : "",
			     known ? address_show(shown, &peer) : "");
}

static void see(struct tap *tap, const struct tap_piece *piece)
{
	struct dump *dump = (struct dump *)tap;
	char time[STAMP], prefix[STAMP + 4];
	struct error error;
	if (dump->failed)
		return;
	stamp(time, false);
	snprintf(prefix, sizeof prefix, "%c %s ", piece->sent ? '>' : '<', time);
	int bad = piece->datagram ? datagram_line(dump, piece, prefix) : 0;
	uint64_t offset = piece->datagram ? 0 : dump->offsets[piece->sent];
	bad = bad || hexdump_write(&dump->lines, prefix, offset, piece->bytes, piece->n);
	dump->offsets[piece->sent] += piece->n;
	if (put_lines(dump, bad, &error))
		session_stop(dump->session, &error);
}

int dump_open(struct dump *dump, const struct context *context, struct error *error)
{
	const struct settings *settings = context->settings;
	const char *file = settings->hex_dump;
	bool standard = file && !strcmp(file, "-");
	*dump = (struct dump){ .tap.see = see, .report = &context->report, .fd = -1 };
	if (!file || (standard && settings->quiet))
		return 0;
	if (standard && settings->json)
		return parse_refuse(&context->command->syntax, error,
				    "'--hex-dump -' and '--json' both want standard error: give a file");
	tzset(); /* now, while its file can still be read (--sandbox) */
	if (standard)
		text_copy(dump->shown, sizeof dump->shown, "standard error");
	else
		TEXT_SHOW(dump->shown, file);
	dump->fd = standard ? STDERR_FILENO : open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666);
	return dump->fd < 0 ? error_system(error, ERROR_LOCAL, errno, "--hex-dump: %s", dump->shown) : 0;
}

int dump_attach(struct dump *dump, struct session *session, const struct opened *peer, bool serving,
		struct error *error)
{
	char time[STAMP], there[ADDRESS_TEXT], here[ADDRESS_TEXT], kind[64];
	struct address local;
	if (dump->fd < 0)
		return 0;
	dump->session = session;
	dump->offsets[0] = dump->offsets[1] = dump->datagrams[0] = dump->datagrams[1] = 0;
	stamp(time, true);
	address_local(peer->fd, &local);
	address_show(here, &local);
	triple_show(kind, sizeof kind, &peer->triple);
	bool alone = serving && !triple_has_end(&peer->triple);
	int bad =
	    alone ? buffer_printf(&dump->lines, "# %s bound to %s (%s)\n", time, here, kind)
		  : buffer_printf(&dump->lines, "# %s %s %s %s %s (%s)\n", time, serving ? "accepted" : "connected to",
				  address_show(there, &peer->peer), serving ? "on" : "from", here, kind);
	session->far.tap = &dump->tap;
	return put_lines(dump, bad, error);
}

int dump_close(struct dump *dump, struct error *error)
{
	int fd = dump->fd;
	buffer_free(&dump->lines);
	dump->fd = -1;
	if (fd < 0 || fd == STDERR_FILENO || !close(fd) || dump->failed)
		return 0;
	return error_system(error, ERROR_LOCAL, errno, "--hex-dump: %s", dump->shown);
}
