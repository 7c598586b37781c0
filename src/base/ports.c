#include "base/ports.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

enum { ITEM_SPACE = 256 };

static void add(struct ports *ports, uint64_t port)
{
	ports->bits[port / 64] |= UINT64_C(1) << port % 64;
}

bool ports_has(const struct ports *ports, uint32_t port)
{
	return port <= PORTS_MOST && ports->bits[port / 64] >> port % 64 & 1;
}

/* A number that can be connected to. */
static int number(const char *word, uint64_t *port)
{
	return text_number(word, PORTS_MOST, port) || !*port ? -1 : 0;
}

static int refuse(const char *item, struct error *error)
{
	char shown[200];
	return error_set(error, ERROR_USAGE, 0,
			 "'%s' is not a port: a number from 1 to 65535, a range like 20-25, or the name of a service",
			 TEXT_SHOW(shown, item));
}

/* "22" or "20-25"; the item is cut at its dash. */
static int read_numbers(struct ports *ports, char *item, struct error *error)
{
	char whole[ITEM_SPACE], shown[200];
	uint64_t low, high;
	(void)text_copy(whole, sizeof whole, item); /* it has the same size */
	char *dash = strchr(item, '-');
	if (dash)
		*dash = '\0';
	if (number(item, &low))
		return refuse(whole, error);
	high = low;
	if (dash && number(dash + 1, &high))
		return refuse(whole, error);
	if (high < low)
		return error_set(error, ERROR_USAGE, 0, "'%s' runs backwards: a range of ports is LOW-HIGH",
				 TEXT_SHOW(shown, whole));
	while (low <= high)
		add(ports, low++);
	return 0;
}

static int read_item(struct ports *ports, char *item, uint32_t (*service)(const char *name, const void *context),
		     const void *context, struct error *error)
{
	char shown[200];
	if (isdigit((unsigned char)item[0]))
		return read_numbers(ports, item, error);
	if (strchr("+- \t\n\v\f\r", item[0]))
		return refuse(item, error);
	if (!service)
		return 0;
	uint32_t port = service(item, context);
	if (!port || port > PORTS_MOST)
		return error_set(error, ERROR_RESOLVE, 0, "service '%s' is not known", TEXT_SHOW(shown, item));
	add(ports, port);
	return 0;
}

int ports_read(struct ports *ports, const char *list, uint32_t (*service)(const char *name, const void *context),
	       const void *context, struct error *error)
{
	char item[ITEM_SPACE], shown[200];
	*ports = (struct ports){ 0 };
	for (const char *at = list;;) {
		size_t n = strcspn(at, ",");
		if (!n)
			return error_set(error, ERROR_USAGE, 0, *list ? "'%s' has an empty item" : "the port is empty",
					 TEXT_SHOW(shown, list));
		if (n >= sizeof item)
			return error_set(error, ERROR_USAGE, 0, "'%s' is too long for a port or a service",
					 text_escape(shown, sizeof shown, at, n));
		memcpy(item, at, n);
		item[n] = '\0';
		if (read_item(ports, item, service, context, error))
			return -1;
		if (!at[n])
			return 0;
		at += n + 1;
	}
}
