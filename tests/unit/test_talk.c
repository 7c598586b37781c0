/* The log of --broker: who hears what, in which order, and what is kept. A model with a copy for each reader says what
 * is right. */
#include "relay/talk.h"

#include <stdlib.h>

#include "test.h"

enum { READERS = 7, SPACE = 1 << 22 };

static unsigned long long state;

/* xorshift: 0 to n - 1, the same every time. */
static size_t dice(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state % n);
}

static size_t say(struct talk *talk, const struct talk_reader *by, const char *bytes, size_t n)
{
	size_t room;
	char *to = talk_room(talk, by, &room);
	CHECK(to && room);
	if (n > room)
		n = room;
	memcpy(to, bytes, n);
	talk_said(talk, by, n);
	return n;
}

static void check_next(struct talk *talk, struct talk_reader *reader, const char *expected)
{
	char scratch[64];
	size_t n;
	const char *bytes = talk_next(talk, reader, scratch, sizeof scratch, &n);
	CHECK_EQUAL_INT(bytes != NULL, *expected != '\0');
	if (bytes)
		CHECK_EQUAL_BYTES(bytes, n, expected, strlen(expected));
}

static void check_by_hand(void)
{
	struct talk talk;
	struct talk_reader a, b, c;
	CHECK_EQUAL_INT(talk_begin(&talk), 0);
	talk_name(&talk, &a);
	talk_name(&talk, &b);
	talk_name(&talk, &c);
	talk_join(&talk, &a);
	talk_join(&talk, &b);
	check_next(&talk, &a, "");
	say(&talk, &a, "hello", 5);
	check_next(&talk, &a, "");
	CHECK_EQUAL_INT(talk_behind(&talk, &a), 0);
	check_next(&talk, &b, "hello");
	CHECK_EQUAL_INT(talk_behind(&talk, &b), 5);
	talk_took(&talk, &b, 3);
	check_next(&talk, &b, "lo");
	talk_join(&talk, &c); /* at the end of a record that goes on */
	say(&talk, &a, " all", 4);
	check_next(&talk, &b, "lo all");
	check_next(&talk, &c, " all");
	say(&talk, &c, "hi", 2);
	say(&talk, &b, "oh", 2);
	check_next(&talk, &b, "lo allhi"); /* several in one */
	check_next(&talk, &c, " alloh");
	talk_took(&talk, &c, 5);
	check_next(&talk, &c, "h");
	talk_took(&talk, &c, 1);
	check_next(&talk, &c, "");
	CHECK_EQUAL_INT(talk_behind(&talk, &c), 0);
	CHECK_EQUAL_INT(talk_behind(&talk, &b), 10); /* its own words are behind the first that it has not heard */
	talk_leave(&talk, &b);
	talk_leave(&talk, &b);
	CHECK_EQUAL_INT(talk_behind(&talk, &b), 0);
	check_next(&talk, &b, "");
	say(&talk, &b, "!", 1); /* who hears no more may still speak */
	check_next(&talk, &a, "hioh!");
	talk_leave(&talk, &a);
	talk_leave(&talk, &c);
	talk_end(&talk);
}

/* Nobody hears, or one does not: what is kept is what somebody has yet to hear. */
static void check_memory(void)
{
	static char piece[10000];
	struct talk talk;
	struct talk_reader a, slow;
	CHECK_EQUAL_INT(talk_begin(&talk), 0);
	talk_name(&talk, &a);
	talk_name(&talk, &slow);
	for (int i = 0; i < 1000; i++)
		say(&talk, &a, piece, sizeof piece);
	CHECK(talk.first == talk.last);
	talk_join(&talk, &slow);
	for (size_t said = 0; said < 1000000;)
		said += say(&talk, &a, piece, sizeof piece);
	CHECK(talk.first != talk.last);
	CHECK(talk_behind(&talk, &slow) >= 1000000);
	talk_leave(&talk, &slow);
	CHECK(talk.first == talk.last);
	talk_end(&talk);
}

struct model {
	struct talk_reader reader;
	bool joined;
	char *due;
	size_t from, to;
};

static void hear(struct talk *talk, struct model *model)
{
	char scratch[300];
	size_t n, size = 1 + dice(sizeof scratch);
	const char *bytes = talk_next(talk, &model->reader, scratch, size, &n);
	if (!CHECK_EQUAL_INT(bytes != NULL, model->from != model->to) || !bytes)
		return;
	CHECK(n && n <= model->to - model->from);
	CHECK(n >= size || n == model->to - model->from || bytes != scratch);
	CHECK(!memcmp(bytes, model->due + model->from, n));
	size_t took = dice(3) ? n : dice(n + 1);
	talk_took(talk, &model->reader, took);
	model->from += took;
	if (model->from == model->to)
		CHECK_EQUAL_INT(talk_behind(talk, &model->reader), 0);
	else
		CHECK(talk_behind(talk, &model->reader) >= model->to - model->from);
}

static void speak(struct talk *talk, struct model *models, size_t who)
{
	char piece[9000];
	size_t n = dice(4) ? 1 + dice(20) : 1 + dice(sizeof piece);
	for (size_t i = 0; i < n; i++)
		piece[i] = (char)dice(256);
	n = say(talk, &models[who].reader, piece, n);
	for (size_t i = 0; i < READERS; i++) {
		if (i == who || !models[i].joined || !CHECK(models[i].to + n <= SPACE))
			continue;
		memcpy(models[i].due + models[i].to, piece, n);
		models[i].to += n;
	}
}

static void turn(struct talk *talk, struct model *model)
{
	if (model->joined)
		talk_leave(talk, &model->reader);
	else
		talk_join(talk, &model->reader);
	model->joined = !model->joined;
	model->from = model->to = 0;
}

static void check_at_random(unsigned seed)
{
	struct talk talk;
	struct model models[READERS] = { 0 };
	state = seed;
	CHECK_EQUAL_INT(talk_begin(&talk), 0);
	for (size_t i = 0; i < READERS; i++) {
		models[i].due = malloc(SPACE);
		CHECK(models[i].due != NULL);
		talk_name(&talk, &models[i].reader);
	}
	for (int i = 0; i < 3000; i++) {
		size_t who = dice(READERS);
		size_t what = dice(100);
		if (what < 40)
			speak(&talk, models, who);
		else if (what < 98)
			hear(&talk, &models[who]);
		else
			turn(&talk, &models[who]);
	}
	for (size_t i = 0; i < READERS; i++) {
		while (models[i].from != models[i].to)
			hear(&talk, &models[i]);
		if (models[i].joined)
			turn(&talk, &models[i]);
		free(models[i].due);
	}
	CHECK(talk.first == talk.last);
	talk_end(&talk);
}

int main(void)
{
	check_by_hand();
	check_memory();
	for (unsigned seed = 1; seed <= 12; seed++)
		check_at_random(seed);
	return test_result();
}
