/* test: what a unit test needs. A test program is a main() that calls CHECK... and ends with `return test_result();`.
 * A failed check prints file:line and what was there and goes on. */
#ifndef SKT_TESTS_UNIT_TEST_H
#define SKT_TESTS_UNIT_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static int test_checks, test_failures;

/* Each macro is true when the check held, so that `if (!CHECK(p)) return;` guards what follows. */
#define CHECK(condition) test_check((condition), __FILE__, __LINE__, #condition)
#define CHECK_EQUAL_INT(actual, expected) \
	test_equal_int((long long)(actual), (long long)(expected), __FILE__, __LINE__, #actual)
#define CHECK_EQUAL_STRING(actual, expected) test_equal_string((actual), (expected), __FILE__, __LINE__, #actual)
#define CHECK_EQUAL_BYTES(actual, n, expected, m) \
	test_equal_bytes((actual), (n), (expected), (m), __FILE__, __LINE__, #actual)

static inline bool test_check(bool held, const char *file, int line, const char *text)
{
	test_checks++;
	if (!held) {
		test_failures++;
		fprintf(stderr, "%s:%d: failed: %s\n", file, line, text);
	}
	return held;
}

static inline bool test_equal_int(long long actual, long long expected, const char *file, int line, const char *text)
{
	bool held = test_check(actual == expected, file, line, text);
	if (!held)
		fprintf(stderr, "\tis       %lld\n\texpected %lld\n", actual, expected);
	return held;
}

/* NULL equals only NULL. */
static inline bool test_equal_string(const char *actual, const char *expected, const char *file, int line,
				     const char *text)
{
	bool held = test_check(actual && expected ? !strcmp(actual, expected) : actual == expected, file, line, text);
	if (!held)
		fprintf(stderr, "\tis       \"%s\"\n\texpected \"%s\"\n", actual ? actual : "(NULL)",
			expected ? expected : "(NULL)");
	return held;
}

static inline void test_print_bytes(const char *label, const void *bytes, size_t n)
{
	fprintf(stderr, "\t%s %zu bytes:", label, n);
	for (size_t i = 0; i < n && i < 64; i++)
		fprintf(stderr, " %02x", ((const unsigned char *)bytes)[i]);
	fprintf(stderr, n > 64 ? " ...\n" : "\n");
}

static inline bool test_equal_bytes(const void *actual, size_t n, const void *expected, size_t m, const char *file,
				    int line, const char *text)
{
	bool held = test_check(n == m && (!n || !memcmp(actual, expected, n)), file, line, text);
	if (!held) {
		test_print_bytes("is      ", actual, n);
		test_print_bytes("expected", expected, m);
	}
	return held;
}

/* What main returns: 0 when every check held. */
static inline int test_result(void)
{
	printf("%d checks, %d failed\n", test_checks, test_failures);
	return test_failures || !test_checks;
}

#endif
