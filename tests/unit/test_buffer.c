/* Bytes held between a reader and a writer. */
#include "base/buffer.h"

#include <errno.h>
#include <stdint.h>

#include "test.h"

static void test_empty(void)
{
	struct buffer buffer = { 0 };
	CHECK_EQUAL_INT(buffer_held(&buffer), 0);
	CHECK_EQUAL_INT(buffer_room(&buffer), 0);
	CHECK(!buffer_head(&buffer) && !buffer_tail(&buffer));
	CHECK_EQUAL_INT(buffer_append(&buffer, NULL, 0), 0);
	CHECK_EQUAL_INT(buffer_held(&buffer), 0);
	buffer_free(&buffer);
	buffer_free(&buffer);
	CHECK(!buffer.data);
}

static void test_append(void)
{
	struct buffer buffer = { 0 };
	CHECK_EQUAL_INT(buffer_append(&buffer, "abc", 3), 0);
	CHECK_EQUAL_INT(buffer_append(&buffer, "\0d", 2), 0);
	CHECK_EQUAL_BYTES(buffer_head(&buffer), buffer_held(&buffer), "abc\0d", 5);
	buffer_consumed(&buffer, 2);
	CHECK_EQUAL_BYTES(buffer_head(&buffer), buffer_held(&buffer), "c\0d", 3);
	CHECK_EQUAL_INT(buffer_printf(&buffer, "<%d %s>", 42, "x"), 0);
	CHECK_EQUAL_BYTES(buffer_head(&buffer), buffer_held(&buffer), "c\0d<42 x>", 9);
	buffer_consumed(&buffer, 9);
	CHECK_EQUAL_INT(buffer.start, 0); /* empty: all of the room is one piece again */
	CHECK_EQUAL_INT(buffer.end, 0);
	buffer_free(&buffer);
}

/* What is held moves to the front before the memory grows. */
static void test_reserve(void)
{
	struct buffer buffer = { 0 };
	CHECK_EQUAL_INT(buffer_reserve(&buffer, 100), 0);
	size_t size = buffer.size;
	CHECK(buffer_room(&buffer) >= 100);
	memset(buffer_tail(&buffer), 'x', size);
	buffer_added(&buffer, size);
	CHECK_EQUAL_INT(buffer_room(&buffer), 0);
	buffer_consumed(&buffer, size - 3);
	CHECK_EQUAL_INT(buffer_reserve(&buffer, size - 3), 0);
	CHECK_EQUAL_INT(buffer.size, size);
	CHECK_EQUAL_BYTES(buffer_head(&buffer), buffer_held(&buffer), "xxx", 3);
	CHECK_EQUAL_INT(buffer_reserve(&buffer, size), 0);
	CHECK(buffer.size > size && buffer_room(&buffer) >= size);
	CHECK_EQUAL_BYTES(buffer_head(&buffer), buffer_held(&buffer), "xxx", 3);
	buffer_free(&buffer);
}

static void test_no_memory(void)
{
	struct buffer buffer = { 0 };
	CHECK_EQUAL_INT(buffer_append(&buffer, "abc", 3), 0);
	errno = 0;
	CHECK_EQUAL_INT(buffer_reserve(&buffer, SIZE_MAX), -1);
	CHECK_EQUAL_INT(errno, ENOMEM);
	CHECK_EQUAL_INT(buffer_reserve(&buffer, SIZE_MAX - 2), -1);
	CHECK_EQUAL_BYTES(buffer_head(&buffer), buffer_held(&buffer), "abc", 3);
	buffer_free(&buffer);
}

/* A stream of numbered bytes through it, in pieces of every size, comes out as it went in. */
static void test_stream(void)
{
	struct buffer buffer = { 0 };
	unsigned in = 0, out = 0, random = 7;
	while (out < 200000) {
		random = random * 1103515245 + 12345;
		size_t n = (random >> 16) % 700;
		if (random >> 31) {
			if (!CHECK_EQUAL_INT(buffer_reserve(&buffer, n), 0))
				break;
			for (size_t i = 0; i < n; i++)
				buffer_tail(&buffer)[i] = (char)(in++ % 251);
			buffer_added(&buffer, n);
			continue;
		}
		n = n < buffer_held(&buffer) ? n : buffer_held(&buffer);
		bool same = true;
		for (size_t i = 0; i < n; i++)
			same &= (unsigned char)buffer_head(&buffer)[i] == out++ % 251;
		if (!CHECK(same))
			break;
		buffer_consumed(&buffer, n);
	}
	CHECK_EQUAL_INT(in - out, buffer_held(&buffer));
	buffer_free(&buffer);
}

int main(void)
{
	test_empty();
	test_append();
	test_reserve();
	test_no_memory();
	test_stream();
	return test_result();
}
