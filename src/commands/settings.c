#include "commands/settings.h"

#include "base/clock.h"
#include "net/triple.h"

void settings_defaults(struct settings *settings)
{
	*settings = (struct settings){ .family = TRIPLE_OPEN,
				       .type = TRIPLE_OPEN,
				       .protocol = TRIPLE_OPEN,
				       .max_bytes = UINT64_MAX,
				       .linger = CLOCK_NEVER,
				       .connect_timeout = CLOCK_NEVER,
				       .accept_timeout = CLOCK_NEVER,
				       .idle_timeout = CLOCK_NEVER,
				       .deadline = CLOCK_NEVER,
				       .wait = CLOCK_NEVER,
				       .attempt_delay = 250 * CLOCK_MS,
				       .retry_interval = CLOCK_S,
				       .parallel = 256,
				       .backlog = UINT64_MAX,
				       .broker_buffer = 1 << 20,
				       .mode = UINT64_MAX,
				       .ready_fd = UINT64_MAX,
				       .count = UINT64_MAX,
				       .repeat = 1,
				       .replies = UINT64_MAX,
				       .reply_wait = CLOCK_NEVER,
				       .clients = UINT64_MAX,
				       .max_clients = UINT64_MAX };
}
