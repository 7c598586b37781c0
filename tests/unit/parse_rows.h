/* parse_rows: a command line with every kind of option, for test_parse.c. */
#ifndef SKT_TESTS_UNIT_PARSE_ROWS_H
#define SKT_TESTS_UNIT_PARSE_ROWS_H

#include <stdint.h>

#include "base/text.h"
#include "cli/option.h"

struct range {
	int64_t low, high;
};

struct settings {
	bool verbose, quiet, keep_open, scan, exec_flag;
	int family, frame, marked;
	uint64_t count, mark, mode, size, replies;
	int64_t wait;
	const char *source;
	struct option_list allow;
	struct range range;
};

static int take_range(const char *word, void *field, struct error *error)
{
	struct range *range = field;
	uint64_t low;
	if (!word) {
		*range = (struct range){ -1, -1 };
		return 0;
	}
	if (text_number(word, 99, &low))
		return error_set(error, ERROR_UNEXPECTED, 7, "is not a range");
	*range = (struct range){ (int64_t)low, (int64_t)low };
	return 0;
}

#define AT(field) offsetof(struct settings, field)

static const struct option_word frames[] = { { "line", 1 }, { "raw", 2 }, { "length", 3 }, { NULL, 0 } };

static const struct option common[] = {
	{ .name = "verbose", .letter = 'v', .kind = OPTION_FLAG, .offset = AT(verbose), .help = "say more" },
	{ .name = "quiet", .letter = 'q', .kind = OPTION_FLAG, .offset = AT(quiet), .help = "say nothing" },
	{ .letter = '4', .kind = OPTION_SET, .offset = AT(family), .value = 4, .help = "IPv4" },
	{ .letter = '6', .kind = OPTION_SET, .offset = AT(family), .value = 6, .help = "IPv6" },
	{ .name = "wait", .letter = 'w', .kind = OPTION_DURATION, .offset = AT(wait), .argument = "DURATION",
	  .help = "w" },
};

static const struct option special[] = {
	{ .name = "count", .letter = 'c', .kind = OPTION_NUMBER, .offset = AT(count), .argument = "N", .least = 1,
	  .most = 100, .help = "c" },
	{ .name = "retry", .kind = OPTION_NUMBER, .offset = AT(count), .argument = "N", .help = "r" },
	{ .name = "retry-interval", .kind = OPTION_DURATION, .offset = AT(wait), .argument = "DURATION", .help = "r" },
	{ .name = "mark", .kind = OPTION_ANY_NUMBER, .offset = AT(mark), .argument = "N", .most = 0xffffffff,
	  .help = "m" },
	{ .name = "mode", .kind = OPTION_OCTAL, .offset = AT(mode), .argument = "OCTAL", .most = 0777, .help = "m" },
	{ .name = "buffer-size", .kind = OPTION_SIZE, .offset = AT(size), .argument = "SIZE", .least = 16,
	  .help = "s" },
	{ .name = "source", .letter = 's', .kind = OPTION_TEXT, .offset = AT(source), .argument = "ADDR", .help = "s" },
	{ .name = "allow", .letter = 'a', .kind = OPTION_LIST, .offset = AT(allow), .argument = "SPEC", .help = "a" },
	{ .name = "frame", .kind = OPTION_WORD, .offset = AT(frame), .argument = "WORD", .words = frames, .help = "f" },
	{ .name = "range", .letter = 'r', .kind = OPTION_CUSTOM, .offset = AT(range), .argument = "A-B",
	  .take = take_range, .optional = true, .help = "r" },
	{ .name = "keep-open", .letter = 'k', .kind = OPTION_FLAG, .offset = AT(keep_open), .help = "k" },
	{ .name = "scan", .letter = 'z', .kind = OPTION_FLAG, .offset = AT(scan), .help = "z" },
	{ .name = "exec", .letter = 'e', .kind = OPTION_FLAG, .offset = AT(exec_flag), .help = "e" },
	{ .name = "replies", .kind = OPTION_NUMBER, .offset = AT(replies), .argument = "N", .help = "r" },
};

static OPTION_GROUP(common_group, "Common", common);
static OPTION_GROUP(special_group, "Special", special);
static const struct option_group *const groups[] = { &common_group, &special_group, NULL };

static const struct option_rule first_rules[] = {
	{ OPTION_CONFLICT, "scan", "exec" },
	{ OPTION_CONFLICT, "scan", "COMMAND" },
	{ OPTION_CONFLICT, "scan", "not-of-this-command" },
	{ OPTION_NEEDS, "scan", "not-of-this-command" },
	{ OPTION_NEEDS, "not-of-this-command", "scan" },
	{ OPTION_RULES_END, NULL, NULL },
};
static const struct option_rule second_rules[] = {
	{ OPTION_NEEDS, "replies", "wait" },
	{ OPTION_NEEDS, "keep-open", "COMMAND" },
	{ OPTION_CONFLICT, "4", "mode" },
	{ OPTION_RULES_END, NULL, NULL },
};
static const struct option_rule *const rules[] = { first_rules, second_rules, NULL };

static const struct syntax connect_syntax = {
	.program = "skt", .name = "connect", .arguments = "HOST PORT", .summary = "talk to a server", .groups = groups,
	.most_words = 2,
};
static const struct syntax command_syntax = {
	.program = "skt", .name = "listen", .arguments = "[HOST] PORT", .groups = groups, .rules = rules,
	.most_words = 2, .command = true,
};

#endif
