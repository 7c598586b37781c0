#include "cli/help.h"

#include <ctype.h>
#include <string.h>

enum {
	WIDTH = 100,
	HELP_COLUMN = 31, /* where the help of an option starts */
};

/* A line being filled: words go to the next one, indented, where they would pass WIDTH. */
struct line {
	struct buffer *out;
	size_t column, indent;
};

static int put(struct line *line, const char *bytes, size_t n)
{
	line->column += n;
	return buffer_append(line->out, bytes, n);
}

static int put_string(struct line *line, const char *string)
{
	return put(line, string, strlen(string));
}

static int fill_to(struct line *line, size_t column)
{
	while (line->column < column)
		if (put(line, " ", 1))
			return -1;
	return 0;
}

static int next_line(struct line *line)
{
	line->column = 0;
	return buffer_append(line->out, "\n", 1) || fill_to(line, line->indent) ? -1 : 0;
}

/* One word, behind a space unless it begins its line. A column stays free for a comma or a full stop. */
static int put_word(struct line *line, const char *word, size_t n)
{
	if (line->column > line->indent && line->column + 1 + n >= WIDTH && next_line(line))
		return -1;
	if (line->column > line->indent && put(line, " ", 1))
		return -1;
	return put(line, word, n);
}

static int put_text(struct line *line, const char *text)
{
	while (*(text += strspn(text, " "))) {
		size_t n = strcspn(text, " ");
		if (put_word(line, text, n))
			return -1;
		text += n;
	}
	return 0;
}

static int put_usage(struct buffer *out, const struct syntax *syntax)
{
	const char *arguments = syntax->arguments ? syntax->arguments : "";
	return buffer_printf(out, "usage: %s %s [OPTION]...%s%s%s\n", syntax->program, syntax->name,
			     *arguments ? " " : "", arguments, syntax->command ? " [-- COMMAND [ARG]...]" : "");
}

/* The summary is written for the list of commands, without capital and full stop. */
static int put_summary(struct buffer *out, const char *summary)
{
	struct line line = { .out = out };
	if (!summary || !*summary)
		return 0;
	const char first = (char)toupper((unsigned char)summary[0]);
	const char *blank = summary + strcspn(summary, " ");
	if (buffer_append(out, "\n", 1) || put(&line, &first, 1) ||
	    put(&line, summary + 1, (size_t)(blank - summary) - 1) || put_text(&line, blank))
		return -1;
	return buffer_append(out, ".\n", 2);
}

/* "  -w, --wait DURATION", "      --keep-alive[=IDLE]", "  -4" */
static int put_names(struct line *line, const struct option *row)
{
	const char letter[] = { '-', row->letter, '\0' };
	if (put_string(line, row->letter ? "  " : "      ") || (row->letter && put_string(line, letter)) ||
	    (row->letter && row->name && put_string(line, ", ")))
		return -1;
	if (row->name && (put_string(line, "--") || put_string(line, row->name)))
		return -1;
	if (!row->argument)
		return 0;
	if (put_string(line, row->optional ? "[=" : " ") || put_string(line, row->argument))
		return -1;
	return row->optional ? put_string(line, "]") : 0;
}

/* The words of an OPTION_WORD row behind its help: ": any, inet, inet6". */
static int put_choices(struct line *line, const struct option_word *words)
{
	if (put(line, ":", 1))
		return -1;
	for (; words->name; words++)
		if (put_word(line, words->name, strlen(words->name)) || (words[1].name && put(line, ",", 1)))
			return -1;
	return 0;
}

static int put_option(struct buffer *out, const struct option *row)
{
	struct line line = { .out = out, .indent = HELP_COLUMN };
	if (put_names(&line, row))
		return -1;
	/* Two spaces at least part the names from their help. */
	if ((line.column + 2 > HELP_COLUMN ? next_line(&line) : fill_to(&line, HELP_COLUMN)) ||
	    put_text(&line, row->help))
		return -1;
	if (row->kind == OPTION_WORD && put_choices(&line, row->words))
		return -1;
	return buffer_append(out, "\n", 1);
}

static int put_group(struct buffer *out, const struct option_group *group)
{
	if (buffer_printf(out, "\n%s:\n", group->title))
		return -1;
	for (size_t i = 0; i < group->count; i++)
		if (put_option(out, &group->options[i]))
			return -1;
	return 0;
}

int help_command(struct buffer *out, const struct syntax *syntax)
{
	if (put_usage(out, syntax) || put_summary(out, syntax->summary))
		return -1;
	for (const struct option_group *const *group = syntax->groups; group && *group; group++)
		if (put_group(out, *group))
			return -1;
	return 0;
}
