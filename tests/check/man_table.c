/* man_table: the man pages say what the program is. Each option stands in the page of its command, in the section of
 * its group, with its letter and argument word, in the order of --help; no page names an option that there is not;
 * a section that commands share reads the same in all pages; the exit statuses are those of the table, in the pages
 * and in README.md; and --help shows every option. Prints every difference; 1 when there is one. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/help.h"
#include "commands/command.h"
#include "commands/status.h"

enum { COMMANDS_MOST = 32 };

static int differences;

static void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void complain(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	differences++;
}

/* A whole file, or the test ends: nothing can be said without it. */
static char *read_file(const char *path)
{
	const char *folder = getenv("SKT_SOURCE");
	char full[1000], *text = calloc(1, 1 << 20);
	snprintf(full, sizeof full, "%s/%s", folder ? folder : ".", path);
	FILE *file = fopen(full, "r");
	if (!text || !file || !fread(text, 1, (1 << 20) - 1, file)) {
		printf("%s cannot be read\n", full);
		exit(1);
	}
	fclose(file);
	return text;
}

/* The lines from `heading` to the next line that begins with `end` (or `end2`), copied; NULL where there are none. */
static char *section(const char *text, const char *heading, const char *end, const char *end2)
{
	size_t n = strlen(heading);
	for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (strncmp(line, heading, n) || line[n] != '\n')
			continue;
		const char *start = line + n + 1, *at = start;
		while (*at && strncmp(at, end, strlen(end)) && strncmp(at, end2, strlen(end2)))
			at = strchr(at, '\n') ? strchr(at, '\n') + 1 : at + strlen(at);
		return strndup(start, (size_t)(at - start));
	}
	return NULL;
}

static char *part(const char *page, const char *kind, const char *title)
{
	char heading[100];
	snprintf(heading, sizeof heading, "%s %s", kind, title);
	return section(page, heading, ".Sh ", strcmp(kind, ".Ss") ? ".Sh " : ".Ss ");
}

/* Appends printf-like to a string that is large enough. */
static void add(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void add(char *out, size_t size, const char *format, ...)
{
	size_t used = strlen(out);
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(out + used, size - used, format, arguments);
	va_end(arguments);
}

/* What mdoc makes of an .It line, without macros and spaces: ".It Fl w , Fl -wait Ar DURATION" is "-w,--waitDURATION".
 */
static void shown(const char *line, size_t n, char *out, size_t size)
{
	char copy[400], *rest = copy;
	snprintf(copy, sizeof copy, "%.*s", (int)n, line);
	out[0] = '\0';
	for (char *word; (word = strsep(&rest, " "));) {
		bool macro = !strcmp(word, ".It") || !strcmp(word, "Ar") || !strcmp(word, "Ns") ||
			     !strcmp(word, "Cm") || !*word;
		if (!strcmp(word, "Fl"))
			add(out, size, "-");
		else if (!strcmp(word, "Op"))
			add(out, size, "[");
		else if (!macro)
			add(out, size, "%s", word);
	}
	if (strchr(out, '['))
		add(out, size, "]");
}

/* The same from the row. */
static void expected(const struct option *row, char *out, size_t size)
{
	out[0] = '\0';
	if (row->letter)
		add(out, size, "-%c", row->letter);
	if (row->name)
		add(out, size, "%s--%s", row->letter ? "," : "", row->name);
	for (const char *at = row->argument ? row->argument : ""; *at; at++) {
		if (at == row->argument && row->optional)
			add(out, size, "[=");
		if (*at != ' ')
			add(out, size, "%c", *at);
	}
	if (row->optional)
		add(out, size, "]");
}

/* The next .It line at the outer level of a section's list. */
static const char *next_item(const char *at)
{
	int depth = 0;
	for (; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		depth += !strncmp(at, ".Bl", 3) - !strncmp(at, ".El", 3);
		if (depth == 1 && !strncmp(at, ".It ", 4))
			return at;
	}
	return NULL;
}

static const char *behind_line(const char *at)
{
	at += strcspn(at, "\n");
	return *at ? at + 1 : at;
}

/* next_item() counts from the beginning of the section; behind the first item the list is open already. */
static const char *following_item(const char *at)
{
	int depth = 1;
	for (at = behind_line(at); *at && depth; at = behind_line(at)) {
		depth += !strncmp(at, ".Bl", 3) - !strncmp(at, ".El", 3);
		if (depth == 1 && !strncmp(at, ".It ", 4))
			return at;
	}
	return NULL;
}

static void check_group(const char *command, const struct option_group *group, const char *text)
{
	char found[400], wanted[400];
	const char *item = next_item(text);
	for (size_t i = 0; i < group->count; i++, item = item ? following_item(item) : NULL) {
		expected(&group->options[i], wanted, sizeof wanted);
		shown(item ? item : "(nothing)", item ? strcspn(item, "\n") : 9, found, sizeof found);
		if (strcmp(wanted, found)) {
			complain("skt-%s.1: in '.Ss %s' %s should stand where %s stands", command, group->title, wanted,
				 found);
			return;
		}
		const char *prose = behind_line(item);
		if (*prose == '.' && (!strncmp(prose, ".It", 3) || !strncmp(prose, ".El", 3)))
			complain("skt-%s.1: %s is not described", command, wanted);
	}
	if (item)
		complain("skt-%s.1: '.Ss %s' holds an option that is not there: %.*s", command, group->title,
			 (int)strcspn(item, "\n"), item);
}

/* Every "--name" and "-x" that is named as .Fl anywhere in the page is one of the command's. */
static bool known(const struct syntax *syntax, const char *name)
{
	size_t n = strcspn(name, " \n\t|,;");
	n -= n && name[n - 1] == '.';
	for (const struct option_group *const *group = syntax->groups; *group; group++)
		for (size_t i = 0; i < (*group)->count; i++) {
			const struct option *row = &(*group)->options[i];
			if (name[0] == '-' ? row->name && strlen(row->name) == n - 1 &&
						     !strncmp(row->name, name + 1, n - 1)
					   : row->letter && n == 1 && row->letter == name[0])
				return true;
		}
	return false;
}

static void check_name(const char *page, const struct syntax *const *all, const char *name)
{
	bool found = false;
	for (size_t i = 0; all[i] && !found; i++)
		found = known(all[i], name);
	if (!found)
		complain("%s: names -%.*s, which is no option", page, (int)strcspn(name, " \n"), name);
}

/* All words behind an Fl that begin with a dash are options of their own: .Fl -linger , -deadline */
static void check_names(const char *title, const struct syntax *const *all, const char *page)
{
	for (const char *at = page; (at = strstr(at, "Fl ")); at += 3) {
		const char *word = at + 3;
		bool first = true;
		if (at == page || (at[-1] != ' ' && at[-1] != '.'))
			continue;
		while (*word && *word != '\n') {
			if (first || *word == '-')
				check_name(title, all, word);
			else if (!strchr(",.|();", *word))
				break;
			first = false;
			word += strcspn(word, " \n");
			word += strspn(word, " ");
		}
	}
}

/* White space does not count. */
static void squeeze(char *text)
{
	char *out = text;
	for (char *at = text; *at; at++)
		if (!isspace((unsigned char)*at))
			*out++ = *at;
	*out = '\0';
}

static void check_statuses(const char *name, const char *page)
{
	char wanted[8000] = ".Bl-tag-width\"128+N\"";
	char *text = part(page, ".Sh", "EXIT STATUS");
	for (size_t i = 0; i < status_rows_count; i++) {
		const struct status_row *row = &status_rows[i];
		add(wanted, sizeof wanted, ".It %d%s%s%s\n%s.\n", row->status, row->class == ERROR_SIGNAL ? "+N" : "",
		    *row->word ? " Pq " : "", row->word, row->meaning);
	}
	add(wanted, sizeof wanted, ".El");
	squeeze(wanted);
	if (text)
		squeeze(text);
	if (!text || strncmp(text, wanted, strlen(wanted))) {
		size_t same = 0;
		while (text && text[same] && text[same] == wanted[same])
			same++;
		complain("%s: EXIT STATUS is not the table of commands/status.c: '%.60s' should be '%.60s'", name,
			 text ? text + same : "", wanted + same);
	}
	free(text);
}

static void check_readme(void)
{
	char *page = read_file("README.md"), wanted[400];
	for (size_t i = 0; i < status_rows_count; i++) {
		const struct status_row *row = &status_rows[i];
		snprintf(wanted, sizeof wanted, "\n| %d%s | %s | %s |\n", row->status,
			 row->class == ERROR_SIGNAL ? "+N" : "", row->word, row->meaning);
		if (!strstr(page, wanted))
			complain("README.md: this row is missing: %s", wanted + 1);
	}
	free(page);
}

/* White space aside, as the help wraps its lines. */
static void check_help(const struct syntax *syntax)
{
	struct buffer help = { 0 };
	char wanted[600];
	if (help_command(&help, syntax) || buffer_append(&help, "", 1)) {
		complain("%s: no help", syntax->name);
		return;
	}
	char *text = strdup(buffer_head(&help));
	squeeze(text);
	for (const struct option_group *const *group = syntax->groups; *group; group++)
		for (size_t i = 0; i < (*group)->count; i++) {
			const struct option *row = &(*group)->options[i];
			expected(row, wanted, sizeof wanted);
			add(wanted, sizeof wanted, "%s", row->help);
			squeeze(wanted);
			if (!*row->help || !strstr(text, wanted))
				complain("skt %s --help does not show '%s'", syntax->name, wanted);
		}
	free(text);
	buffer_free(&help);
}

/* A group that an earlier command has, too, is described in the same words. */
static void check_shared(size_t command, const struct option_group *group, char *const *pages)
{
	for (size_t i = 0; i < command; i++)
		for (const struct option_group *const *other = command_rows[i]->syntax.groups; *other; other++) {
			if (*other != group)
				continue;
			char *a = part(pages[i], ".Ss", group->title), *b = part(pages[command], ".Ss", group->title);
			if (a && b && strcmp(a, b))
				complain("skt-%s.1 and skt-%s.1 describe '%s' in different words: sh man/spread %s '%s' %s",
					 command_rows[i]->syntax.name, command_rows[command]->syntax.name, group->title,
					 command_rows[i]->syntax.name, group->title, command_rows[command]->syntax.name);
			free(a);
			free(b);
			return;
		}
}

static void check_command(size_t command, char *const *pages, const char *overview)
{
	const struct syntax *syntax = &command_rows[command]->syntax;
	const struct syntax *const only[] = { syntax, NULL };
	const char *page = pages[command];
	char name[100], line[200];
	snprintf(name, sizeof name, "skt-%s.1", syntax->name);
	for (const struct option_group *const *group = syntax->groups; *group; group++) {
		char *text = part(page, ".Ss", (*group)->title);
		if (text)
			check_group(syntax->name, *group, text);
		else
			complain("%s has no '.Ss %s' for the options of that group", name, (*group)->title);
		free(text);
		check_shared(command, *group, pages);
	}
	check_names(name, only, page);
	check_statuses(name, page);
	check_help(syntax);
	snprintf(line, sizeof line, "\n.Nd %s\n", syntax->summary);
	if (!strstr(page, line))
		complain("%s: its .Nd is not the summary '%s'", name, syntax->summary);
	snprintf(line, sizeof line, "\n%s:\n.Xr skt-%s 1\n", syntax->summary, syntax->name);
	if (!strstr(overview, line))
		complain("skt.1 does not list %s as '%s'", syntax->name, syntax->summary);
	if (!strstr(page, "\n.Sh EXAMPLES\n"))
		complain("%s has no EXAMPLES", name);
}

int main(void)
{
	char *pages[COMMANDS_MOST], path[100], *overview = read_file("man/skt.1");
	const struct syntax *all[COMMANDS_MOST + 1] = { NULL };
	size_t n = 0;
	/* --version is no command's. */
	static const struct option own[] = { { .name = "version" }, { .name = "help" } };
	static const struct option_group own_group = { "skt", own, 2 }, *const own_groups[] = { &own_group, NULL };
	static const struct syntax skt = { .name = "skt", .groups = own_groups };
	for (; command_rows[n] && n < COMMANDS_MOST - 1; n++) {
		snprintf(path, sizeof path, "man/skt-%s.1", command_rows[n]->syntax.name);
		pages[n] = read_file(path);
		all[n] = &command_rows[n]->syntax;
	}
	all[n] = &skt;
	for (size_t i = 0; i < n; i++)
		check_command(i, pages, overview);
	check_names("skt.1", all, overview);
	check_statuses("skt.1", overview);
	check_readme();
	for (size_t i = 0; i < n; i++)
		free(pages[i]);
	free(overview);
	printf(differences ? "%d differences\n" : "the man pages, --help and the tables agree\n", differences);
	return differences != 0;
}
