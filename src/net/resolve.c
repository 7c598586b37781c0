#include "net/resolve.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/text.h"

/* What the thread is asked and what it answers. */
struct resolve_job {
	char *host, *service; /* NULL: known already, in `literal` and `port` */
	struct address literal;
	uint32_t port;
	struct triple triple;
	bool passive;
	int done; /* eventfd */
	atomic_int holders;
	int failure, number; /* EAI_*, and the errno of EAI_SYSTEM */
	struct addrinfo *found;
};

static void release(struct resolve_job *job)
{
	if (atomic_fetch_sub(&job->holders, 1) != 1)
		return;
	if (job->found)
		freeaddrinfo(job->found);
	if (job->done >= 0)
		close(job->done);
	free(job->host);
	free(job->service);
	free(job);
}

static void *look_up(void *argument)
{
	struct resolve_job *job = argument;
	uint64_t one = 1;
	/* SCTP, MPTCP and UDP-Lite have no rows in services(5): ask for TCP and UDP in their place. */
	struct addrinfo hints = { .ai_family = job->host ? job->triple.family : AF_UNSPEC,
				  .ai_socktype = job->triple.type == SOCK_DGRAM ? SOCK_DGRAM : SOCK_STREAM,
				  .ai_flags = job->passive ? AI_PASSIVE : 0 };
	job->failure = getaddrinfo(job->host, job->service, &hints, &job->found);
	job->number = errno;
	(void)!write(job->done, &one, sizeof one); /* an eventfd that counts to one is never full */
	release(job);
	return NULL;
}

static int no_memory(struct error *error)
{
	return error_system(error, ERROR_UNEXPECTED, ENOMEM, "resolve");
}

/* A PORT word: 1 a number, 0 the name of a service, -1 neither. The command line was checked; this is for other
 * callers. */
static int port_number(const char *service, uint32_t most, uint32_t *port, struct error *error)
{
	char shown[64];
	uint64_t number;
	if (!text_number(service, most, &number)) {
		*port = (uint32_t)number;
		return 1;
	}
	if (!service[0] ||
	    strchr("0123456789+- \t\n\v\f\r", service[0])) /* getaddrinfo(3) takes " 70000", and wraps it */
		return error_set(error, ERROR_USAGE, 0, "'%s' is not a port from 0 to %u", TEXT_SHOW(shown, service),
				 (unsigned)most);
	return 0;
}

static int one_address(struct address_list *list, const struct address *address, struct error *error)
{
	list->items = malloc(sizeof *list->items);
	if (!list->items)
		return no_memory(error);
	list->items[0] = *address;
	list->count = 1;
	return 1;
}

/* The address of what needs no look-up: 1 and *literal; 0 a name; -1. */
static int known_host(const struct endpoint *endpoint, bool passive, struct address *literal, struct error *error)
{
	if (endpoint->host)
		return address_literal(endpoint->host, endpoint->triple.family, literal, error);
	if (!passive)
		return error_set(error, ERROR_USAGE, 0, "no host");
	*literal = (struct address){ .length = sizeof literal->in6 };
	literal->in6 = (struct sockaddr_in6){ .sin6_family = AF_INET6 };
	if (endpoint->triple.family == AF_INET) {
		*literal = (struct address){ .length = sizeof literal->in };
		literal->in = (struct sockaddr_in){ .sin_family = AF_INET };
	}
	return 1;
}

static int start_thread(struct resolve_job *job, struct error *error)
{
	pthread_t thread;
	pthread_attr_t attributes;
	sigset_t all, before;
	atomic_store(&job->holders, 2);
	int failed = pthread_attr_init(&attributes);
	if (!failed) {
		failed = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
		/* A signal is the loop's: the thread, which may start before the loop blocks them, must not get any. */
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &before);
		if (!failed)
			failed = pthread_create(&thread, &attributes, look_up, job);
		pthread_sigmask(SIG_SETMASK, &before, NULL);
		pthread_attr_destroy(&attributes);
	}
	if (!failed)
		return 0;
	atomic_store(&job->holders, 1);
	release(job);
	return error_system(error, ERROR_UNEXPECTED, failed, "pthread_create");
}

int resolve_start(const struct endpoint *endpoint, bool passive, struct address_list *list, struct resolve_job **job,
		  struct error *error)
{
	struct address literal;
	uint32_t port = 0;
	*list = (struct address_list){ 0 };
	*job = NULL;
	if (endpoint->triple.family == AF_UNIX)
		return address_unix(endpoint->path, &literal, error) ? -1 : one_address(list, &literal, error);
	if (endpoint->triple.family == AF_VSOCK)
		return address_vsock(endpoint->host, endpoint->service, passive, &literal, error)
			   ? -1
			   : one_address(list, &literal, error);
	int host_known = known_host(endpoint, passive, &literal, error);
	int port_known = host_known < 0 ? -1 : port_number(endpoint->service, 65535, &port, error);
	if (port_known < 0)
		return -1;
	if (host_known && port_known) {
		address_set_port(&literal, port);
		return one_address(list, &literal, error);
	}
	struct resolve_job *new = calloc(1, sizeof *new);
	if (!new)
		return no_memory(error);
	*new = (struct resolve_job){
		.literal = literal, .port = port, .triple = endpoint->triple, .passive = passive, .holders = 1
	};
	new->done = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	new->host = host_known ? NULL : strdup(endpoint->host);
	new->service = port_known ? NULL : strdup(endpoint->service);
	if (new->done < 0 || (!host_known && !new->host) || (!port_known && !new->service)) {
		release(new);
		return no_memory(error);
	}
	if (start_thread(new, error))
		return -1;
	*job = new;
	return 0;
}

int resolve_fd(const struct resolve_job *job)
{
	return job->done;
}

int resolve_no_service(const char *service, bool datagrams, struct error *error)
{
	char shown[300];
	return error_set(error, ERROR_RESOLVE, 0, "service '%s' is not known%s", TEXT_SHOW(shown, service),
			 datagrams ? " for UDP" : "");
}

static int failed(const struct resolve_job *job, struct error *error)
{
	char shown[300];
	const char *why = job->failure == EAI_SYSTEM ? strerror(job->number) : gai_strerror(job->failure);
	if (job->failure == EAI_MEMORY)
		return no_memory(error);
	/* The service is to blame where the host was no question, or where the resolver says so. */
	if (job->service && (!job->host || job->failure == EAI_SERVICE))
		return resolve_no_service(job->service, job->triple.type == SOCK_DGRAM, error);
	return error_set(error, ERROR_RESOLVE, 0, "name '%s' does not resolve: %s", TEXT_SHOW(shown, job->host), why);
}

/* Every address that was found, with the port; the literal where only the port was looked up. */
static int collect(const struct resolve_job *job, struct address_list *list, struct error *error)
{
	size_t count = 0;
	for (const struct addrinfo *at = job->found; at; at = at->ai_next)
		count++;
	list->items = calloc(count ? count : 1, sizeof *list->items);
	if (!list->items)
		return no_memory(error);
	for (const struct addrinfo *at = job->found; at; at = at->ai_next) {
		struct address *item = &list->items[list->count];
		if (at->ai_addrlen > sizeof item->storage)
			continue;
		memcpy(&item->storage, at->ai_addr, at->ai_addrlen);
		item->length = at->ai_addrlen;
		uint32_t port = job->service ? address_port(item) : job->port;
		if (!job->host)
			*item = job->literal;
		address_set_port(item, port);
		list->count++;
		if (!job->host)
			break;
	}
	return 0;
}

int resolve_finish(struct resolve_job *job, struct address_list *list, struct error *error)
{
	*list = (struct address_list){ 0 };
	int result = job->failure ? failed(job, error) : collect(job, list, error);
	release(job);
	if (!result && !list->count) {
		resolve_free(list);
		return error_set(error, ERROR_RESOLVE, 0, "the name has no address");
	}
	return result;
}

void resolve_abandon(struct resolve_job *job)
{
	if (job)
		release(job);
}

/* Walks the places in order and pulls forward the next address whose family differs from the one before it. */
void resolve_interleave(struct address_list *list)
{
	for (size_t i = 1; i < list->count; i++) {
		sa_family_t before = list->items[i - 1].any.sa_family;
		size_t next = i;
		while (next < list->count && list->items[next].any.sa_family == before)
			next++;
		if (next == list->count)
			return;
		struct address moved = list->items[next];
		memmove(&list->items[i + 1], &list->items[i], (next - i) * sizeof moved);
		list->items[i] = moved;
	}
}

int resolve_copy(const struct address_list *list, struct address_list *copy, struct error *error)
{
	*copy = (struct address_list){ calloc(list->count, sizeof *list->items), list->count };
	if (!copy->items)
		return no_memory(error);
	memcpy(copy->items, list->items, list->count * sizeof *list->items);
	return 0;
}

void resolve_free(struct address_list *list)
{
	free(list->items);
	*list = (struct address_list){ 0 };
}
