#include "http/date.h"

#include <string.h>
#include <time.h>

int date_parse(const char *text, int64_t *seconds)
{
	static const char *const forms[] = { "%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
					     "%a %b %e %H:%M:%S %Y" };
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		struct tm when = { 0 };
		const char *behind = strptime(text, forms[i], &when);
		if (behind && !*behind) {
			*seconds = timegm(&when);
			return 0;
		}
	}
	return -1;
}

int64_t date_pause(const struct head *head, int64_t now)
{
	char text[64];
	int64_t pause = 0, when;
	if (head_field(head, "Retry-After", 0, text, sizeof text) || !*text)
		return -1;
	if (text[strspn(text, "0123456789")]) {
		if (date_parse(text, &when) || when <= now)
			return -1;
		pause = when - now;
	} else {
		for (const char *at = text; *at && pause < INT32_MAX; at++)
			pause = pause * 10 + (*at - '0');
	}
	return pause < INT32_MAX ? pause : INT32_MAX;
}
