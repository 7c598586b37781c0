/* ports: a list of ports as people write it, "22", "20-25" or "http,443,8000-8100", as a set. */
#ifndef SKT_BASE_PORTS_H
#define SKT_BASE_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { PORTS_MOST = 65535 };

struct ports {
	uint64_t bits[(PORTS_MOST + 1) / 64];
};

/* Reads a list: numbers from 1 to 65535, ranges LOW-HIGH of them and names of services, with commas between. `service`
 * says which port a name means (1 to 65535), 0 for none; where it is NULL only the form is checked, and names add
 * nothing. -1: ERROR_USAGE, or ERROR_RESOLVE for a service that is not known; the text names the item. */
int ports_read(struct ports *ports, const char *list, uint32_t (*service)(const char *name, const void *context),
	       const void *context, struct error *error);

bool ports_has(const struct ports *ports, uint32_t port);

#endif
