#include "net/serve.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "net/call.h"

/* What is set before bind(2), beyond what the user asked for. */
static int prepare(int fd, const struct serve_plan *plan, const struct address *at, const struct triple *triple,
		   struct error *error)
{
	const struct trace *trace = plan->trace;
	if (at->any.sa_family == AF_INET6) {
		int only = plan->at->triple.family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(&at->in6.sin6_addr);
		const char *what = only ? "IPPROTO_IPV6, IPV6_V6ONLY, 1" : "IPPROTO_IPV6, IPV6_V6ONLY, 0";
		if (sockopt_set(trace, fd, IPPROTO_IPV6, IPV6_V6ONLY, only, what))
			return error_system(error, ERROR_UNEXPECTED, errno, "IPV6_V6ONLY");
	}
	/* A server may start again while old connections are in TIME_WAIT. Not for datagrams: there it would let a
	 * second receiver steal from the first; but what is sent to a group all of them get. */
	bool shared = triple->type != SOCK_DGRAM || plan->groups.groups_count;
	if (shared && at->any.sa_family != AF_UNIX &&
	    sockopt_set(trace, fd, SOL_SOCKET, SO_REUSEADDR, 1, "SOL_SOCKET, SO_REUSEADDR, 1"))
		return error_system(error, ERROR_UNEXPECTED, errno, "SO_REUSEADDR");
	return sockopt_apply(plan->options, SOCKOPT_BEFORE_BIND, fd, triple, NULL, trace, error);
}

static int bind_there(struct server *server, const struct serve_plan *plan, const struct address *at,
		      struct error *error)
{
	char shown[ADDRESS_TEXT];
	if (prepare(server->fd, plan, at, &server->triple, error))
		return -1;
	if (at->any.sa_family == AF_UNIX)
		return path_make_way(at, plan->trace, error) ||
			       path_bind(&server->claim, server->fd, at, plan->mode, plan->trace, error)
			   ? -1
			   : 0;
	if (!call_bind(plan->trace, server->fd, at))
		return 0;
	/* CID 1, the loopback, is everybody's: when it is not there the transport is not. */
	if (at->any.sa_family == AF_VSOCK && at->vm.svm_cid == 1 && errno == EADDRNOTAVAIL)
		return error_system(error, ERROR_UNEXPECTED, errno,
				    "bind to %.300s: this kernel has no vsock transport for that",
				    address_show(shown, at));
	return error_system(error, ERROR_BIND, errno, "bind to %.300s", address_show(shown, at));
	return 0;
}

/* What is set and joined once the socket is bound. */
static int make_ready(struct server *server, const struct serve_plan *plan, struct error *error)
{
	const struct triple *triple = &server->triple;
	address_local(server->fd, &server->local);
	if (sockopt_apply(plan->options, SOCKOPT_BEFORE_LISTEN, server->fd, triple, NULL, plan->trace, error) ||
	    md5_sign_all(plan->md5, server->fd, triple, plan->trace, error) ||
	    group_check(&plan->groups, triple->family == AF_INET ? AF_INET : AF_UNSPEC, &server->local, error) ||
	    group_join(&plan->groups, server->fd, triple, plan->trace, error))
		return -1;
	return 0;
}

static int open_at(struct server *server, const struct serve_plan *plan, const struct address *at, struct error *error)
{
	char shown[ADDRESS_TEXT];
	*server = (struct server){ .triple = plan->at->triple };
	server->triple.family = at->any.sa_family;
	server->fd = triple_socket(&server->triple, plan->trace, error);
	if (server->fd < 0)
		return -1;
	if (!bind_there(server, plan, at, error) && !make_ready(server, plan, error)) {
		if (!triple_listens(&server->triple) || !call_listen(plan->trace, server->fd, plan->backlog))
			return 0;
		error_system(error, ERROR_BIND, errno, "listen on %.300s", address_show(shown, at));
	}
	serve_close(server, plan->trace);
	return -1;
}

/* The wildcard of a kernel without IPv6. */
static int open_ipv4(struct server *server, const struct serve_plan *plan, const struct address *at6,
		     struct error *error)
{
	struct address at = { .length = sizeof at.in };
	at.in = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = at6->in6.sin6_port };
	return open_at(server, plan, &at, error);
}

int serve_open(struct server *server, const struct serve_plan *plan, const struct address_list *list,
	       struct error *error)
{
	for (size_t i = 0; i < list->count; i++)
		if (!open_at(server, plan, &list->items[i], error))
			return 0;
	bool wildcard = !plan->at->host && plan->at->triple.family == AF_UNSPEC && list->count;
	if (wildcard && (error->number == EAFNOSUPPORT || error->number == EADDRNOTAVAIL))
		return open_ipv4(server, plan, &list->items[0], error);
	return -1;
}

void serve_close(struct server *server, const struct trace *trace)
{
	path_release(&server->claim); /* first: who finds the path finds a listener */
	for (struct server *at = server, *next; at; at = next) {
		next = at->next;
		if (at->fd >= 0)
			(void)trace_close(trace, at->fd);
		if (at != server)
			free(at);
	}
	server->fd = -1;
	server->next = NULL;
}
