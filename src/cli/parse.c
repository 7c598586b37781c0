#include "cli/parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/values.h"

enum {
	OPTIONS_MOST = 256, /* of one command; the largest has about a third of it */
	WORD_SHOWN = 160,   /* bytes of an offending word that a message shows */
};

/* One run over the command line. */
struct parser {
	const struct syntax *syntax;
	void *settings;
	struct arguments *arguments;
	struct error *error; /* holds the first error once `failed` */
	bool failed;
	char **at, **end;                           /* the words not yet read */
	const struct option *options[OPTIONS_MOST]; /* the rows of all groups, in order */
	bool seen[OPTIONS_MOST];
	size_t count;
	const char *names[OPTIONS_MOST];            /* the long names among them */
	size_t named;
};

/* Returns -1. The text is cut so that the "try" behind it always stands. */
static int refuse_with(const struct syntax *syntax, struct error *error, const char *format, va_list arguments)
{
	char text[sizeof error->text - 80];
	if (vsnprintf(text, sizeof text, format, arguments) < 0)
		text[0] = '\0';
	return error_set(error, ERROR_USAGE, 0, "%s; try '%s%s%s --help'", text, syntax->program,
			 syntax->name ? " " : "", syntax->name ? syntax->name : "");
}

int parse_refuse(const struct syntax *syntax, struct error *error, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int result = refuse_with(syntax, error, format, arguments);
	va_end(arguments);
	return result;
}

/* The first error is the one that is told; reading goes on behind it. */
__attribute__((format(printf, 2, 3))) static void refuse(struct parser *parser, const char *format, ...)
{
	va_list arguments;
	if (parser->failed)
		return;
	parser->failed = true;
	va_start(arguments, format);
	(void)refuse_with(parser->syntax, parser->error, format, arguments); /* always -1 */
	va_end(arguments);
}

const char *parse_nearest(const char *word, const char *const *names, size_t n)
{
	const char *nearest = NULL;
	size_t length = strlen(word), best = length / 3 + 2;
	for (size_t i = 0; i < n && length; i++) {
		/* The start of a name is as near as a slip of the finger; where every letter has to change, nothing
		 * speaks for the name. */
		bool start = !strncmp(word, names[i], length);
		size_t distance = start ? names[i][length] != '\0' : text_distance(word, names[i]);
		if (distance < best && (start || distance < length)) {
			nearest = names[i];
			best = distance;
		}
	}
	return nearest;
}

/* " (did you mean '--verbose'?)" or "", in `out`. */
static const char *meant(char *out, size_t size, const char *dashes, const char *name)
{
	out[0] = '\0';
	if (name)
		snprintf(out, size, " (did you mean '%s%s'?)", dashes, name);
	return out;
}

static const struct option *with_letter(const struct parser *parser, char letter, size_t *index)
{
	for (*index = 0; letter && *index < parser->count; ++*index)
		if (parser->options[*index]->letter == letter)
			return parser->options[*index];
	return NULL;
}

/* What stands here for an option of another tool, whose name has that length; or NULL. */
static const char *habit_of(const struct syntax *syntax, const char *name, size_t length)
{
	for (const struct option_habit *row = syntax->habits; row && row->name; row++) {
		size_t known = strlen(row->name);
		if (known <= length && !strncmp(row->name, name, known) &&
		    (known == length || (known > 1 && name[known] == '-')))
			return row->instead;
	}
	return NULL;
}

static void refuse_unknown_long(struct parser *parser, const char *name, size_t length)
{
	char shown[WORD_SHOWN], copy[64], hint[100];
	size_t index;
	const char *dashes = "--", *nearest = NULL;
	const char *instead = length > 1 ? habit_of(parser->syntax, name, length) : NULL;
	if (length < sizeof copy) {
		memcpy(copy, name, length);
		copy[length] = '\0';
		nearest = parse_nearest(copy, parser->names, parser->named);
		if (length == 1 && with_letter(parser, copy[0], &index)) {
			dashes = "-";
			nearest = copy;
		}
	}
	refuse(parser, "unknown option '--%s'%s%s", text_escape(shown, sizeof shown, name, length), instead ? ": " : "",
	       instead ? instead : meant(hint, sizeof hint, dashes, nearest));
}

static void refuse_ambiguous(struct parser *parser, const char *name, size_t length)
{
	char shown[WORD_SHOWN], listed[240] = "";
	size_t used = 0;
	for (size_t i = 0; i < parser->named && used < sizeof listed; i++)
		if (!strncmp(parser->names[i], name, length))
			used += (size_t)snprintf(listed + used, sizeof listed - used, "%s'--%s'", used ? ", " : "",
						 parser->names[i]);
	refuse(parser, "option '--%s' is ambiguous: %s", text_escape(shown, sizeof shown, name, length), listed);
}

/* The row whose name is, or alone begins with, the first `length` bytes of name; NULL is already refused. */
static const struct option *with_name(struct parser *parser, const char *name, size_t length, size_t *index)
{
	size_t matches = 0;
	for (size_t i = 0; i < parser->count && length; i++) {
		const char *full = parser->options[i]->name;
		if (!full || strncmp(full, name, length))
			continue;
		*index = i;
		if (!full[length])
			return parser->options[i];
		matches++;
	}
	if (!matches)
		refuse_unknown_long(parser, name, length);
	else if (matches > 1)
		refuse_ambiguous(parser, name, length);
	return matches == 1 ? parser->options[*index] : NULL;
}

/* `option` is how the row is called in a message. */
static void take(struct parser *parser, size_t index, const char *option, const char *word)
{
	struct error wrong = { 0 };
	parser->seen[index] = true;
	if (!values_read(parser->options[index], word, parser->settings, &wrong))
		return;
	char shown[WORD_SHOWN];
	if (word)
		refuse(parser, "%s: '%s' %s", option, TEXT_SHOW(shown, word), wrong.text);
	else
		refuse(parser, "%s %s", option, wrong.text);
}

/* The word that follows as the value of an option, or NULL, refused. */
static const char *next_word(struct parser *parser, const struct option *row, const char *option)
{
	if (parser->at < parser->end)
		return *parser->at++;
	refuse(parser, "option '%s' needs a value (%s)", option, row->argument);
	return NULL;
}

/* --name, --name VALUE, --name=VALUE; `name` is behind the dashes. */
static void read_long(struct parser *parser, const char *name)
{
	size_t index = 0, length = strcspn(name, "=");
	const char *word = name[length] ? name + length + 1 : NULL;
	const struct option *row = with_name(parser, name, length, &index);
	char option[80], shown[WORD_SHOWN];
	if (!row)
		return;
	snprintf(option, sizeof option, "--%s", row->name);
	if (!row->argument && word) {
		refuse(parser, "option '%s' takes no value, but '%s' was given", option, TEXT_SHOW(shown, word));
		return;
	}
	if (row->argument && !word && !row->optional && !(word = next_word(parser, row, option)))
		return;
	take(parser, index, option, word);
}

static void refuse_unknown_letter(struct parser *parser, char letter, const char *letters)
{
	char shown[8], whole[WORD_SHOWN], within[WORD_SHOWN + 16] = "", hint[100];
	const char other[] = { (char)(letter ^ 0x20), '\0' }; /* the letter in its other case */
	size_t index;
	const char *dashes = "--", *nearest = letters[1] ? parse_nearest(letters, parser->names, parser->named) : NULL;
	const char *instead = nearest ? NULL : habit_of(parser->syntax, &letter, 1);
	if (!nearest && !instead && letter > '@' && with_letter(parser, other[0], &index)) {
		dashes = "-";
		nearest = other;
	}
	if (letters[1])
		snprintf(within, sizeof within, " in '-%s'", TEXT_SHOW(whole, letters));
	refuse(parser, "unknown option '-%s'%s%s%s", text_escape(shown, sizeof shown, &letter, 1), within,
	       instead ? ": " : "", instead ? instead : meant(hint, sizeof hint, dashes, nearest));
}

/* -v, -kv, -w5, -w 5; `letters` is behind the dash. Behind an unknown letter nothing can be told from a value. */
static void read_letters(struct parser *parser, const char *letters)
{
	for (const char *at = letters; *at; at++) {
		size_t index;
		const struct option *row = with_letter(parser, *at, &index);
		const char option[] = { '-', *at, '\0' };
		if (!row) {
			refuse_unknown_letter(parser, *at, letters);
			return;
		}
		if (!row->argument || row->optional) {
			take(parser, index, option, NULL);
			continue;
		}
		const char *word = at[1] ? at + 1 : next_word(parser, row, option);
		if (word)
			take(parser, index, option, word);
		return;
	}
}

static void read_positional(struct parser *parser, const char *word)
{
	const struct syntax *syntax = parser->syntax;
	struct arguments *arguments = parser->arguments;
	char shown[WORD_SHOWN];
	if (arguments->count < syntax->most_words && arguments->count < PARSE_WORDS_MOST)
		arguments->words[arguments->count++] = word;
	else if (!syntax->most_words)
		refuse(parser, "unexpected word '%s', %s takes none", TEXT_SHOW(shown, word), syntax->name);
	else
		refuse(parser, "unexpected word '%s' behind %s", TEXT_SHOW(shown, word), syntax->arguments);
}

/* What stands behind "--". */
static void read_rest(struct parser *parser)
{
	if (!parser->syntax->command) {
		while (parser->at < parser->end)
			read_positional(parser, *parser->at++);
		return;
	}
	if (parser->at == parser->end)
		refuse(parser, "'--' needs a COMMAND behind it");
	else
		parser->arguments->command = parser->at;
	parser->at = parser->end;
}

static void read_words(struct parser *parser)
{
	while (parser->at < parser->end) {
		const char *word = *parser->at++;
		if (!strcmp(word, "--"))
			read_rest(parser);
		else if (!strncmp(word, "--", 2))
			read_long(parser, word + 2);
		else if (word[0] == '-' && word[1])
			read_letters(parser, word + 1);
		else
			read_positional(parser, word);
	}
}

/* Whether the option that a rule names was given; *shown is how the user calls it. */
static bool was_given(const struct parser *parser, const char *name, char *shown, size_t size)
{
	if (!strcmp(name, "COMMAND")) {
		snprintf(shown, size, "%s", parser->syntax->command ? "-- COMMAND" : "");
		return parser->arguments->command != NULL;
	}
	for (size_t i = 0; i < parser->count; i++) {
		const struct option *row = parser->options[i];
		bool lettered = !row->name && row->letter == name[0] && !name[1];
		if (!lettered && (!row->name || strcmp(row->name, name)))
			continue;
		snprintf(shown, size, "%s%s", lettered ? "-" : "--", name);
		return parser->seen[i];
	}
	shown[0] = '\0'; /* the command does not have it */
	return false;
}

static void check_rules(struct parser *parser)
{
	const struct option_rule *const *lists = parser->syntax->rules;
	for (; lists && *lists; lists++)
		for (const struct option_rule *rule = *lists; rule->kind != OPTION_RULES_END; rule++) {
			char option[80], other[80];
			if (!was_given(parser, rule->option, option, sizeof option))
				continue;
			bool both = was_given(parser, rule->other, other, sizeof other);
			if (rule->kind == OPTION_CONFLICT && both)
				refuse(parser, "'%s' and '%s' exclude each other", option, other);
			else if (rule->kind == OPTION_NEEDS && !both && other[0])
				refuse(parser, "'%s' needs '%s' beside it", option, other);
		}
}

/* -1: a command with more rows than fit, a defect. */
static int collect(struct parser *parser)
{
	for (const struct option_group *const *group = parser->syntax->groups; group && *group; group++)
		for (size_t i = 0; i < (*group)->count; i++) {
			const struct option *row = &(*group)->options[i];
			if (parser->count == OPTIONS_MOST)
				return error_set(parser->error, ERROR_UNEXPECTED, 0,
						 "a defect: %s has more than %d options", parser->syntax->name,
						 OPTIONS_MOST);
			parser->options[parser->count++] = row;
			if (row->name)
				parser->names[parser->named++] = row->name;
		}
	return 0;
}

int parse_arguments(const struct syntax *syntax, int argc, char **argv, void *settings, struct arguments *arguments,
		    struct error *error)
{
	struct parser parser = {
		.syntax = syntax,
		.settings = settings,
		.arguments = arguments,
		.error = error,
		.at = argv,
		.end = argv + argc,
	};
	*arguments = (struct arguments){ 0 };
	if (collect(&parser))
		return -1;
	read_words(&parser);
	check_rules(&parser);
	return parser.failed ? -1 : 0;
}
