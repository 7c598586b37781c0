#include "relay/filter_crlf.h"

#include <string.h>

static int pass(struct filter *filter, struct flow *flow, const char *bytes, size_t n, struct buffer *out,
		struct error *error)
{
	struct filter_crlf *crlf = (struct filter_crlf *)filter;
	(void)flow;
	while (n) {
		const char *newline = memchr(bytes, '\n', n);
		size_t before = newline ? (size_t)(newline - bytes) : n;
		if (buffer_append(out, bytes, before))
			return filter_no_memory(error);
		if (before)
			crlf->after_cr = bytes[before - 1] == '\r';
		if (!newline)
			return 0;
		if (buffer_append(out, crlf->after_cr ? "\n" : "\r\n", crlf->after_cr ? 1 : 2))
			return filter_no_memory(error);
		crlf->after_cr = false;
		bytes += before + 1;
		n -= before + 1;
	}
	return 0;
}

void filter_crlf_begin(struct filter_crlf *crlf)
{
	*crlf = (struct filter_crlf){ .filter.pass = pass };
}
