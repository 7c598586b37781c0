/* The rows of datagrams: frames, counts, pacing. */
#include <string.h>

#include "base/text.h"
#include "commands/options.h"
#include "commands/settings.h"

#define AT(field) .offset = offsetof(struct settings, field)

enum { SENDING = 1, RECEIVING = 2 };

/* A word that serves both directions counts for both. */
static int take_frame(const char *word, struct frame_choice *choice, int directions, const char *choices,
		      struct error *error)
{
	static const struct {
		const char *word;
		enum frame frame;
		int directions;
	} rows[] = { { "line", FRAME_LINE, SENDING | RECEIVING },
		     { "raw", FRAME_RAW, RECEIVING },
		     { "size=", FRAME_SIZE, SENDING } };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int fit = rows[i].directions & directions;
		size_t n = strlen(rows[i].word);
		if (!fit || (rows[i].frame == FRAME_SIZE ? strncmp(word, "size=", n) : strcmp(word, rows[i].word)))
			continue;
		if (rows[i].frame == FRAME_SIZE && (text_size(word + n, &choice->size) || !choice->size))
			break;
		choice->out = fit & SENDING ? rows[i].frame : choice->out;
		choice->in = fit & RECEIVING ? rows[i].frame : choice->in;
		return 0;
	}
	return error_set(error, ERROR_USAGE, 0, "is not %s", choices);
}

static int take_frame_out(const char *word, void *field, struct error *error)
{
	return take_frame(word, field, SENDING, "line or size=N", error);
}

static int take_frame_in(const char *word, void *field, struct error *error)
{
	return take_frame(word, field, RECEIVING, "raw or line", error);
}

static int take_frame_both(const char *word, void *field, struct error *error)
{
	return take_frame(word, field, SENDING | RECEIVING, "line, raw or size=N", error);
}

static const struct option datagram_both[] = {
	{ "frame", 0, OPTION_CUSTOM, AT(frame), "FRAME",
	  "line: a datagram a line, both ways; size=N: send so; raw: receive so", .take = take_frame_both },
	{ "chomp", 0, OPTION_FLAG, AT(chomp), .help = "send lines without their newline" },
	{ "max-datagram", 0, OPTION_SIZE, AT(max_datagram), "SIZE", "longest datagram (65507 on IPv4, 65527 on IPv6)",
	  .least = 1, .most = 65527 },
};
OPTION_GROUP(options_datagram_both, "Datagrams", datagram_both);

static const struct option datagram_out[] = {
	{ "frame", 0, OPTION_CUSTOM, AT(frame), "FRAME",
	  "line: a datagram a line (default); size=N: N bytes a datagram", .take = take_frame_out },
	{ "chomp", 0, OPTION_FLAG, AT(chomp), .help = "send lines without their newline" },
	{ "max-datagram", 0, OPTION_SIZE, AT(max_datagram), "SIZE", "longest datagram (65507 on IPv4, 65527 on IPv6)",
	  .least = 1, .most = 65527 },
	{ "count", 0, OPTION_NUMBER, AT(count), "N", "stop after N datagrams" },
	{ "rate", 0, OPTION_SIZE, AT(rate), "RATE", "send at most so many bytes a second", .least = 1 },
};
OPTION_GROUP(options_datagram_out, "Datagrams", datagram_out);

static const struct option datagram_in[] = {
	{ "frame", 0, OPTION_CUSTOM, AT(frame), "FRAME",
	  "raw: payloads back to back (default); line: a newline added where missing", .take = take_frame_in },
	{ "from", 0, OPTION_FLAG, AT(from), .help = "write 'ADDRESS PORT ' before each datagram" },
	{ "count", 0, OPTION_NUMBER, AT(count), "N", "stop after N datagrams" },
};
OPTION_GROUP(options_datagram_in, "Datagrams", datagram_in);
