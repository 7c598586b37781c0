#include "base/watch.h"

#include <sys/epoll.h>

void watch_add(struct machine *machine, struct watch *watch, int fd)
{
	*watch = (struct watch){ .owner = machine, .next = machine->watches, .fd = fd };
	machine->watches = watch;
}

void watch_remove(struct machine *machine, struct watch *watch)
{
	for (struct watch **at = &machine->watches; *at; at = &(*at)->next) {
		if (*at != watch)
			continue;
		*at = watch->next;
		if (watch->registered)
			(void)epoll_ctl(watch->epoll, EPOLL_CTL_DEL, watch->fd, NULL); /* gone already is gone too */
		*watch = (struct watch){ .fd = -1 };
		return;
	}
}
