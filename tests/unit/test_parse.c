/* The parser: every kind of option, every way to write one, every refusal. */
#include "cli/parse.h"

#include <stdint.h>

#include "parse_rows.h"
#include "test.h"

static struct settings settings;
static struct arguments arguments;
static struct error error;

static int run(const struct syntax *syntax, char **words)
{
	int n = 0;
	while (words[n])
		n++;
	settings = (struct settings){ .wait = -1, .source = "default" };
	error = (struct error){ 0 };
	return parse_arguments(syntax, n, words, &settings, &arguments, &error);
}

#define RUN(...) run(&connect_syntax, (char *[]){ __VA_ARGS__, NULL })
#define RUN_COMMAND(...) run(&command_syntax, (char *[]){ __VA_ARGS__, NULL })
#define GOOD(...) CHECK_EQUAL_INT(RUN(__VA_ARGS__), 0)
#define GOOD_COMMAND(...) CHECK_EQUAL_INT(RUN_COMMAND(__VA_ARGS__), 0)
#define TRY "; try 'skt connect --help'"
#define TRY_LISTEN "; try 'skt listen --help'"
#define BAD(message, ...) BAD_OF(RUN(__VA_ARGS__), message TRY)
#define BAD_COMMAND(message, ...) BAD_OF(RUN_COMMAND(__VA_ARGS__), message TRY_LISTEN)
#define BAD_OF(result, message) \
	do { \
		CHECK_EQUAL_INT(result, -1); \
		CHECK_EQUAL_INT(error.class, ERROR_USAGE); \
		CHECK_EQUAL_INT(error.number, 0); \
		CHECK_EQUAL_STRING(error.text, message); \
	} while (0)

static void test_words(void)
{
	CHECK_EQUAL_INT(run(&connect_syntax, (char *[]){ NULL }), 0);
	CHECK_EQUAL_INT(arguments.count, 0);
	CHECK_EQUAL_STRING(settings.source, "default");
	GOOD("host", "-v", "80");
	CHECK_EQUAL_INT(arguments.count, 2);
	CHECK_EQUAL_STRING(arguments.words[0], "host");
	CHECK_EQUAL_STRING(arguments.words[1], "80");
	CHECK(settings.verbose && !settings.quiet && !arguments.command);
	GOOD("-", "");
	CHECK_EQUAL_STRING(arguments.words[0], "-");
	CHECK_EQUAL_STRING(arguments.words[1], "");
	BAD("unexpected word 'c' behind HOST PORT", "a", "b", "c", "d");
	CHECK_EQUAL_INT(arguments.count, 2);
	struct syntax none = connect_syntax;
	none.most_words = 0;
	BAD_OF(run(&none, (char *[]){ "x\n", NULL }), "unexpected word 'x\\n', connect takes none" TRY);
	none.most_words = 1000; /* more than there is room for */
	CHECK_EQUAL_INT(run(&none, (char *[]){ "1", "2", "3", "4", "5", "6", "7", "8", "9", NULL }), -1);
	CHECK_EQUAL_INT(arguments.count, PARSE_WORDS_MOST);
}

static void test_numbers(void)
{
	GOOD("--count", "1");
	CHECK_EQUAL_INT(settings.count, 1);
	GOOD("--count=100");
	CHECK_EQUAL_INT(settings.count, 100);
	GOOD("--retry", "18446744073709551615");
	CHECK(settings.count == UINT64_MAX);
	BAD("--count: '0' is not a number from 1 to 100", "--count", "0");
	BAD("--count: '101' is not a number from 1 to 100", "--count", "101");
	BAD("--count: '' is not a number from 1 to 100", "--count=");
	BAD("--count: '-5' is not a number from 1 to 100", "--count", "-5");
	BAD("--retry: '18446744073709551616' is not a number", "--retry", "18446744073709551616");
	BAD("--retry: '1e3' is not a number", "--retry", "1e3");
	BAD("--retry: '0x10' is not a number", "--retry", "0x10");
	GOOD("--mark", "0xfFffffff");
	CHECK_EQUAL_INT(settings.mark, 0xffffffff);
	GOOD("--mark", "10");
	CHECK_EQUAL_INT(settings.mark, 10);
	BAD("--mark: '0x100000000' is not a number of at most 4294967295 (decimal, or 0x and hexadecimal)", "--mark",
	    "0x100000000");
	GOOD("--mode", "0640");
	CHECK_EQUAL_INT(settings.mode, 0640);
	BAD("--mode: '1000' is not an octal number from 0 to 777", "--mode", "1000");
	BAD("--mode: '8' is not an octal number from 0 to 777", "--mode", "8");
	GOOD("--buffer-size", "64K");
	CHECK_EQUAL_INT(settings.size, 65536);
	BAD("--buffer-size: '15' is not a number of bytes of at least 16 (like 64, 10K, 4M, 1G)", "--buffer-size=15");
	BAD("--buffer-size: '5x' is not a number of bytes of at least 16 (like 64, 10K, 4M, 1G)", "--buffer-size=5x");
}

static void test_values(void)
{
	GOOD("--wait", "1.5s");
	CHECK_EQUAL_INT(settings.wait, 1500000000);
	BAD("--wait: '5x' is not a duration (like 250ms, 5s, 1.5s, 2m, 1h)", "--wait", "5x");
	CHECK_EQUAL_INT(settings.wait, -1);
	BAD("-w: '-1' is not a duration (like 250ms, 5s, 1.5s, 2m, 1h)", "-w", "-1");
	GOOD("--source=a=b");
	CHECK_EQUAL_STRING(settings.source, "a=b");
	BAD("--source: '' is empty, no ADDR", "--source", "");
	BAD("--source: '' is empty, no ADDR", "--source=");
	GOOD("--frame", "length");
	CHECK_EQUAL_INT(settings.frame, 3);
	BAD("--frame: 'len' is none of line, raw, length (did you mean 'length'?)", "--frame=len");
	BAD("--frame: 'qqqqq' is none of line, raw, length", "--frame", "qqqqq");
	BAD("--frame: '' is none of line, raw, length", "--frame=");
	GOOD("-4", "-6");
	CHECK_EQUAL_INT(settings.family, 6);
	GOOD("--count", "7", "--count", "9");
	CHECK_EQUAL_INT(settings.count, 9);
	BAD("option '--verbose' takes no value, but 'x' was given", "--verbose=x");
	BAD("option '--verbose' takes no value, but '' was given", "--verbose=");
	CHECK(!settings.verbose);
}

static void test_lists(void)
{
	char *words[2 * (OPTION_LIST_MOST + 1) + 1];
	size_t n = 0;
	GOOD("--allow", "10.0.0.0/8", "-a::1", "--allow=x");
	CHECK_EQUAL_INT(settings.allow.count, 3);
	CHECK_EQUAL_STRING(settings.allow.items[0], "10.0.0.0/8");
	CHECK_EQUAL_STRING(settings.allow.items[1], "::1");
	CHECK_EQUAL_STRING(settings.allow.items[2], "x");
	BAD("--allow: '' is empty, no SPEC", "--allow", "a", "--allow", "");
	CHECK_EQUAL_INT(settings.allow.count, 1);
	for (size_t i = 0; i < OPTION_LIST_MOST; i++) {
		words[n++] = "-a";
		words[n++] = "same";
	}
	words[n] = NULL;
	CHECK_EQUAL_INT(run(&connect_syntax, words), 0);
	CHECK_EQUAL_INT(settings.allow.count, OPTION_LIST_MOST);
	words[n++] = "-a";
	words[n++] = "more";
	words[n] = NULL;
	BAD_OF(run(&connect_syntax, words), "-a: 'more' is one too many, 128 are the most" TRY);
	CHECK_EQUAL_INT(settings.allow.count, OPTION_LIST_MOST);
}

static void test_optional(void)
{
	GOOD("--range", "5");
	CHECK_EQUAL_INT(settings.range.low, -1);
	CHECK_EQUAL_INT(arguments.count, 1);
	GOOD("--range=5");
	CHECK_EQUAL_INT(settings.range.low, 5);
	GOOD("-rv", "5");
	CHECK_EQUAL_INT(settings.range.low, -1);
	CHECK(settings.verbose);
	BAD("--range: 'x' is not a range", "--range=x");
	BAD("--range: '' is not a range", "--range=");
}

static void test_prefixes(void)
{
	GOOD("--verb", "--buf", "1K", "--sou=x");
	CHECK(settings.verbose);
	CHECK_EQUAL_INT(settings.size, 1024);
	CHECK_EQUAL_STRING(settings.source, "x");
	GOOD("--retry", "3"); /* the exact name wins over retry-interval */
	CHECK_EQUAL_INT(settings.count, 3);
	GOOD("--retry-", "3");
	CHECK_EQUAL_INT(settings.wait, 3000000000);
	BAD("option '--ret' is ambiguous: '--retry', '--retry-interval'", "--ret", "3");
	BAD("option '--re' is ambiguous: '--retry', '--retry-interval', '--replies'", "--re=3");
	BAD("--wait: 'x' is not a duration (like 250ms, 5s, 1.5s, 2m, 1h)", "--wa=x");
	BAD("unknown option '--verbosee' (did you mean '--verbose'?)", "--verbosee");
}

static void test_bundles(void)
{
	GOOD("-vq4k");
	CHECK(settings.verbose && settings.quiet && settings.keep_open);
	CHECK_EQUAL_INT(settings.family, 4);
	GOOD("-vw5", "x");
	CHECK_EQUAL_INT(settings.wait, 5000000000);
	CHECK_EQUAL_INT(arguments.count, 1);
	GOOD("-vw", "6", "x");
	CHECK_EQUAL_INT(settings.wait, 6000000000);
	CHECK_EQUAL_INT(arguments.count, 1);
	GOOD("-s-v");
	CHECK_EQUAL_STRING(settings.source, "-v");
	GOOD("-s", "--verbose"); /* a value is never taken for an option */
	CHECK_EQUAL_STRING(settings.source, "--verbose");
	CHECK(!settings.verbose);
	GOOD("--source", "--", "x");
	CHECK_EQUAL_STRING(settings.source, "--");
	CHECK_EQUAL_INT(arguments.count, 1);
	BAD("option '-w' needs a value (DURATION)", "-vw");
	BAD("option '--wait' needs a value (DURATION)", "x", "--wait");
	CHECK_EQUAL_INT(arguments.count, 1);
}

static void test_unknown(void)
{
	BAD("unknown option '--verbsoe' (did you mean '--verbose'?)", "--verbsoe");
	BAD("unknown option '--verbsoe' (did you mean '--verbose'?)", "--verbsoe=yes");
	BAD("unknown option '--xylophone'", "--xylophone");
	BAD("unknown option '--'", "--=x");
	BAD("unknown option '--4' (did you mean '-4'?)", "--4");
	BAD("unknown option '-x'", "-x");
	BAD("unknown option '-1'", "host", "-1");
	BAD("unknown option '-V' (did you mean '-v'?)", "-V");
	BAD("unknown option '-x' in '-vx'", "-vx");
	BAD("unknown option '-b' in '-4verbose' (did you mean '--verbose'?)", "-4verbose");
	BAD("unknown option '-\\xc3' in '-\\xc3\\xa4'", "-\xc3\xa4");
	BAD("unknown option '--a\\x1b[0m\\n'", "--a\x1b[0m\n");
	BAD("--wait: 'a\\tb\\\\' is not a duration (like 250ms, 5s, 1.5s, 2m, 1h)", "--wait", "a\tb\\");
}

/* However long the words are, the line ends with where to look. */
static void test_long_words(void)
{
	static char word[5000];
	const char *ends[] = { "--", "-", "--wait=", "--verbose=", "--frame=", "-zz" };
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		memset(word, '\x01', sizeof word - 1);
		memcpy(word, ends[i], strlen(ends[i]));
		CHECK_EQUAL_INT(RUN(word), -1);
		CHECK(strlen(error.text) < sizeof error.text - 1);
		CHECK_EQUAL_STRING(error.text + strlen(error.text) - strlen(TRY), TRY);
	}
}

static void test_behind_errors(void)
{
	BAD("unknown option '--xyzzy'", "--xyzzy", "host", "-q", "80", "--verbose", "--other");
	CHECK(settings.quiet && settings.verbose);
	CHECK_EQUAL_INT(arguments.count, 2);
	BAD("unexpected word 'c' behind HOST PORT", "a", "b", "c", "-q");
	CHECK(settings.quiet);
	BAD("-w: 'x' is not a duration (like 250ms, 5s, 1.5s, 2m, 1h)", "-wx", "--count=0", "-q");
	CHECK(settings.quiet);
	BAD("option '--ret' is ambiguous: '--retry', '--retry-interval'", "--ret=1", "--quiet");
	CHECK(settings.quiet);
	BAD("option '--verbose' takes no value, but 'x' was given", "--verbose=x", "--quiet");
	CHECK(settings.quiet);
	BAD_COMMAND("unknown option '--xyzzy'", "--xyzzy", "--", "x", "-q");
	CHECK(!settings.quiet); /* the words of the COMMAND are its own */
}

static void test_double_dash(void)
{
	GOOD("-v", "--", "-q", "--");
	CHECK(settings.verbose && !settings.quiet && !arguments.command);
	CHECK_EQUAL_INT(arguments.count, 2);
	CHECK_EQUAL_STRING(arguments.words[0], "-q");
	CHECK_EQUAL_STRING(arguments.words[1], "--");
	GOOD("a", "--");
	CHECK_EQUAL_INT(arguments.count, 1);
	BAD("unexpected word 'c' behind HOST PORT", "a", "--", "b", "c");
	GOOD_COMMAND("80", "--", "cat", "-v", "--", "x");
	CHECK_EQUAL_INT(arguments.count, 1);
	CHECK(!settings.verbose);
	if (CHECK(arguments.command)) {
		CHECK_EQUAL_STRING(arguments.command[0], "cat");
		CHECK_EQUAL_STRING(arguments.command[2], "--");
		CHECK_EQUAL_STRING(arguments.command[4], NULL);
	}
	BAD_COMMAND("'--' needs a COMMAND behind it", "80", "--");
	CHECK(!arguments.command);
}

static void test_rules(void)
{
	BAD_COMMAND("'--scan' and '--exec' exclude each other", "-e", "-z");
	BAD_COMMAND("'--scan' and '-- COMMAND' exclude each other", "-z", "--", "cat");
	BAD_COMMAND("'--replies' needs '--wait' beside it", "--replies", "1");
	BAD_COMMAND("'--keep-open' needs '-- COMMAND' beside it", "-k");
	BAD_COMMAND("'-4' and '--mode' exclude each other", "--mode=600", "-4");
	BAD_COMMAND("-w: 'x' is not a duration (like 250ms, 5s, 1.5s, 2m, 1h)", "-wx", "-e", "-z");
	GOOD_COMMAND("--replies", "1", "-w1");
	GOOD_COMMAND("-k", "--", "cat");
	GOOD_COMMAND("-z");
	GOOD_COMMAND("-6", "--mode=600");
	struct syntax no_command = command_syntax;
	no_command.command = false;
	CHECK_EQUAL_INT(run(&no_command, (char *[]){ "-k", NULL }), 0); /* COMMAND is not its word: no rule */
}

static void test_nearest(void)
{
	static const char *const names[] = { "connect", "listen", "udp-send", "udp-recv", "unix", "http-get" };
	const size_t n = sizeof names / sizeof names[0];
	CHECK_EQUAL_STRING(parse_nearest("conect", names, n), "connect");
	CHECK_EQUAL_STRING(parse_nearest("lisetn", names, n), "listen");
	CHECK_EQUAL_STRING(parse_nearest("udp-rec", names, n), "udp-recv");
	CHECK_EQUAL_STRING(parse_nearest("http", names, n), "http-get");
	CHECK_EQUAL_STRING(parse_nearest("c", names, n), "connect");
	CHECK_EQUAL_STRING(parse_nearest("unix", names, n), "unix");
	CHECK_EQUAL_STRING(parse_nearest("x", names, n), NULL);
	CHECK_EQUAL_STRING(parse_nearest("", names, n), NULL);
	CHECK_EQUAL_STRING(parse_nearest("frobnicate", names, n), NULL);
	CHECK_EQUAL_STRING(parse_nearest("unix", names, 0), NULL);
}

static void test_refuse(void)
{
	struct syntax all = { .program = "skt" };
	CHECK_EQUAL_INT(parse_refuse(&connect_syntax, &error, "%d words", 3), -1);
	CHECK_EQUAL_INT(error.class, ERROR_USAGE);
	CHECK_EQUAL_STRING(error.text, "3 words" TRY);
	CHECK_EQUAL_INT(parse_refuse(&all, &error, "no"), -1);
	CHECK_EQUAL_STRING(error.text, "no; try 'skt --help'");
	CHECK_EQUAL_INT(parse_refuse(&connect_syntax, &error, "%1000s", "x"), -1);
	CHECK_EQUAL_STRING(error.text + strlen(error.text) - strlen(TRY), TRY);
}

static void test_too_many_rows(void)
{
	static struct option rows[300];
	for (size_t i = 0; i < 300; i++)
		rows[i] = (struct option){ .name = "same", .kind = OPTION_FLAG };
	struct option_group group = { "Many", rows, 300 };
	const struct option_group *const many[] = { &group, NULL };
	struct syntax syntax = connect_syntax;
	syntax.groups = many;
	CHECK_EQUAL_INT(run(&syntax, (char *[]){ NULL }), -1);
	CHECK_EQUAL_INT(error.class, ERROR_UNEXPECTED);
	syntax.groups = NULL;
	BAD_OF(run(&syntax, (char *[]){ "-v", NULL }), "unknown option '-v'" TRY);
}

int main(void)
{
	test_words();
	test_numbers();
	test_values();
	test_lists();
	test_optional();
	test_prefixes();
	test_bundles();
	test_unknown();
	test_long_words();
	test_behind_errors();
	test_double_dash();
	test_rules();
	test_nearest();
	test_refuse();
	test_too_many_rows();
	return test_result();
}
