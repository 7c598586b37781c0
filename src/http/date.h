/* date: points in time as HTTP writes them (RFC 9110 5.6.7). Pure; in the C locale, which skt never leaves. */
#ifndef SKT_HTTP_DATE_H
#define SKT_HTTP_DATE_H

#include <stdint.h>

#include "http/head.h"

/* Seconds since 1970 of an HTTP-date in any of its three forms: "Sun, 06 Nov 1994 08:49:37 GMT",
 * "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994". -1: it is none. */
int date_parse(const char *text, int64_t *seconds);

/* The pause in seconds that a head's Retry-After asks for (RFC 9110 10.2.3), as a number or as a date that is still
 * to come by `now` (seconds since 1970); at most INT32_MAX. -1: it asks for none. */
int64_t date_pause(const struct head *head, int64_t now);

#endif
