#include "relay/gather.h"

#include <sys/socket.h>

#include "base/clock.h"

enum { LARGE = 64 * 1024, IN_A_ROW = 8, MARK = 256 * 1024 };
#define MOMENT (2 * CLOCK_MS)

static void set_mark(struct gather *gather, const struct flow *flow, int bytes)
{
	/* Refused, it costs only wake-ups. */
	gather->raised = !setsockopt(flow->source->fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes) && bytes > 1;
}

/* The mark must stay well below the window: else the kernel would fix the buffer at it (tcp_set_rcvlowat). */
static bool has_room(const struct flow *flow)
{
	int room = 0;
	socklen_t size = sizeof room;
	return !getsockopt(flow->source->fd, SOL_SOCKET, SO_RCVBUF, &room, &size) && room >= 4 * MARK;
}

void gather_moved(struct gather *gather, const struct flow *flow, uint64_t bytes, int64_t now)
{
	if (!flow->source->tcp || flow->source->name || flow->piece)
		return;
	if (!gather->raised) {
		gather->large = bytes >= LARGE ? (uint8_t)(gather->large + 1) : 0;
		if (gather->large < IN_A_ROW || flow->left < MARK)
			return;
		gather->large = 0;
		if (!has_room(flow))
			return;
		set_mark(gather, flow, MARK);
	}
	gather->until = now + MOMENT;
}

void gather_check(struct gather *gather, const struct flow *flow, int64_t now)
{
	if (gather->raised && now >= gather->until)
		set_mark(gather, flow, 1);
}

int64_t gather_due(const struct gather *gather)
{
	return gather->raised ? gather->until : CLOCK_NEVER;
}
