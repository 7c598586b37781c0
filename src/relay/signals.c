#include "relay/signals.h"

#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

int signals_open(void)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction now, ignore = { .sa_handler = SIG_IGN };
	sigset_t ours;
	if (sigemptyset(&ours) || sigemptyset(&ignore.sa_mask) || sigaction(SIGPIPE, &ignore, NULL) ||
	    sigaction(SIGXFSZ, &ignore, NULL))
		return -1;
	for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++)
		if (sigaction(ending[i], NULL, &now) || (now.sa_handler != SIG_IGN && sigaddset(&ours, ending[i])))
			return -1;
	return sigprocmask(SIG_BLOCK, &ours, NULL) ? -1 : signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
}

int signals_take(int fd)
{
	struct signalfd_siginfo info;
	return read(fd, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}
