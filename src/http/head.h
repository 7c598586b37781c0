/* head: the status line and header section of a response (RFC 9112 4, 5), in whatever pieces they come. Pure. */
#ifndef SKT_HTTP_HEAD_H
#define SKT_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

enum { HEAD_MOST = 256 * 1024 }; /* bytes of status line and header section together, interim (1xx) ones counted anew */

enum head_answer {
	HEAD_MORE, /* all n bytes were taken, the head is not over */
	HEAD_DONE, /* the final head is complete; *used bytes were taken, the rest is body */
	HEAD_BARE, /* no HTTP/1.x head but a bare body (HTTP/0.9): head->raw and then the bytes behind *used are body */
	HEAD_BAD,  /* error is filled: ERROR_PROTOCOL, or at the end of the stream ERROR_INCOMPLETE */
};

enum head_framing { HEAD_NO_BODY, HEAD_LENGTH, HEAD_CHUNKED, HEAD_UNTIL_CLOSE };

struct head {
	struct buffer raw;   /* the final head as it came, blank line included (for -i); HEAD_BARE: bytes of the body */
	int major, minor, status;
	enum head_framing framing;
	uint64_t length;     /* HEAD_LENGTH */
	bool bare_expected;  /* set by the caller: "HTTP/1.1 or older" may as well be the text of a bare page */
	/* The parser's own: */
	size_t matched;      /* bytes of the start of a status line that have come */
	size_t line;         /* where the present line begins in raw */
	size_t fields;       /* where the first field begins in raw; 0: the status line is not over */
	bool interim;        /* a 1xx head came before */
};

/* Takes the next n bytes. 1xx heads are skipped (101 is final here: ERROR_PROTOCOL, nobody asked for it). The stream
 * is bare as soon as its first bytes can no longer be the start of "HTTP/D.D DDD"; a stream that starts "HTTP/1.x" and
 * then breaks the status-line grammar (RFC 9112 4; a missing reason or missing space before it is forgiven) is HEAD_BAD
 * unless a bare page was expected; so is a major version other than 1. Lines end CRLF or LF. Refused (ERROR_PROTOCOL): NUL or bare CR in the head,
 * a line without colon, white space before the colon, an empty name, Content-Length that is no number, beyond 2^63-1,
 * or several that differ (equal ones, also "5, 5", pass), a Transfer-Encoding other than "chunked"
 * (case-insensitively; "identity" alone is none), a head over HEAD_MOST. obs-fold (RFC 9112 5.2) is undone to a space.
 * chunked wins over Content-Length. 204 and 304 have no body. Error texts are one line with foreign bytes escaped. */
enum head_answer head_take(struct head *head, const char *bytes, size_t n, size_t *used, struct error *error);

/* The stream ended (FIN) while head_take still answered HEAD_MORE: HEAD_BARE when the bytes so far are a mere prefix
 * of a status line or nothing at all (head->raw is empty then), else HEAD_BAD with ERROR_INCOMPLETE (the head was
 * cut). */
enum head_answer head_end(struct head *head, struct error *error);

/* The value of the n-th (from 0) field of that name, case-insensitively, copied without surrounding white space into
 * out; -1: there is none, or it does not fit. */
int head_field(const struct head *head, const char *name, size_t nth, char *out, size_t size);

/* "bytes A-B/N" of a 206 or "bytes * /N" (without the space) of a 416; unknown total or range: UINT64_MAX. -1: missing
 * or malformed. */
int head_content_range(const struct head *head, uint64_t *first, uint64_t *last, uint64_t *total);

/* The reason phrase or "" into out, escaped (text_escape). */
void head_reason(const struct head *head, char *out, size_t size);

void head_free(struct head *head);

#endif
