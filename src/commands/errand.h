/* errand: where http-get asks, and with what words: the URL, what belongs to its host alone, and the way there. */
#ifndef SKT_COMMANDS_ERRAND_H
#define SKT_COMMANDS_ERRAND_H

#include "commands/context.h"
#include "http/request.h"
#include "http/url.h"
#include "net/triple.h"

enum { ERRAND_HOPS = 20 };

struct errand {
	const struct settings *settings;
	const struct url *first; /* of the command line */
	struct url moved;        /* where the last redirect led; all zero before */
	struct request request;  /* points into this struct */
	unsigned hops;
	char *credentials;                    /* for the host of the command line; owned */
	const struct endpoint *proxy;         /* of an HTTP proxy, which is asked for the whole URL; or NULL */
	char *proxy_credentials;              /* owned */
	char *moved_credentials;              /* of a redirect's own URL; owned */
	const char *fields[OPTION_LIST_MOST]; /* of --header, but those that are for the first host alone */
};

/* The first request, by the settings. `url` must outlive the errand. -1: a file with credentials
 * cannot be read. errand_free either way. */
int errand_begin(struct errand *errand, const struct context *context, const struct url *url, struct error *error);

/* The next one goes where `location` leads. To another host or port no credentials are sent: no user name of the
 * command line, no Authorization, Cookie or Host given by --header; a URL in `location` may bring its own. -1:
 * ERROR_PROTOCOL: https, nonsense, or more than ERRAND_HOPS. */
int errand_redirect(struct errand *errand, const char *location, struct error *error);

/* Whom to connect to; *endpoint has the triple of the command line, and points into the errand. */
void errand_endpoint(const struct errand *errand, struct endpoint *endpoint);

void errand_free(struct errand *errand);

#endif
