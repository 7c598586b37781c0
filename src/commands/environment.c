#include "commands/environment.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/peer.h"

static const char *const names[ENVIRONMENT_VARIABLES] = {
	"SKT_PROTOCOL",  "SKT_LOCAL_ADDRESS", "SKT_LOCAL_PORT", "SKT_PEER_ADDRESS",
	"SKT_PEER_PORT", "SKT_PEER_PID",      "SKT_PEER_UID",   "SKT_PEER_GID",
};

static bool is_ours(const char *line)
{
	size_t n = strcspn(line, "=");
	for (size_t i = 0; i < ENVIRONMENT_VARIABLES; i++)
		if (strlen(names[i]) == n && !strncmp(names[i], line, n))
			return true;
	return false;
}

static void add_text(struct environment *environment, const char *name, const char *text)
{
	snprintf(environment->lines[environment->count++], ENVIRONMENT_LINE, "%s=%s", name, text);
}

static void add_number(struct environment *environment, const char *name, uint64_t number)
{
	snprintf(environment->lines[environment->count++], ENVIRONMENT_LINE, "%s=%" PRIu64, name, number);
}

/* One word: the protocol's, or the family's where that has but one protocol. */
static void add_protocol(struct environment *environment, const struct triple *triple)
{
	bool inet = triple->family == AF_INET || triple->family == AF_INET6;
	const struct triple_name *rows = inet ? triple_protocols : triple_families;
	int usual = triple->type == SOCK_DGRAM ? IPPROTO_UDP : IPPROTO_TCP;
	int value = !inet ? triple->family : triple->protocol ? triple->protocol : usual;
	while (rows->word && rows->value != value)
		rows++;
	if (rows->word)
		add_text(environment, "SKT_PROTOCOL", rows->word);
	else
		add_number(environment, "SKT_PROTOCOL", (uint64_t)value);
}

static void add_address(struct environment *environment, const char *name, const char *port,
			const struct address *address)
{
	char host[ADDRESS_TEXT];
	add_text(environment, name, address_host(host, address));
	add_number(environment, port, address_port(address));
}

static void add_unix(struct environment *environment, int fd, const char *path)
{
	struct peer peer;
	if (path)
		add_text(environment, "SKT_LOCAL_ADDRESS", path);
	if (peer_read(&peer, fd))
		return;
	add_number(environment, "SKT_PEER_PID", (uint64_t)peer.pid);
	add_number(environment, "SKT_PEER_UID", peer.uid);
	add_number(environment, "SKT_PEER_GID", peer.gid);
}

/* All but what is ours to say, and ours behind it. */
static int assemble(struct environment *environment)
{
	size_t n = 0, kept = 0;
	while (environ && environ[n])
		n++;
	environment->all = calloc(n + environment->count + 1, sizeof *environment->all);
	if (!environment->all)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (!is_ours(environ[i]))
			environment->all[kept++] = environ[i];
	for (size_t i = 0; i < environment->count; i++)
		environment->all[kept++] = environment->lines[i];
	return 0;
}

int environment_make(struct environment *environment, int fd, const struct triple *triple, const struct address *peer,
		     const char *path)
{
	struct address local;
	environment->count = 0;
	add_protocol(environment, triple);
	if (triple->family == AF_UNIX) {
		add_unix(environment, fd, path);
	} else {
		address_local(fd, &local);
		add_address(environment, "SKT_LOCAL_ADDRESS", "SKT_LOCAL_PORT", &local);
		add_address(environment, "SKT_PEER_ADDRESS", "SKT_PEER_PORT", peer);
	}
	return assemble(environment);
}

void environment_free(struct environment *environment)
{
	free(environment->all);
	environment->all = NULL;
}
