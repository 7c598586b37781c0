/* The rows of --proxy, and what does not go with it. */
#include "commands/options.h"
#include "commands/settings.h"

#define AT(field) .offset = offsetof(struct settings, field)

static const struct option proxy[] = {
	{ "proxy", 0, OPTION_TEXT, AT(proxy), "URL",
	  "go through this proxy: http://, socks4://, socks4a:// or socks5://[user:pass@]HOST[:PORT]" },
	{ "proxy-auth-file", 0, OPTION_TEXT, AT(proxy_auth_file), "FILE",
	  "tell the proxy the 'user:pass' of this file's one line" },
};
OPTION_GROUP(options_proxy, "A proxy", proxy);

const struct option_rule options_proxy_rules[] = {
	{ OPTION_NEEDS, "proxy-auth-file", "proxy" },
	{ OPTION_CONFLICT, "proxy", "u" },
	{ OPTION_RULES_END, NULL, NULL },
};
