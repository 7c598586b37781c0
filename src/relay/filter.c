#include "relay/filter.h"

#include <errno.h>
#include <stdbool.h>

int filter_run(struct filter *first, struct flow *flow, const char *bytes, size_t n, struct buffer between[static 2],
	       struct buffer *out, struct error *error)
{
	struct filter *next;
	struct error later;
	bool end = n == 0;
	int result = 0;
	size_t turn = 0;
	if (!first && buffer_append(out, bytes, n))
		return filter_no_memory(error);
	for (struct filter *filter = first; filter; filter = next) {
		struct error *why = result ? &later : error; /* the first failure is the one that counts */
		next = filter->next;                         /* it may take itself out */
		struct buffer *into = next ? &between[turn++ % 2] : out;
		bool bad = n && filter->pass(filter, flow, bytes, n, into, why);
		bad = bad || (end && filter->pass(filter, flow, "", 0, into, why));
		if (bad) {
			result = -1;
			end = false; /* what was made until now is not all */
		}
		if (!next)
			break;
		bytes = buffer_head(into);
		n = buffer_held(into);
		buffer_consumed(into, n); /* they stay where they are until this buffer is filled again */
	}
	return result;
}

int filter_no_memory(struct error *error)
{
	return error_system(error, ERROR_UNEXPECTED, ENOMEM, "filter");
}
