#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "cli/help.h"

/* The scripts take their words from the rows; the frame around them is fixed text. All functions answer 0, or -1:
 * no memory. */

typedef int option_writer(struct buffer *out, const struct syntax *syntax, const struct option *row);
typedef int syntax_writer(struct buffer *out, const struct syntax *syntax);

const char *const help_shells[] = { "bash", "zsh", "fish", NULL };

static int put(struct buffer *out, const char *string)
{
	return buffer_append(out, string, strlen(string));
}

/* What stands inside '...': a quote is written so that all three shells read it, what is `special` gets a backslash. */
static int put_quoted(struct buffer *out, const char *string, const char *special)
{
	for (; *string; string++) {
		const char *before = *string == '\'' ? "'\\'" : strchr(special, *string) ? "\\" : "";
		if (put(out, before) || buffer_append(out, string, 1))
			return -1;
	}
	return 0;
}

static int put_words(struct buffer *out, const struct option_word *words)
{
	for (; words->name; words++)
		if (put(out, words->name) || (words[1].name && put(out, " ")))
			return -1;
	return 0;
}

static int put_shells(struct buffer *out)
{
	for (size_t i = 0; help_shells[i]; i++)
		if (buffer_printf(out, "%s%s", i ? " " : "", help_shells[i]))
			return -1;
	return 0;
}

static int for_options(struct buffer *out, const struct syntax *syntax, option_writer *write)
{
	for (const struct option_group *const *group = syntax->groups; group && *group; group++)
		for (size_t i = 0; i < (*group)->count; i++)
			if (write(out, syntax, &(*group)->options[i]))
				return -1;
	return 0;
}

static int for_commands(struct buffer *out, const struct syntax *const *commands, size_t n, syntax_writer *write)
{
	for (size_t i = 0; i < n; i++)
		if (write(out, commands[i]))
			return -1;
	return 0;
}

static int put_name(struct buffer *out, const struct syntax *syntax)
{
	return buffer_printf(out, "%s ", syntax->name);
}

static bool names_files(const char *argument)
{
	return argument && (!strncmp(argument, "FILE", 4) || !strncmp(argument, "PATH", 4));
}

static bool names_hosts(const char *argument)
{
	return argument && (!strncmp(argument, "HOST", 4) || !strncmp(argument, "[HOST", 5));
}

/* bash: by itself, without the bash-completion package. --name=VALUE is one word or three, as COMP_WORDBREAKS says. */

static const char bash_head[] =
	"# bash completion for skt: source <(skt completion bash)\n"
	"_skt()\n"
	"{\n"
	"\tlocal current=${COMP_WORDS[COMP_CWORD]} behind=${COMP_WORDS[COMP_CWORD-1]} before= attached= i\n"
	"\tlocal command=${COMP_WORDS[1]} options= words= kind= positional= rest=\n"
	"\tCOMPREPLY=()\n"
	"\tif [[ $current == --*=* ]]; then\n"
	"\t\tattached=1 behind=${current%%=*} before=${current%%=*}= current=${current#*=}\n"
	"\telif [[ $current == = ]]; then\n"
	"\t\tattached=1 current=\n"
	"\telif [[ $behind == = ]]; then\n"
	"\t\tattached=1 behind=${COMP_WORDS[COMP_CWORD-2]}\n"
	"\tfi\n"
	"\t(( COMP_CWORD == 1 )) && command=\n"
	"\tcase $command in\n";

static const char bash_tail[] =
	"\tesac\n"
	"\tfor (( i = 2; i < COMP_CWORD; i++ )); do\n"
	"\t\t[[ ${COMP_WORDS[i]} == -- ]] || continue\n"
	"\t\tattached= options= positional=$rest kind=$rest\n"
	"\t\t[[ $rest == command ]] && (( i < COMP_CWORD - 1 )) && kind=file\n"
	"\t\tbreak\n"
	"\tdone\n"
	"\tif [[ ! $kind && ! $attached ]]; then\n"
	"\t\tkind=$positional\n"
	"\t\t[[ $current == -* && $options ]] && kind=words words=$options\n"
	"\tfi\n"
	"\tcase $kind in\n"
	"\twords) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\") ;;\n"
	"\thost) mapfile -t COMPREPLY < <(compgen -A hostname -- \"$current\") ;;\n"
	"\tcommand) mapfile -t COMPREPLY < <(compgen -c -- \"$current\") ;;\n"
	"\tfile)\n"
	"\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
	"\t\t;;\n"
	"\tesac\n"
	"\tif [[ $before ]]; then\n"
	"\t\tCOMPREPLY=(\"${COMPREPLY[@]/#/$before}\")\n"
	"\tfi\n"
	"}\n"
	"complete -F _skt skt\n";

static int bash_name(struct buffer *out, const struct syntax *syntax, const struct option *row)
{
	(void)syntax; /* the writer's signature */
	if (row->name && buffer_printf(out, "--%s ", row->name))
		return -1;
	return row->letter ? buffer_printf(out, "-%c ", row->letter) : 0;
}

/* The branch for the word behind an option. An optional value stands only behind =, and never behind the letter. */
static int bash_value(struct buffer *out, const struct syntax *syntax, const struct option *row)
{
	bool named = row->name, lettered = row->letter && !row->optional;
	(void)syntax;
	if (!row->argument || (!named && !lettered))
		return 0;
	if (put(out, "\t\t") || (named && buffer_printf(out, "--%s", row->name)) ||
	    (named && lettered && put(out, "|")) || (lettered && buffer_printf(out, "-%c", row->letter)))
		return -1;
	if (put(out, row->optional ? ") [[ $attached ]] && " : ") "))
		return -1;
	if (row->kind != OPTION_WORD)
		return buffer_printf(out, "kind=%s ;;\n", names_files(row->argument) ? "file" : "value");
	return put(out, "kind=words words='") || put_words(out, row->words) || put(out, "' ;;\n") ? -1 : 0;
}

static int bash_command(struct buffer *out, const struct syntax *syntax)
{
	const char *words = names_files(syntax->arguments) ? "file" : names_hosts(syntax->arguments) ? "host" : "value";
	if (buffer_printf(out, "\t%s)\n\t\tpositional=%s rest=%s options='", syntax->name, words,
			  syntax->command ? "command" : words) ||
	    for_options(out, syntax, bash_name) || put(out, "'\n\t\tcase $behind in\n") ||
	    for_options(out, syntax, bash_value))
		return -1;
	return put(out, "\t\tesac\n\t\t;;\n");
}

static int bash(struct buffer *out, const struct syntax *const *commands, size_t n)
{
	if (put(out, bash_head) || put(out, "\t'') kind=words words='") || for_commands(out, commands, n, put_name) ||
	    put(out, "help completion --help --version' ;;\n\thelp) kind=words words='") ||
	    for_commands(out, commands, n, put_name) || put(out, "' ;;\n\tcompletion) kind=words words='") ||
	    put_shells(out) || put(out, "' ;;\n") || for_commands(out, commands, n, bash_command))
		return -1;
	return put(out, bash_tail);
}

/* zsh: an _arguments call a command (zshcompsys(1)). */

static int zsh_described(struct buffer *out, const struct syntax *syntax)
{
	if (buffer_printf(out, "\t\t\t'%s:", syntax->name) || put_quoted(out, syntax->summary, "\\"))
		return -1;
	return put(out, "'\n");
}

/* One spec: '(-w --wait)--wait=[help]:DURATION:action'; `end` tells how the value is attached. */
static int zsh_spec(struct buffer *out, const struct option *row, const char *dashes, const char *name, const char *end)
{
	if (put(out, " \\\n\t\t\t'"))
		return -1;
	if (row->kind == OPTION_LIST && put(out, "*"))
		return -1;
	if (row->kind != OPTION_LIST && row->name && row->letter &&
	    buffer_printf(out, "(-%c --%s)", row->letter, row->name))
		return -1;
	if (buffer_printf(out, "%s%s%s[", dashes, name, end) || put_quoted(out, row->help, "[]\\") || put(out, "]"))
		return -1;
	if (!*end)
		return put(out, "'");
	if (put(out, row->optional ? "::" : ":") || put_quoted(out, row->argument, ":\\") || put(out, ":"))
		return -1;
	if (row->kind != OPTION_WORD)
		return put(out, names_files(row->argument) ? "_files'" : " '");
	return put(out, "(") || put_words(out, row->words) || put(out, ")'") ? -1 : 0;
}

static int zsh_option(struct buffer *out, const struct syntax *syntax, const struct option *row)
{
	const char letter[] = { row->letter, '\0' };
	(void)syntax;
	if (row->letter && zsh_spec(out, row, "-", letter, row->argument && !row->optional ? "+" : ""))
		return -1;
	return row->name ? zsh_spec(out, row, "--", row->name, !row->argument ? "" : row->optional ? "=-" : "=") : 0;
}

static int zsh_command(struct buffer *out, const struct syntax *syntax)
{
	const char *words = syntax->arguments ? syntax->arguments : "no more";
	const char *action = names_files(words) ? "_files" : names_hosts(words) ? "_hosts" : " ";
	if (buffer_printf(out, "\t%s)\n", syntax->name))
		return -1;
	if (syntax->command && put(out, "\t\t_skt_behind && return\n"))
		return -1;
	if (put(out, "\t\t_arguments -s -S") || for_options(out, syntax, zsh_option) || put(out, " \\\n\t\t\t'*:") ||
	    put_quoted(out, words, ":\\"))
		return -1;
	return buffer_printf(out, ":%s'\n\t\t;;\n", action);
}

static const char zsh_head[] =
	"#compdef skt\n"
	"# zsh completion for skt: source <(skt completion zsh), or a file _skt in $fpath\n"
	"_skt_behind()\n"
	"{\n"
	"\tlocal -i at=${words[(i)--]}\n"
	"\t(( at < CURRENT )) || return 1\n"
	"\tshift $at words\n"
	"\t(( CURRENT -= at ))\n"
	"\t_normal\n"
	"\treturn 0\n"
	"}\n"
	"_skt()\n"
	"{\n"
	"\tlocal curcontext=$curcontext command=$words[2]\n"
	"\tlocal -a commands\n"
	"\tif (( CURRENT == 2 )); then\n"
	"\t\tcommands=(\n";

static const char zsh_middle[] =
	"\t\t\t'help:explain a command'\n"
	"\t\t\t'completion:print the completion script of a shell'\n"
	"\t\t\t'--help:list the commands'\n"
	"\t\t\t'--version:tell the version'\n"
	"\t\t)\n"
	"\t\t_describe -t commands 'command' commands\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tshift words\n"
	"\t(( CURRENT-- ))\n"
	"\tcase $command in\n";

static const char zsh_tail[] =
	"\tesac\n"
	"}\n"
	"if [[ $funcstack[1] == _skt ]]; then\n"
	"\t_skt \"$@\"\n"
	"else\n"
	"\tcompdef _skt skt\n"
	"fi\n";

static int zsh(struct buffer *out, const struct syntax *const *commands, size_t n)
{
	if (put(out, zsh_head) || for_commands(out, commands, n, zsh_described) || put(out, zsh_middle) ||
	    put(out, "\thelp) _arguments ':command:(") || for_commands(out, commands, n, put_name) ||
	    put(out, ")' ;;\n\tcompletion) _arguments ':shell:(") || put_shells(out) || put(out, ")' ;;\n") ||
	    for_commands(out, commands, n, zsh_command))
		return -1;
	return put(out, zsh_tail);
}

/* fish: a complete call an option. */

static const char fish_head[] =
	"# fish completion for skt: skt completion fish | source\n"
	"function __skt_command\n"
	"\tset -l words (commandline -opc)\n"
	"\ttest (count $words) -gt 1; and contains -- $words[2] $argv; and not contains -- -- $words\n"
	"end\n"
	"function __skt_behind\n"
	"\tset -l words (commandline -opc)\n"
	"\ttest (count $words) -gt 1; and contains -- $words[2] $argv; and contains -- -- $words\n"
	"end\n"
	"complete -c skt -f\n"
	"complete -c skt -n 'test (count (commandline -opc)) -eq 1' -l help -d 'list the commands'\n"
	"complete -c skt -n 'test (count (commandline -opc)) -eq 1' -l version -d 'tell the version'\n"
	"complete -c skt -n 'test (count (commandline -opc)) -eq 1' -a help -d 'explain a command'\n"
	"complete -c skt -n 'test (count (commandline -opc)) -eq 1' -a completion"
	" -d 'print the completion script of a shell'\n";

static int fish_option(struct buffer *out, const struct syntax *syntax, const struct option *row)
{
	if (buffer_printf(out, "complete -c skt -n '__skt_command %s'", syntax->name) ||
	    (row->name && buffer_printf(out, " -l %s", row->name)) ||
	    (row->letter && buffer_printf(out, " -s %c", row->letter)))
		return -1;
	/* Without -r or -x the value may be missing, and stands only behind =. */
	if (row->argument && !row->optional && put(out, names_files(row->argument) ? " -r -F" : " -x"))
		return -1;
	if (row->kind == OPTION_WORD && (put(out, " -a '") || put_words(out, row->words) || put(out, "'")))
		return -1;
	return put(out, " -d '") || put_quoted(out, row->help, "\\") || put(out, "'\n") ? -1 : 0;
}

static int fish_command(struct buffer *out, const struct syntax *syntax)
{
	if (buffer_printf(out, "complete -c skt -n 'test (count (commandline -opc)) -eq 1' -a %s -d '", syntax->name) ||
	    put_quoted(out, syntax->summary, "\\") || put(out, "'\n"))
		return -1;
	const char *action = names_files(syntax->arguments) ? "-F" : "-a '(__fish_print_hostnames)'";
	if ((names_files(syntax->arguments) || names_hosts(syntax->arguments)) &&
	    buffer_printf(out, "complete -c skt -n '__skt_command %s' %s\n", syntax->name, action))
		return -1;
	if (syntax->command &&
	    buffer_printf(out, "complete -c skt -n '__skt_behind %s' -F -a '(__fish_complete_command)'\n",
			  syntax->name))
		return -1;
	return for_options(out, syntax, fish_option);
}

static int fish(struct buffer *out, const struct syntax *const *commands, size_t n)
{
	if (put(out, fish_head) || put(out, "complete -c skt -n '__skt_command help' -a '") ||
	    for_commands(out, commands, n, put_name) ||
	    put(out, "'\ncomplete -c skt -n '__skt_command completion' -a '") || put_shells(out) || put(out, "'\n"))
		return -1;
	return for_commands(out, commands, n, fish_command);
}

int help_completion(struct buffer *out, const char *shell, const struct syntax *const *commands, size_t n)
{
	static int (*const writers[])(struct buffer *, const struct syntax *const *, size_t) = { bash, zsh, fish };
	for (size_t i = 0; help_shells[i]; i++)
		if (!strcmp(help_shells[i], shell))
			return writers[i](out, commands, n);
	errno = EINVAL;
	return -1;
}
