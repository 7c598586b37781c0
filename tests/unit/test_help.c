/* --help and the completion scripts. The scripts are run by the shells themselves where those are installed. */
#include "cli/help.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "test.h"

static const struct option_word families[] = { { "any", 0 }, { "inet", 4 }, { "inet6", 6 }, { NULL, 0 } };
static const struct option_word many[] = {
	{ "seventeen", 0 }, { "eighteen", 0 }, { "nineteen", 0 }, { "twenty", 0 }, { "twenty-one", 0 },
	{ "twenty-two", 0 }, { "twenty-three", 0 }, { "twenty-four", 0 }, { "twenty-five", 0 }, { NULL, 0 },
};

static const struct option common[] = {
	{ .name = "verbose", .letter = 'v', .kind = OPTION_FLAG, .help = "tell what's going on [addresses] in C:\\" },
	{ .letter = '4', .kind = OPTION_SET, .help = "IPv4 only" },
	{ .name = "family", .letter = 'f', .kind = OPTION_WORD, .argument = "FAMILY", .words = families,
	  .help = "the family" },
	{ .name = "many", .kind = OPTION_WORD, .argument = "WORD", .words = many, .help = "one of quite a few" },
	{ .name = "keep-alive", .kind = OPTION_CUSTOM, .argument = "IDLE,COUNT", .optional = true,
	  .help = "ask now and then" },
};
static const struct option limits[] = {
	{ .name = "wait", .letter = 'w', .kind = OPTION_DURATION, .argument = "DURATION",
	  .help = "connect-timeout and idle-timeout in one" },
	{ .name = "connect-timeout", .kind = OPTION_DURATION, .argument = "DURATION",
	  .help = "give up when name lookup, all attempts and the handshake of a proxy together have taken this long" },
	{ .name = "hex-dump", .letter = 'x', .kind = OPTION_TEXT, .argument = "FILE", .help = "dump to FILE" },
	{ .name = "allow", .kind = OPTION_LIST, .argument = "ADDR:SPEC", .help = "let in" },
};
static OPTION_GROUP(common_group, "Common", common);
static OPTION_GROUP(limits_group, "Time limits", limits);
static const struct option_group *const groups[] = { &common_group, &limits_group, NULL };
static const struct option_group *const no_groups[] = { NULL };

static const struct syntax connect_syntax = {
	.program = "skt", .name = "connect", .arguments = "HOST PORT", .summary = "talk to a server", .groups = groups,
	.most_words = 2, .command = true,
};
static const struct syntax unix_syntax = {
	.program = "skt", .name = "unix", .arguments = "PATH", .summary = "talk to a socket's path", .groups = groups,
	.most_words = 1,
};
static const struct syntax bare_syntax = { .program = "skt", .name = "bare", .summary = "x", .groups = no_groups };
static const struct syntax *const commands[] = { &connect_syntax, &unix_syntax, &bare_syntax };

static const char expected[] =
	"usage: skt connect [OPTION]... HOST PORT [-- COMMAND [ARG]...]\n"
	"\n"
	"Talk to a server.\n"
	"\n"
	"Common:\n"
	"  -v, --verbose                tell what's going on [addresses] in C:\\\n"
	"  -4                           IPv4 only\n"
	"  -f, --family FAMILY          the family: any, inet, inet6\n"
	"      --many WORD              one of quite a few: seventeen, eighteen, nineteen, twenty,\n"
	"                               twenty-one, twenty-two, twenty-three, twenty-four, twenty-five\n"
	"      --keep-alive[=IDLE,COUNT]\n"
	"                               ask now and then\n"
	"\n"
	"Time limits:\n"
	"  -w, --wait DURATION          connect-timeout and idle-timeout in one\n"
	"      --connect-timeout DURATION\n"
	"                               give up when name lookup, all attempts and the handshake of a proxy\n"
	"                               together have taken this long\n"
	"  -x, --hex-dump FILE          dump to FILE\n"
	"      --allow ADDR:SPEC        let in\n";

static void add_nul(struct buffer *buffer)
{
	CHECK(!buffer_append(buffer, "", 1));
}

static void test_help(void)
{
	struct buffer out = { 0 };
	CHECK_EQUAL_INT(help_command(&out, &connect_syntax), 0);
	add_nul(&out);
	CHECK_EQUAL_STRING(buffer_head(&out), expected);
	buffer_free(&out);
	CHECK_EQUAL_INT(help_command(&out, &bare_syntax), 0);
	add_nul(&out);
	CHECK_EQUAL_STRING(buffer_head(&out), "usage: skt bare [OPTION]...\n\nX.\n");
	buffer_free(&out);
}

/* No line passes 100 columns, at whatever length of the help. */
static void test_width(void)
{
	char help[400] = "";
	for (size_t n = 1; n < 190; n++) {
		struct option row = { .name = "many", .kind = OPTION_WORD, .argument = "W", .words = many };
		struct option_group group = { "One", &row, 1 };
		const struct option_group *const one[] = { &group, NULL };
		struct syntax syntax = { .program = "skt", .name = "wide", .summary = help, .groups = one };
		struct buffer out = { 0 };
		row.help = help;
		strcat(help, n % 7 ? "a" : " b");
		CHECK_EQUAL_INT(help_command(&out, &syntax), 0);
		add_nul(&out);
		for (char *line = strtok(buffer_head(&out), "\n"); line; line = strtok(NULL, "\n"))
			CHECK(strlen(line) <= 100 && line[strlen(line) - 1] != ' ');
		buffer_free(&out);
	}
}

static int status_of(const char *format, const char *path)
{
	char command[2000];
	snprintf(command, sizeof command, format, path);
	fflush(NULL);
	return system(command);
}

static bool installed(const char *shell)
{
	if (!status_of("command -v %s >/dev/null", shell))
		return true;
	printf("%s is not installed, its script is not run\n", shell);
	return false;
}

/* Writes the script to a file of its own; the caller removes it. */
static void write_script(const char *shell, char *path)
{
	struct buffer out = { 0 };
	int fd = mkstemp(path);
	CHECK(fd >= 0);
	CHECK_EQUAL_INT(help_completion(&out, shell, commands, sizeof commands / sizeof commands[0]), 0);
	CHECK(buffer_held(&out) > 500);
	CHECK_EQUAL_INT(write(fd, buffer_head(&out), buffer_held(&out)), buffer_held(&out));
	CHECK_EQUAL_INT(close(fd), 0);
	buffer_free(&out);
}

/* The answers, each followed by a blank, that a shell's command prints. */
static void check_answer(const char *command, const char *wanted)
{
	char answer[4000] = "";
	fflush(NULL);
	FILE *pipe = popen(command, "r");
	if (!CHECK(pipe))
		return;
	answer[fread(answer, 1, sizeof answer - 1, pipe)] = '\0';
	CHECK_EQUAL_INT(pclose(pipe), 0);
	if (!CHECK_EQUAL_STRING(answer, wanted))
		fprintf(stderr, "\tof       %s\n", command);
}

static void test_bash(void)
{
	static const struct {
		const char *words, *answer; /* the last word is the one being completed */
	} rows[] = {
		{ "skt \"\"", "connect unix bare help completion --help --version " },
		{ "skt con", "connect " },
		{ "skt --v", "--version " },
		{ "skt help u", "unix " },
		{ "skt completion \"\"", "bash zsh fish " },
		{ "skt nonsense \"\"", "" },
		{ "skt connect -",
		  "--verbose -v -4 --family -f --many --keep-alive --wait -w --connect-timeout "
		  "--hex-dump -x --allow " },
		{ "skt connect host --c", "--connect-timeout " },
		{ "skt bare -", "" },
		{ "skt connect --family \"\"", "any inet inet6 " },
		{ "skt connect -f in", "inet inet6 " },
		{ "skt connect --family =", "any inet inet6 " },
		{ "skt connect --family = inet6", "inet6 " },
		{ "skt connect --family=in", "--family=inet --family=inet6 " },
		{ "skt connect --family=zz", "" },
		{ "skt connect --wait \"\"", "" },
		{ "skt connect --wait -", "" },
		{ "skt connect --keep-alive --w", "--wait " },
		{ "skt connect --keep-alive = \"\"", "" },
		{ "skt connect --verbose = \"\"", "" },
		{ "skt connect --hex-dump sp", "spaced name " },
		{ "skt connect -x sp", "spaced name " },
		{ "skt connect --hex-dump = sp", "spaced name " },
		{ "skt connect --hex-dump=sp", "--hex-dump=spaced name " },
		{ "skt unix sp", "spaced name " },
		{ "skt unix -- sp", "spaced name " },
		{ "skt connect -- mapfil", "mapfile " },
		{ "skt connect -- cat sp", "spaced name " },
		{ "skt connect -- cat --fam", "" },
	};
	char path[] = "/tmp/skt-test-bash-XXXXXX", folder[] = "/tmp/skt-test-dir-XXXXXX", command[1000];
	if (!installed("bash"))
		return;
	write_script("bash", path);
	CHECK(mkdtemp(folder));
	CHECK_EQUAL_INT(status_of("touch '%s/spaced name'", folder), 0);
	CHECK_EQUAL_INT(status_of("bash -n %s", path), 0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		snprintf(command, sizeof command,
			 "bash --norc -euc 'cd %s; source %s; set +eu; COMP_WORDS=(%s); "
			 "COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _skt; "
			 "((${#COMPREPLY[@]})) && printf \"%%s \" \"${COMPREPLY[@]}\"; exit 0'",
			 folder, path, rows[i].words);
		check_answer(command, rows[i].answer);
	}
	CHECK_EQUAL_INT(status_of("rm -r %s", folder), 0);
	CHECK_EQUAL_INT(unlink(path), 0);
}

static void test_zsh(void)
{
	char path[] = "/tmp/skt-test-zsh-XXXXXX";
	if (!installed("zsh"))
		return;
	write_script("zsh", path);
	CHECK_EQUAL_INT(status_of("zsh -n %s", path), 0);
	CHECK_EQUAL_INT(status_of("zsh -fc 'autoload -U compinit; compinit -uD; source %s; [[ $_comps[skt] == _skt ]]'",
				  path), 0);
	CHECK_EQUAL_INT(unlink(path), 0);
}

static void test_fish(void)
{
	static const struct {
		const char *line, *answer;
	} rows[] = {
		{ "skt con", "connect " },
		{ "skt help u", "unix " },
		{ "skt completion z", "zsh " },
		{ "skt connect --verb", "--verbose " },
		{ "skt connect --family ", "any inet inet6 " },
		{ "skt connect -f ", "any inet inet6 " },
		{ "skt connect --family=inet6", "--family=inet6 " },
		{ "skt connect -- --verb", "" },
		{ "skt bare --verb", "" },
	};
	char path[] = "/tmp/skt-test-fish-XXXXXX", command[1000];
	if (!installed("fish"))
		return;
	write_script("fish", path);
	CHECK_EQUAL_INT(status_of("fish -n %s", path), 0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		snprintf(command, sizeof command,
			 "fish --no-config -c 'source %s; complete -C \"%s\"' | cut -f 1 | sort | tr '\\n' ' '", path,
			 rows[i].line);
		check_answer(command, rows[i].answer);
	}
	CHECK_EQUAL_INT(unlink(path), 0);
}

static void test_unknown_shell(void)
{
	struct buffer out = { 0 };
	errno = 0;
	CHECK_EQUAL_INT(help_completion(&out, "tcsh", commands, 3), -1);
	CHECK_EQUAL_INT(errno, EINVAL);
	CHECK_EQUAL_INT(buffer_held(&out), 0);
	CHECK_EQUAL_STRING(help_shells[0], "bash");
	CHECK_EQUAL_STRING(help_shells[3], NULL);
}

int main(void)
{
	test_help();
	test_width();
	test_bash();
	test_zsh();
	test_fish();
	test_unknown_shell();
	return test_result();
}
