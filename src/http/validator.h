/* validator: by what a page is known again (RFC 9110 8.8), so that the rest of one is never joined to another. Pure. */
#ifndef SKT_HTTP_VALIDATOR_H
#define SKT_HTTP_VALIDATOR_H

#include <stdbool.h>
#include <stddef.h>

#include "http/head.h"

enum { VALIDATOR_MOST = 256 }; /* bytes of one, with the NUL; longer ones count as none */

/* The validator of the page that this head announces: its ETag, as it came, else its Last-Modified, after "W/" unless
 * Date is later (RFC 9110 8.8.2.2: the page may change again within that second). "": it has none. */
void validator_of(const struct head *head, char out[static VALIDATOR_MOST]);

/* Whether it is one that If-Range may hold (RFC 9110 13.1.5): a strong one, of bytes that a field can hold. */
bool validator_is_strong(const char *validator);

/* Whether the head announces another page than the one of this validator. A head without one of the same kind
 * contradicts nothing. */
bool validator_differs(const char *validator, const struct head *head);

#endif
