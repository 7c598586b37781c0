#include "relay/signals.h"

#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int hold(sigset_t *ours)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction now, ignore = { .sa_handler = SIG_IGN };
	if (sigemptyset(ours) || sigemptyset(&ignore.sa_mask) || sigaction(SIGPIPE, &ignore, NULL) ||
	    sigaction(SIGXFSZ, &ignore, NULL))
		return -1;
	for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++)
		if (sigaction(ending[i], NULL, &now) || (now.sa_handler != SIG_IGN && sigaddset(ours, ending[i])))
			return -1;
	return sigprocmask(SIG_BLOCK, ours, NULL);
}

int signals_hold(void)
{
	sigset_t ours;
	return hold(&ours);
}

int signals_open(void)
{
	sigset_t ours;
	return hold(&ours) ? -1 : signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
}

int signals_take(int fd)
{
	struct signalfd_siginfo info;
	return read(fd, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}
