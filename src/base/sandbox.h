/* sandbox: gives up what a process that has all its descriptors no longer needs, by Landlock (landlock(7)) and
 * prctl(2). For the calling thread and what it starts; there is no way back. */
#ifndef SKT_BASE_SANDBOX_H
#define SKT_BASE_SANDBOX_H

#include <stdbool.h>

/* What must go on working. */
enum {
	SANDBOX_READ = 1,     /* files are read: names are looked up */
	SANDBOX_REMOVE = 2,   /* a path is removed: that of a socket of ours */
	SANDBOX_STANDARD = 4, /* standard input and output are opened anew, where they are FIFOs or terminals */
	SANDBOX_TCP = 8,      /* sockets are bound and connected by TCP */
};

struct sandbox {
	bool files;      /* no file can be opened, made or changed any more, but for what was kept */
	bool tcp;        /* nothing can be bound or connected by TCP any more */
	bool privileges; /* execve(2) gives none any more (PR_SET_NO_NEW_PRIVS) */
	bool memory;     /* no core is dumped, and nobody of the same user can look into us (PR_SET_DUMPABLE) */
	int abi;         /* of Landlock; 0: this kernel has none, or it is off */
};

/* Enters it, as far as this kernel can; `keep`: SANDBOX_... or-ed. What is open stays usable. False, and nothing is
 * done: this build has none. */
bool sandbox_enter(unsigned keep, struct sandbox *held);

#endif
