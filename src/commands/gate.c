#include "commands/gate.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "commands/context.h"
#include "commands/open.h"
#include "net/peer.h"

enum { LINE = 4096, WHERE = 300 };

/* A SPEC that is to be looked up. */
struct name {
	struct name *next;
	struct access_list *list;
	char where[WHERE], host[];
};

/* The lists while they are read: first all of them, so that what cannot be meant is told before anybody is asked. */
struct reading {
	struct context *context;
	struct name *names, **last;
};

static int take_name(struct reading *reading, struct access_list *list, const char *where, const char *host,
		     struct error *error)
{
	size_t n = strlen(host) + 1;
	struct name *name = malloc(sizeof *name + n);
	if (!name)
		return error_system(error, ERROR_UNEXPECTED, ENOMEM, "%s", where);
	*name = (struct name){ .list = list };
	snprintf(name->where, sizeof name->where, "%s", where);
	memcpy(name->host, host, n);
	*reading->last = name;
	reading->last = &name->next;
	return 0;
}

/* `where` is the option, or the line of its file. */
static int take_spec(struct reading *reading, struct access_list *list, const char *where, const char *spec,
		     struct error *error)
{
	struct access_range range;
	struct error why;
	int known = access_read(spec, &range, &why);
	if (known < 0)
		return parse_refuse(&reading->context->command->syntax, error, "%s: %s", where, why.text);
	return known ? access_add(list, &range, error) : take_name(reading, list, where, spec, error);
}

static int take_all(struct reading *reading, struct access_list *list, const char *where,
		    const struct option_list *specs, struct error *error)
{
	for (size_t i = 0; i < specs->count; i++)
		if (take_spec(reading, list, where, specs->items[i], error))
			return -1;
	return 0;
}

/* A line without its newline: 1, and 0 at the end. -1: it is too long, or no text. */
static int read_line(FILE *file, char line[static LINE], size_t *n)
{
	int byte;
	for (*n = 0; (byte = getc(file)) != EOF && byte != '\n'; (*n)++) {
		if (!byte || *n + 1 == LINE)
			return -1;
		line[*n] = (char)byte;
	}
	return byte != EOF || *n;
}

static int take_lines(struct reading *reading, FILE *file, const char *shown, struct error *error)
{
	char line[LINE], where[WHERE];
	int got;
	size_t n;
	for (unsigned long number = 1; (got = read_line(file, line, &n)); number++) {
		snprintf(where, sizeof where, "--allow-file %.200s line %lu", shown, number);
		if (got < 0)
			return parse_refuse(&reading->context->command->syntax, error, "%s is no line of text", where);
		const char *spec = access_line(line, n);
		if (spec && take_spec(reading, &reading->context->gate.access.allow, where, spec, error))
			return -1;
	}
	return 0;
}

static int take_file(struct reading *reading, const char *path, struct error *error)
{
	char shown[200];
	FILE *file = fopen(path, "re");
	TEXT_SHOW(shown, path);
	if (!file)
		return error_system(error, ERROR_LOCAL, errno, "--allow-file %s", shown);
	int result = take_lines(reading, file, shown, error);
	if (!result && ferror(file))
		result = error_system(error, ERROR_LOCAL, errno, "--allow-file %s", shown);
	(void)fclose(file); /* it was only read */
	return result;
}

/* All addresses of the names, by a look-up each, within one limit for all. */
static int look_up(const struct reading *reading, struct error *error)
{
	const int64_t until = clock_after(clock_now(), open_dial_plan(reading->context).timeout);
	for (const struct name *name = reading->names; name; name = name->next) {
		const struct endpoint to = { .triple = { AF_UNSPEC, SOCK_STREAM, IPPROTO_TCP },
					     .host = name->host,
					     .service = "0" };
		struct address_list found;
		struct error why;
		int64_t left = until - clock_now();
		int result = open_resolve_within(reading->context, &to, left > 0 ? left : 0, &found, &why);
		if (result && why.class == ERROR_SIGNAL)
			return *error = why, -1;
		if (result)
			return error_set(error, why.class, why.number, "%s: %.250s", name->where, why.text);
		for (size_t i = 0; !result && i < found.count; i++) {
			const struct access_range one = access_range_of(&found.items[i]);
			result = access_add(name->list, &one, error);
		}
		resolve_free(&found);
		if (result)
			return -1;
	}
	return 0;
}

static int read_lists(struct context *context, struct error *error)
{
	const struct settings *settings = context->settings;
	struct access *access = &context->gate.access;
	struct reading reading = { .context = context, .last = &reading.names };
	int result = take_all(&reading, &access->deny, "--deny", &settings->deny, error) ||
		     take_all(&reading, &access->allow, "--allow", &settings->allow, error);
	for (size_t i = 0; !result && i < settings->allow_file.count; i++)
		result = take_file(&reading, settings->allow_file.items[i], error);
	result = result || look_up(&reading, error);
	for (struct name *name = reading.names, *next; name; name = next) {
		next = name->next;
		free(name);
	}
	access->closed = settings->allow.count || settings->allow_file.count;
	return result ? -1 : 0;
}

/* A word as a user's or a group's number: names go before numbers, as with chown(1). */
static int find_user(const char *word, uint64_t *number)
{
	const struct passwd *user = getpwnam(word);
	*number = user ? user->pw_uid : 0;
	return user ? 0 : text_number(word, UINT32_MAX - 1, number);
}

static int find_group(const char *word, uint64_t *number)
{
	const struct group *group = getgrnam(word);
	*number = group ? group->gr_gid : 0;
	return group ? 0 : text_number(word, UINT32_MAX - 1, number);
}

static int read_users(struct context *context, struct error *error)
{
	const struct settings *settings = context->settings;
	struct gate *gate = &context->gate;
	char shown[200];
	uint64_t number;
	for (size_t i = 0; i < settings->allow_user.count; i++) {
		const char *word = settings->allow_user.items[i];
		if (find_user(word, &number))
			return parse_refuse(&context->command->syntax, error,
					    "--allow-user '%s' is no user here, and no number of one",
					    TEXT_SHOW(shown, word));
		gate->users[gate->user_count++] = (uid_t)number;
	}
	for (size_t i = 0; i < settings->allow_group.count; i++) {
		const char *word = settings->allow_group.items[i];
		if (find_group(word, &number))
			return parse_refuse(&context->command->syntax, error,
					    "--allow-group '%s' is no group here, and no number of one",
					    TEXT_SHOW(shown, word));
		gate->groups[gate->group_count++] = (gid_t)number;
	}
	return 0;
}

int gate_check(const struct context *context, const struct triple *triple, struct error *error)
{
	const struct settings *settings = context->settings;
	bool inet = triple->family == AF_UNSPEC || triple->family == AF_INET || triple->family == AF_INET6;
	bool addresses = settings->allow.count || settings->deny.count || settings->allow_file.count;
	bool users = settings->allow_user.count || settings->allow_group.count;
	if (addresses && !inet)
		return parse_refuse(&context->command->syntax, error,
				    "--allow, --deny and --allow-file know IPv4 and IPv6 addresses, and %s has none",
				    triple->family == AF_VSOCK ? "vsock" : "a unix socket");
	if (users && !triple_has_end(triple))
		return parse_refuse(
		    &context->command->syntax, error,
		    "--allow-user and --allow-group need clients that connect, and datagrams have none");
	return 0;
}

bool gate_chooses(const struct context *context)
{
	return context->settings->allow.count || context->settings->allow_file.count;
}

int gate_open(struct context *context, struct error *error)
{
	if (!read_users(context, error) && !read_lists(context, error))
		return 0;
	gate_close(&context->gate);
	return -1;
}

/* Why not, or NULL. */
static const char *judge_user(const struct gate *gate, int fd)
{
	struct peer peer;
	if (!gate->user_count && !gate->group_count)
		return NULL;
	if (peer_read(&peer, fd))
		return "of an unknown user";
	for (size_t i = 0; i < gate->user_count; i++)
		if (peer.uid == gate->users[i])
			return NULL;
	for (size_t i = 0; i < gate->group_count; i++)
		if (peer_has_group(&peer, fd, gate->groups[i]))
			return NULL;
	return "not allowed";
}

bool gate_admits(const struct context *context, int fd, const struct triple *triple, const struct address *peer)
{
	static const char *const words[] = { [ACCESS_NOT_ALLOWED] = "not allowed", [ACCESS_DENIED] = "denied" };
	const char *why = words[access_judge(&context->gate.access, peer)];
	if (!why)
		why = judge_user(&context->gate, fd);
	if (why)
		report_refused(&context->report, fd, triple, peer, why);
	return !why;
}

bool gate_hears(void *porter, const struct sockaddr *from, socklen_t length)
{
	struct gate_senders *senders = porter;
	struct address sender = { .length = length };
	memcpy(&sender.storage, from, length < sizeof sender.storage ? length : sizeof sender.storage);
	bool known = length && length == senders->refused.length && !memcmp(&sender.any, &senders->refused.any, length);
	if (known || gate_admits(senders->context, senders->fd, senders->triple, &sender))
		return !known;
	senders->refused = sender;
	return false;
}

static bool admits(const struct acceptor *acceptor, int fd)
{
	return gate_admits(acceptor->porter, fd, &acceptor->triple, &acceptor->peer);
}

static void troubled(const struct acceptor *acceptor, const struct error *error)
{
	const struct context *context = acceptor->porter;
	report_error(&context->report, error);
}

void gate_guard(struct context *context, struct acceptor *acceptor)
{
	acceptor->porter = context;
	acceptor->admits = admits;
	acceptor->troubled = troubled;
}

void gate_close(struct gate *gate)
{
	access_free(&gate->access);
}
