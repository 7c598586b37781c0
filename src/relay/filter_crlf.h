/* filter_crlf: --crlf. A line that ends with a bare LF ends with CR LF behind it; one that has its CR keeps it, also
 * when the two come apart. Everything else, a CR alone among it, stays. Nothing is held back. */
#ifndef SKT_RELAY_FILTER_CRLF_H
#define SKT_RELAY_FILTER_CRLF_H

#include <stdbool.h>

#include "relay/filter.h"

struct filter_crlf {
	struct filter filter; /* first: the chain hands it back */
	bool after_cr;        /* the last byte was a CR */
};

/* To be put into a flow by its `filter`. */
void filter_crlf_begin(struct filter_crlf *crlf);

#endif
