/* URLs taken apart, redirects resolved, queries added. */
#include <stdlib.h>

#include "http/url.h"
#include "test.h"

static const struct {
	const char *word, *host, *port, *authority, *target, *user, *password;
} good[] = {
	{ "example.com", "example.com", "80", "example.com", "/", NULL, NULL },
	{ "http:81/x", "http", "81", "http:81", "/x", NULL, NULL }, /* a host of that name */
	{ "http:p@h", "h", "80", "h", "/", "http", "p" },
	{ "http://example.com", "example.com", "80", "example.com", "/", NULL, NULL },
	{ "HTTP://Example.COM/", "Example.COM", "80", "Example.COM", "/", NULL, NULL },
	{ "hTtP://h/a/b?c=d#e", "h", "80", "h", "/a/b?c=d", NULL, NULL },
	{ "http://h#e", "h", "80", "h", "/", NULL, NULL },
	{ "http://h#e?f/g@i:j", "h", "80", "h", "/", NULL, NULL },
	{ "http://h?q=1", "h", "80", "h", "/?q=1", NULL, NULL },
	{ "h?q=http://x/y@z", "h", "80", "h", "/?q=http://x/y@z", NULL, NULL },
	{ "h/a//b?", "h", "80", "h", "/a//b?", NULL, NULL },
	{ "h/a/../b/./c", "h", "80", "h", "/a/../b/./c", NULL, NULL },
	{ "h/user@host:1", "h", "80", "h", "/user@host:1", NULL, NULL },
	{ "h/%zz%41", "h", "80", "h", "/%zz%41", NULL, NULL },
	{ "h/\xc3\xa9?\xff", "h", "80", "h", "/%C3%A9?%FF", NULL, NULL },
	{ "localhost:8080/x", "localhost", "8080", "localhost:8080", "/x", NULL, NULL },
	{ "h:80", "h", "80", "h", "/", NULL, NULL },
	{ "h:", "h", "80", "h", "/", NULL, NULL },
	{ "h:/x", "h", "80", "h", "/x", NULL, NULL },
	{ "h:00080", "h", "80", "h", "/", NULL, NULL },
	{ "h:1", "h", "1", "h:1", "/", NULL, NULL },
	{ "h:65535", "h", "65535", "h:65535", "/", NULL, NULL },
	{ "0x7f000001:81", "0x7f000001", "81", "0x7f000001:81", "/", NULL, NULL },
	{ "127.0.0.1:81", "127.0.0.1", "81", "127.0.0.1:81", "/", NULL, NULL },
	{ "a_b.c-d~e", "a_b.c-d~e", "80", "a_b.c-d~e", "/", NULL, NULL },
	{ "https:443", "https", "443", "https:443", "/", NULL, NULL },
	{ "http://[::1]", "::1", "80", "[::1]", "/", NULL, NULL },
	{ "[::1]:8080/x", "::1", "8080", "[::1]:8080", "/x", NULL, NULL },
	{ "[::1]:", "::1", "80", "[::1]", "/", NULL, NULL },
	{ "[::ffff:1.2.3.4]", "::ffff:1.2.3.4", "80", "[::ffff:1.2.3.4]", "/", NULL, NULL },
	{ "::1", "::1", "80", "[::1]", "/", NULL, NULL },
	{ "http://2001:db8::1/x", "2001:db8::1", "80", "[2001:db8::1]", "/x", NULL, NULL },
	{ "[fe80::1%eth0]:81", "fe80::1%eth0", "81", "[fe80::1]:81", "/", NULL, NULL },
	{ "[fe80::1%25eth0]", "fe80::1%eth0", "80", "[fe80::1]", "/", NULL, NULL },
	{ "[fe80::1%25]", "fe80::1%25", "80", "[fe80::1]", "/", NULL, NULL },
	{ "[fe80::1%2]", "fe80::1%2", "80", "[fe80::1]", "/", NULL, NULL },
	{ "[fe80::1%252]", "fe80::1%2", "80", "[fe80::1]", "/", NULL, NULL },
	{ "fe80::1%eth0/x", "fe80::1%eth0", "80", "[fe80::1]", "/x", NULL, NULL },
	{ "http://u:p@h/", "h", "80", "h", "/", "u", "p" },
	{ "u@h", "h", "80", "h", "/", "u", NULL },
	{ "u:@h", "h", "80", "h", "/", "u", "" },
	{ ":p@h", "h", "80", "h", "/", "", "p" },
	{ "@h", "h", "80", "h", "/", NULL, NULL },
	{ "u:p:q@h:81", "h", "81", "h:81", "/", "u", "p:q" },
	{ "u:p@q@h", "h", "80", "h", "/", "u", "p@q" },
	{ "u%40x:p%3a%2F%25@h", "h", "80", "h", "/", "u@x", "p:/%" },
	{ "u:%0d%0A@h", "h", "80", "h", "/", "u", "\r\n" },
	{ "u:\xc3\xa9@h", "h", "80", "h", "/", "u", "\xc3\xa9" },
	{ "u:p@[::1]:81", "::1", "81", "[::1]:81", "/", "u", "p" },
};

static void check_good(void)
{
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct url url;
		struct error error = { 0 };
		if (!CHECK_EQUAL_INT(url_parse(good[i].word, &url, &error), 0)) {
			fprintf(stderr, "\tof %s: %s\n", good[i].word, error.text);
			continue;
		}
		int before = test_failures;
		CHECK_EQUAL_STRING(url.host, good[i].host);
		CHECK_EQUAL_STRING(url.port, good[i].port);
		CHECK_EQUAL_STRING(url.authority, good[i].authority);
		CHECK_EQUAL_STRING(url.target, good[i].target);
		CHECK_EQUAL_STRING(url.user, good[i].user);
		CHECK_EQUAL_STRING(url.password, good[i].password);
		if (test_failures > before)
			fprintf(stderr, "\tof %s\n", good[i].word);
		url_free(&url);
		CHECK(!url.host && !url.target);
	}
}

/* What is refused, and what the message must hold. */
static const struct {
	const char *word, *part;
} refused[] = {
	{ "", "no host" },
	{ "http://", "no host" },
	{ "/path", "no host" },
	{ "?q", "no host" },
	{ "#f", "no host" },
	{ "http://:80/", "no host" },
	{ "u:p@", "no host" },
	{ "http:///x", "no host" },
	{ "//h/x", "scheme" },
	{ "http:/h", "slashes" },
	{ "HTTPS:/h", "slashes" },
	{ "http:127.0.0.1", "slashes" },
	{ "HTTPS:h:80/x", "slashes" },
	{ "http:", "slashes" },
	{ "https://h/", "TLS" },
	{ "https://h/", "curl" },
	{ "https://h/", "openssl s_client" },
	{ "https://h/", "socat" },
	{ "hTTps://h/", "stunnel" },
	{ "ftp://h/", "http://" },
	{ "ws+x.y-1://h", "http://" },
	{ "h:0", "port" },
	{ "h:65536", "port" },
	{ "h:70000", "port" },
	{ "h:-1", "port" },
	{ "h:+1", "port" },
	{ "h:80x", "port" },
	{ "h:1e3", "port" },
	{ "h:http", "port" },
	{ "h:0x50", "port" },
	{ "h:99999999999999999999999999", "port" },
	{ "[::1]:99999/", "port" },
	{ "mailto:someone", "port" },
	{ "h x", "' '" },
	{ "http://h/a b", "' '" },
	{ "http://h/ ", "' '" },
	{ " h", "' '" },
	{ "h/a\rb", "'\\r'" },
	{ "h/a\nb", "'\\n'" },
	{ "h\tb", "'\\t'" },
	{ "h/\x01", "'\\x01'" },
	{ "h/?\x7f", "'\\x7f'" },
	{ "h/#\n", "'\\n'" },
	{ "u:\np@h", "'\\n'" },
	{ "[::1", "brackets" },
	{ "[", "brackets" },
	{ "[::1]x", "brackets" },
	{ "[::1]80", "brackets" },
	{ "[]", "IPv6" },
	{ "[1.2.3.4]", "IPv6" },
	{ "[::g]", "IPv6" },
	{ "[h]", "IPv6" },
	{ "[v1.x]", "IPv6" },
	{ "[::1%]", "IPv6" },
	{ "[::1%et h]", "' '" },
	{ "[::1%a/b]", "brackets" },
	{ "[::1%a%b]", "IPv6" },
	{ "[::1%25%25]", "IPv6" },
	{ "[%eth0]", "IPv6" },
	{ "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]", "IPv6" },
	{ "h:80:90", "IPv6" },
	{ "a\\b", "host" },
	{ "a%41", "host" },
	{ "a|b", "host" },
	{ "a]", "host" },
	{ "\xc3\xa9.example", "xn--" },
	{ "u%@h", "escape" },
	{ "u%4@h", "escape" },
	{ "u%4g:p@h", "escape" },
	{ "u:%@h", "escape" },
	{ "u:p%00@h", "escape" },
	{ "u%3ax:p@h", "colon" },
};

static void check_refused(void)
{
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct url url;
		struct error error = { 0 };
		if (!CHECK_EQUAL_INT(url_parse(refused[i].word, &url, &error), -1)) {
			fprintf(stderr, "\tof %s\n", refused[i].word);
			url_free(&url);
			continue;
		}
		CHECK_EQUAL_INT(error.class, ERROR_USAGE);
		CHECK(!url.host && !url.port && !url.target && !url.authority && !url.user && !url.password);
		CHECK(!strpbrk(error.text, "\r\n\t\x01\x7f"));
		if (!CHECK(strstr(error.text, refused[i].part)))
			fprintf(stderr, "\tof %s: %s\n", refused[i].word, error.text);
	}
}

static void check_masked(void)
{
	static const char *const words[] = { "http://u:secret@h:x/", "u:secret@h:x",  "secret@h:0/@",
					     "https://u:secret@h",   "u:se%zzcret@h", "http://u:p@secret@h:0" };
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		struct url url;
		struct error error = { 0 };
		CHECK_EQUAL_INT(url_parse(words[i], &url, &error), -1);
		CHECK(!strstr(error.text, "cret") && strstr(error.text, "***@h"));
	}
	/* A long URL is named by its beginning. */
	char word[5000], *end = word + sizeof word - 1;
	struct url url;
	struct error error = { 0 };
	memset(word, 'a', sizeof word);
	strcpy(end - 6, ":99999");
	CHECK_EQUAL_INT(url_parse(word, &url, &error), -1);
	CHECK(strstr(error.text, "aaa...': bad port"));
}

/* RFC 3986 5.4, with http in the place of its scheme, and what stands in the wild. */
static const struct {
	const char *base, *location, *authority, *target;
} resolved[] = {
	{ "a/b/c/d;p?q", "http://g", "g", "/" },
	{ "a/b/c/d;p?q", "HTTP://g:81/h?i#j", "g:81", "/h?i" },
	{ "a/b/c/d;p?q", "g", "a", "/b/c/g" },
	{ "a/b/c/d;p?q", "./g", "a", "/b/c/g" },
	{ "a/b/c/d;p?q", "g/", "a", "/b/c/g/" },
	{ "a/b/c/d;p?q", "/g", "a", "/g" },
	{ "a/b/c/d;p?q", "//g", "g", "/" },
	{ "a/b/c/d;p?q", "//g:81?x", "g:81", "/?x" },
	{ "a/b/c/d;p?q", "?y", "a", "/b/c/d;p?y" },
	{ "a/b/c/d;p?q", "g?y", "a", "/b/c/g?y" },
	{ "a/b/c/d;p?q", "#s", "a", "/b/c/d;p?q" },
	{ "a/b/c/d;p?q", "g#s", "a", "/b/c/g" },
	{ "a/b/c/d;p?q", "g?y#s", "a", "/b/c/g?y" },
	{ "a/b/c/d;p?q", ";x", "a", "/b/c/;x" },
	{ "a/b/c/d;p?q", "g;x=1/../y", "a", "/b/c/y" },
	{ "a/b/c/d;p?q", "", "a", "/b/c/d;p?q" },
	{ "a/b/c/d;p?q", ".", "a", "/b/c/" },
	{ "a/b/c/d;p?q", "./", "a", "/b/c/" },
	{ "a/b/c/d;p?q", "..", "a", "/b/" },
	{ "a/b/c/d;p?q", "../", "a", "/b/" },
	{ "a/b/c/d;p?q", "../g", "a", "/b/g" },
	{ "a/b/c/d;p?q", "../..", "a", "/" },
	{ "a/b/c/d;p?q", "../../", "a", "/" },
	{ "a/b/c/d;p?q", "../../g", "a", "/g" },
	{ "a/b/c/d;p?q", "../../../g", "a", "/g" },
	{ "a/b/c/d;p?q", "../../../../g", "a", "/g" },
	{ "a/b/c/d;p?q", "/./g", "a", "/g" },
	{ "a/b/c/d;p?q", "/../g", "a", "/g" },
	{ "a/b/c/d;p?q", "g.", "a", "/b/c/g." },
	{ "a/b/c/d;p?q", ".g", "a", "/b/c/.g" },
	{ "a/b/c/d;p?q", "g..", "a", "/b/c/g.." },
	{ "a/b/c/d;p?q", "..g", "a", "/b/c/..g" },
	{ "a/b/c/d;p?q", "...", "a", "/b/c/..." },
	{ "a/b/c/d;p?q", "./../g", "a", "/b/g" },
	{ "a/b/c/d;p?q", "./g/.", "a", "/b/c/g/" },
	{ "a/b/c/d;p?q", "g/./h", "a", "/b/c/g/h" },
	{ "a/b/c/d;p?q", "g/../h", "a", "/b/c/h" },
	{ "a/b/c/d;p?q", "g?y/./x", "a", "/b/c/g?y/./x" },
	{ "a/b/c/d;p?q", "g?y/../x", "a", "/b/c/g?y/../x" },
	{ "a/b/c/d;p?q", "g#s/../x", "a", "/b/c/g" },
	{ "a/b/c/d;p?q", "..?y/..", "a", "/b/?y/.." },
	{ "a/b/c/d;p?q", "/a//../b", "a", "/a/b" },
	{ "a/b/c/d;p?q", "8:x", "a", "/b/c/8:x" },
	{ "a:81", "x?/", "a:81", "/x?/" },
	{ "a?x/y", "z", "a", "/z" },
	{ "[::1]:81/x", "y", "[::1]:81", "/y" },
	{ "[fe80::1%eth0]/x", "y", "[fe80::1]", "/y" },
	{ "u:p@a/x", "y", "a", "/y" },
	{ "a", "/b c?d e\xc3\xa9", "a", "/b%20c?d%20e%C3%A9" },
	{ "a", "http://b/c d", "b", "/c%20d" },
};

static void check_resolved(void)
{
	for (size_t i = 0; i < sizeof resolved / sizeof resolved[0]; i++) {
		struct url base, url;
		struct error error = { 0 };
		CHECK_EQUAL_INT(url_parse(resolved[i].base, &base, &error), 0);
		if (CHECK_EQUAL_INT(url_resolve(&base, resolved[i].location, &url, &error), 0)) {
			CHECK_EQUAL_STRING(url.authority, resolved[i].authority);
			if (!CHECK_EQUAL_STRING(url.target, resolved[i].target))
				fprintf(stderr, "\tof %s\n", resolved[i].location);
			CHECK(!url.user && !url.password);
			CHECK_EQUAL_INT(url_same_origin(&base, &url), !strcmp(base.authority, url.authority));
		} else {
			fprintf(stderr, "\tof %s: %s\n", resolved[i].location, error.text);
		}
		url_free(&url);
		url_free(&base);
	}
}

static void check_unresolved(void)
{
	static const char *const locations[] = {
		"https://h/", "HTTPS:x", "ftp://h", "mailto:x",     "http:",  "http:x",  "http:/x",   "http://",  "//",
		"//:80",      "//h:0",   "/\n",     "http://h\r\n", "//[::1", "//h i/",  "//\\/",      "//u:%00@h",
		"http:\\\\h",  "javascript:1",      "file:///etc",
	};
	struct url base, url;
	struct error error = { 0 };
	CHECK_EQUAL_INT(url_parse("http://u:p@h/x", &base, &error), 0);
	for (size_t i = 0; i < sizeof locations / sizeof locations[0]; i++) {
		error = (struct error){ 0 };
		if (!CHECK_EQUAL_INT(url_resolve(&base, locations[i], &url, &error), -1)) {
			fprintf(stderr, "\tof %s\n", locations[i]);
			url_free(&url);
			continue;
		}
		CHECK_EQUAL_INT(error.class, ERROR_PROTOCOL);
		CHECK(strstr(error.text, "redirect to") && !strpbrk(error.text, "\r\n"));
		CHECK(!url.host && !url.target);
	}
	/* Userinfo of the Location itself is its own. */
	CHECK_EQUAL_INT(url_resolve(&base, "http://v:w@i/", &url, &error), 0);
	CHECK_EQUAL_STRING(url.user, "v");
	CHECK_EQUAL_STRING(url.password, "w");
	url_free(&url);
	url_free(&base);
}

static void check_query(void)
{
	static const struct {
		const char *word, *query, *target;
	} rows[] = {
		{ "h", "a=b", "/?a=b" },
		{ "h/x", "a=b", "/x?a=b" },
		{ "h/x?", "a=b", "/x?a=b" },
		{ "h/x?c", "a=b", "/x?c&a=b" },
		{ "h/x?c&", "a=b", "/x?c&a=b" },
		{ "h/x?c=d#f", "a=b", "/x?c=d&a=b" },
		{ "h", "a", "/?a" },
		{ "h", "a=", "/?a=" },
		{ "h", "a=b=c", "/?a=b%3Dc" },
		{ "h", "a b=c d", "/?a%20b=c%20d" },
		{ "h", "&?#/+%=&?#/+%", "/?%26%3F%23%2F%2B%25=%26%3F%23%2F%2B%25" },
		{ "h", "a-._~Z9=-._~Z9", "/?a-._~Z9=-._~Z9" },
		{ "h", "a=\r\n\x01\x7f\xc3\xa9", "/?a=%0D%0A%01%7F%C3%A9" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct url url;
		struct error error = { 0 };
		CHECK_EQUAL_INT(url_parse(rows[i].word, &url, &error), 0);
		CHECK_EQUAL_INT(url_add_query(&url, rows[i].query, &error), 0);
		CHECK_EQUAL_STRING(url.target, rows[i].target);
		CHECK_EQUAL_INT(url_add_query(&url, "=x", &error), -1);
		CHECK_EQUAL_INT(error.class, ERROR_USAGE);
		CHECK_EQUAL_INT(url_add_query(&url, "", &error), -1);
		CHECK_EQUAL_STRING(url.target, rows[i].target);
		url_free(&url);
	}
}

static void check_origin(void)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{ "h", "http://u:p@H:80/x", true }, { "h:81", "h:081", true },  { "h", "h:81", false },
		{ "h", "i", false },                { "h", "h.", false },       { "[::1]", "::1", true },
		{ "h", "hh", false },               { "a.h", "h", false },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct url a, b;
		struct error error;
		CHECK_EQUAL_INT(url_parse(rows[i].a, &a, &error), 0);
		CHECK_EQUAL_INT(url_parse(rows[i].b, &b, &error), 0);
		CHECK_EQUAL_INT(url_same_origin(&a, &b), rows[i].same);
		url_free(&a);
		url_free(&b);
	}
}

int main(void)
{
	check_good();
	check_refused();
	check_masked();
	check_resolved();
	check_unresolved();
	check_query();
	check_origin();
	return test_result();
}
