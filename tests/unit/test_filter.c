/* --crlf and --telnet byte by byte: whatever way the bytes are cut, the same comes out; and the chain they stand in. */
#include "relay/filter.h"

#include <stdlib.h>

#include "relay/filter_crlf.h"
#include "relay/filter_limit.h"
#include "relay/filter_telnet.h"
#include "relay/flow.h"

#include "test.h"

/* A flow with a chain, and the one that its answers go to. */
struct bench {
	struct end source, sink;
	struct flow flow, back;
	struct filter_crlf crlf;
	struct filter_telnet telnet;
	struct filter_limit limit;
};

static void begin(struct bench *bench)
{
	memset(bench, 0, sizeof *bench);
	bench->flow.source = &bench->source;
	bench->flow.sink = &bench->sink;
	bench->flow.left = bench->back.left = UINT64_MAX;
	bench->flow.pipe[0] = bench->flow.pipe[1] = bench->back.pipe[0] = bench->back.pipe[1] = -1;
}

static void end(struct bench *bench)
{
	flow_free(&bench->flow);
	flow_free(&bench->back);
}

/* From a copy of just that size, so that a sanitizer sees who reads beyond it. */
static void pass(struct bench *bench, const char *bytes, size_t n)
{
	char *copy = malloc(n ? n : 1);
	if (!CHECK(copy))
		return;
	memcpy(copy, bytes, n);
	flow_pass(&bench->flow, copy, n);
	free(copy);
}

enum what { CRLF, SENDING, RECEIVING, BOTH_SENDING };

static void hang(struct bench *bench, enum what what)
{
	if (what == CRLF || what == BOTH_SENDING) {
		filter_crlf_begin(&bench->crlf);
		flow_filter(&bench->flow, &bench->crlf.filter);
	}
	if (what == SENDING || what == BOTH_SENDING)
		filter_telnet_begin_sending(&bench->telnet);
	if (what == RECEIVING)
		filter_telnet_begin_receiving(&bench->telnet, &bench->back);
	if (what != CRLF)
		flow_filter(&bench->flow, &bench->telnet.filter);
}

static void check_out(const struct bench *bench, const char *out, size_t n, const char *answers, size_t m)
{
	CHECK(!bench->flow.doomed);
	CHECK_EQUAL_BYTES(buffer_head(&bench->flow.held), buffer_held(&bench->flow.held), out, n);
	CHECK_EQUAL_BYTES(buffer_head(&bench->back.held), buffer_held(&bench->back.held), answers, m);
}

/* Whole, in two parts cut at every place, and byte by byte. */
static void check(enum what what, const char *in, size_t n, const char *out, size_t m, const char *answers, size_t k)
{
	for (size_t cut = 0; cut <= n; cut++) {
		struct bench bench;
		begin(&bench);
		hang(&bench, what);
		if (cut)
			pass(&bench, in, cut);
		if (cut < n)
			pass(&bench, in + cut, n - cut);
		pass(&bench, "", 0);
		check_out(&bench, out, m, answers, k);
		end(&bench);
	}
	struct bench bench;
	begin(&bench);
	hang(&bench, what);
	for (size_t i = 0; i < n; i++)
		pass(&bench, in + i, 1);
	pass(&bench, "", 0);
	check_out(&bench, out, m, answers, k);
	end(&bench);
}

#define SAME(what, in, out) check(what, in, sizeof(in) - 1, out, sizeof(out) - 1, "", 0)
#define TELNET(in, out, answers)                                                                                       \
	check(RECEIVING, in, sizeof(in) - 1, out, sizeof(out) - 1, answers, sizeof(answers) - 1)

static void test_crlf(void)
{
	SAME(CRLF, "", "");
	SAME(CRLF, "no end", "no end");
	SAME(CRLF, "one\ntwo\n", "one\r\ntwo\r\n");
	SAME(CRLF, "one\r\ntwo\r\n", "one\r\ntwo\r\n");
	SAME(CRLF, "\n\n\r\n\n", "\r\n\r\n\r\n\r\n");
	SAME(CRLF, "a\rb\r\r\n\r", "a\rb\r\r\n\r");
	SAME(CRLF, "\r", "\r");
	SAME(CRLF, "nul\0\n\xff\n", "nul\0\r\n\xff\r\n");
}

static void test_telnet_sending(void)
{
	SAME(SENDING, "", "");
	SAME(SENDING, "plain\r\n", "plain\r\n");
	SAME(SENDING, "\xff", "\xff\xff");
	SAME(SENDING,
	     "a\xff\xff"
	     "b\xfe\xff",
	     "a\xff\xff\xff\xff"
	     "b\xfe\xff\xff");
	SAME(BOTH_SENDING, "\xff\n\xff\r\n", "\xff\xff\r\n\xff\xff\r\n");
}

static void test_telnet_receiving(void)
{
	TELNET("", "", "");
	TELNET("plain\r\0\n\xfe", "plain\r\0\n\xfe", "");
	TELNET("a\xff\xff"
	       "b\xff\xff\xff\xff",
	       "a\xff"
	       "b\xff\xff",
	       "");
	TELNET("\xff\xfb\x01", "", "\xff\xfe\x01"); /* WILL: DONT */
	TELNET("\xff\xfd\x01", "", "\xff\xfc\x01"); /* DO: WONT */
	TELNET("\xff\xfc\x01\xff\xfe\x02", "", ""); /* WONT, DONT: nothing */
	TELNET("login:\xff\xfd\x18\xff\xfd\x20\xff\xfb\x03 x", "login: x", "\xff\xfc\x18\xff\xfc\x20\xff\xfe\x03");
	TELNET("\xff\xfb\xff\xff\xfd\xff.", ".", "\xff\xfe\xff\xff\xfc\xff"); /* option 255, EXOPL */
	TELNET("a\xff\xf1"
	       "b\xff\xf6"
	       "c\xff\xf9",
	       "abc", "");            /* NOP, AYT, GA */
	TELNET("\xff\x41!", "!", ""); /* no command that there is */
	TELNET("a\xff", "a", "");     /* cut by the end */
	TELNET("a\xff\xfd", "a", "");
}

static void test_telnet_subnegotiation(void)
{
	TELNET("a\xff\xfa\x18\x01\xff\xf0z", "az", "");
	TELNET("\xff\xfa\xff\xf0z", "z", "");
	TELNET("\xff\xfa\x18\xff\xff\xf0 \xff\xff\xff\xf0z", "z", ""); /* IAC IAC is no end */
	TELNET("\xff\xfa\x18\xff\xfd\x01z", "z", "\xff\xfc\x01");      /* another command in place of SE */
	TELNET("\xff\xfa\x18\xff\xfa\x19\xff\xf0z", "z", "");
	TELNET("a\xff\xfa\x18 and on", "a", "");
}

/* A peer that asks and never reads: what waits for it has an end, and what is received goes on. */
static void test_telnet_flood(void)
{
	struct bench bench;
	begin(&bench);
	hang(&bench, RECEIVING);
	for (int i = 0; i < 200000; i++)
		flow_pass(&bench.flow, "\xff\xfd\x01.", 4);
	CHECK_EQUAL_INT(buffer_held(&bench.flow.held), 200000);
	CHECK(buffer_held(&bench.back.held) <= 64 * 1024);
	CHECK(buffer_held(&bench.back.held) > 60 * 1024);
	CHECK_EQUAL_INT(buffer_held(&bench.back.held) % 3, 0);
	CHECK_EQUAL_INT(flow_held(&bench.back), 0); /* they are ours, nobody's loss */
	/* When it reads again, it is answered again. */
	buffer_consumed(&bench.back.held, buffer_held(&bench.back.held) - 3);
	flow_pass(&bench.flow, "\xff\xfb\x02", 3);
	CHECK_EQUAL_BYTES(buffer_head(&bench.back.held), buffer_held(&bench.back.held), "\xff\xfc\x01\xff\xfe\x02", 6);
	end(&bench);
}

/* Between two pieces of the other direction, and not when that is shut. */
static void test_telnet_answers(void)
{
	struct bench bench;
	struct filter_telnet sending;
	begin(&bench);
	hang(&bench, RECEIVING);
	filter_telnet_begin_sending(&sending);
	flow_filter(&bench.back, &sending.filter);
	flow_pass(&bench.back, "one\xff", 4);
	pass(&bench, "\xff\xfb\x01", 3);
	CHECK_EQUAL_INT(bench.back.need, FLOW_SINK);
	CHECK_EQUAL_INT(flow_held(&bench.back), 5);
	flow_pass(&bench.back, "\xfftwo", 4);
	CHECK_EQUAL_INT(flow_held(&bench.back), 13);
	bench.back.need = FLOW_ENDED; /* standard input has ended, but no FIN was sent */
	pass(&bench, "\xff\xfb\x02", 3);
	CHECK_EQUAL_INT(bench.back.need, FLOW_SINK);
	bench.back.need = FLOW_ENDED;
	bench.back.shut = true;
	pass(&bench, "\xff\xfb\x03", 3);
	CHECK_EQUAL_INT(bench.back.need, FLOW_ENDED);
	check_out(&bench, "", 0,
		  "one\xff\xff\xff\xfe\x01\xff\xff"
		  "two\xff\xfe\x02",
		  16);
	end(&bench);
}

static void test_limit(void)
{
	struct bench bench;
	begin(&bench);
	hang(&bench, RECEIVING);
	filter_limit_begin(&bench.limit, 5);
	flow_filter(&bench.flow, &bench.limit.filter);
	pass(&bench, "ab\xff\xfb\x01", 5);
	CHECK_EQUAL_INT(bench.flow.enough, false);
	pass(&bench,
	     "\xff\xff\xff\xfb\x01"
	     "defg",
	     9);
	CHECK_EQUAL_INT(bench.flow.enough, true);
	check_out(&bench,
		  "ab\xff"
		  "de",
		  5, "\xff\xfe\x01\xff\xfe\x01", 6);
	end(&bench);
}

/* A filter that holds all until the end, and one that fails or takes itself out at a letter. */
struct odd {
	struct filter filter;
	struct buffer store;
};

static int store(struct filter *filter, struct flow *flow, const char *bytes, size_t n, struct buffer *out,
		 struct error *error)
{
	struct odd *odd = (struct odd *)filter;
	(void)flow;
	(void)error;
	if (n)
		return buffer_append(&odd->store, bytes, n);
	int bad = buffer_append(out, buffer_head(&odd->store), buffer_held(&odd->store)) || buffer_append(out, ".", 1);
	buffer_free(&odd->store);
	return bad ? -1 : 0;
}

static int fussy(struct filter *filter, struct flow *flow, const char *bytes, size_t n, struct buffer *out,
		 struct error *error)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == 'F')
			return error_set(error, ERROR_PROTOCOL, 0, "an F");
		if (bytes[i] == 'X')
			flow_unfilter(flow, filter);
		if (buffer_append(out, bytes[i] == 'X' ? "-" : bytes + i, 1))
			return -1;
	}
	return 0;
}

static void test_chain(void)
{
	for (int turn = 0; turn < 3; turn++) {
		struct bench bench;
		struct odd first = { .filter.pass = turn == 1 ? store : fussy }, second = { .filter.pass = store };
		begin(&bench);
		hang(&bench, CRLF);
		flow_filter(&bench.flow, &first.filter);
		flow_filter(&bench.flow, turn == 1 ? &second.filter : &bench.telnet.filter);
		if (turn != 1)
			filter_telnet_begin_sending(&bench.telnet);
		pass(&bench, "a\n", 2);
		pass(&bench, turn == 2 ? "bF\xff" : "bX\xff", 3);
		if (turn != 2)
			pass(&bench, "cX\n", 3);
		if (turn != 2)
			pass(&bench, "", 0);
		const char *outs[] = { "a\r\nb-\xff\xff"
				       "cX\r\n",
				       "a\r\nbX\xff"
				       "cX\r\n..",
				       "a\r\nb" };
		CHECK_EQUAL_BYTES(buffer_head(&bench.flow.held), buffer_held(&bench.flow.held), outs[turn],
				  strlen(outs[turn]));
		CHECK_EQUAL_INT(bench.flow.doomed, turn == 2);
		if (turn == 2 && CHECK(bench.flow.error != NULL))
			CHECK_EQUAL_STRING(bench.flow.error->text, "an F");
		end(&bench);
	}
}

static void test_no_chain(void)
{
	struct bench bench;
	begin(&bench);
	CHECK(flow_is_plain(&bench.flow));
	pass(&bench, "as it is", 8);
	pass(&bench, "", 0);
	check_out(&bench, "as it is", 8, "", 0);
	end(&bench);
}

int main(void)
{
	test_crlf();
	test_telnet_sending();
	test_telnet_receiving();
	test_telnet_subnegotiation();
	test_telnet_flood();
	test_telnet_answers();
	test_limit();
	test_chain();
	test_no_chain();
	return test_result();
}
