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
		     { "length", FRAME_LENGTH, SENDING | RECEIVING },
		     { "all", FRAME_ALL, SENDING },
		     { "raw", FRAME_RAW, RECEIVING },
		     { "hex", FRAME_HEX, RECEIVING },
		     { "json", FRAME_JSON, RECEIVING },
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
	return take_frame(word, field, SENDING, "line, size=N, length or all", error);
}

static int take_frame_in(const char *word, void *field, struct error *error)
{
	return take_frame(word, field, RECEIVING, "raw, line, length, hex or json", error);
}

static int take_frame_both(const char *word, void *field, struct error *error)
{
	return take_frame(word, field, SENDING | RECEIVING, "line, length, size=N, all, raw, hex or json", error);
}

static const struct option datagram_both[] = {
	{ "frame", 0, OPTION_CUSTOM, AT(frame), "FRAME",
	  "line or length both ways; size=N or all: send so; raw, hex or json: receive so", .take = take_frame_both },
	{ "chomp", 0, OPTION_FLAG, AT(chomp), .help = "send lines without their newline" },
	{ "max-datagram", 0, OPTION_SIZE, AT(max_datagram), "SIZE",
	  "longest datagram (65507 on IPv4, 65527 on IPv6, on unix what the send buffer takes)", .least = 1,
	  .most = 1 << 30 },
};
OPTION_GROUP(options_datagram_both, "Datagrams", datagram_both);

static const struct option datagram_out[] = {
	{ "frame", 0, OPTION_CUSTOM, AT(frame), "FRAME",
	  "a datagram is a line (default); size=N: N bytes; length: what 4 bytes tell; all: all of the input",
	  .take = take_frame_out },
	{ "chomp", 0, OPTION_FLAG, AT(chomp), .help = "send lines without their newline" },
	{ "max-datagram", 0, OPTION_SIZE, AT(max_datagram), "SIZE", "longest datagram (65507 on IPv4, 65527 on IPv6)",
	  .least = 1, .most = 65527 },
	{ "sequence", 0, OPTION_FLAG, AT(sequence),
	  .help = "begin each datagram with a number and the time, for udp-recv --sequence" },
	{ "count", 0, OPTION_NUMBER, AT(count), "N", "stop after N datagrams" },
	{ "repeat", 0, OPTION_NUMBER, AT(repeat), "N", "send standard input N times", .least = 1 },
	{ "pps", 0, OPTION_NUMBER, AT(pps), "N", "send at most N datagrams a second", .least = 1 },
	{ "interval", 0, OPTION_DURATION, AT(interval), "DURATION", "pause between two datagrams" },
	{ "rate", 0, OPTION_SIZE, AT(rate), "RATE", "send at most so many bytes a second", .least = 1 },
	{ "wait", 0, OPTION_DURATION, AT(reply_wait), "DURATION", "write the replies that come until so long after the last datagram" },
	{ "replies", 0, OPTION_NUMBER, AT(replies), "N", "write N replies, then stop", .least = 1 },
};
OPTION_GROUP(options_datagram_out, "Datagrams", datagram_out);

static const struct option datagram_in[] = {
	{ "frame", 0, OPTION_CUSTOM, AT(frame), "FRAME",
	  "raw (default), line: a newline added where missing, length: 4 bytes before each, hex or json: a line each",
	  .take = take_frame_in },
	{ "from", 0, OPTION_FLAG, AT(from), .help = "write 'ADDRESS PORT ' before each datagram" },
	{ "count", 0, OPTION_NUMBER, AT(count), "N", "stop after N datagrams" },
	{ "join", 0, OPTION_LIST, AT(join), "GROUP[%DEV]", "hear this multicast group, by this interface" },
	{ "join-source", 0, OPTION_LIST, AT(join_source), "ADDR", "hear only what this address sends to the groups" },
	{ "sequence", 0, OPTION_FLAG, AT(sequence),
	  .help = "take the headers of udp-send --sequence off, and tell in the end what was lost or out of order" },
	{ "echo", 0, OPTION_FLAG, AT(echo), .help = "send each datagram back to its sender as well" },
	{ "buffer-size", 0, OPTION_SIZE, AT(buffer_size), "SIZE", "bytes received at once, 64K at least (2M)",
	  .least = 1, .most = 1 << 30 },
};
OPTION_GROUP(options_datagram_in, "Datagrams", datagram_in);
