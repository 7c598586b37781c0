#include "base/sandbox.h"

#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of Linux 5.13, with the same numbers everywhere but on Alpha; headers may be older. */
#ifdef SYS_landlock_create_ruleset
enum { CREATE_RULESET = SYS_landlock_create_ruleset, RESTRICT_SELF = SYS_landlock_restrict_self };
#else
enum { CREATE_RULESET = 444, RESTRICT_SELF = 446 };
#endif

enum { VERSION = 1 }; /* LANDLOCK_CREATE_RULESET_VERSION */

/* What can be forbidden, by the ABI that first could (linux/landlock.h). */
#define FILES_1     (uint64_t)0x1fff
#define REMOVE_FILE (uint64_t)(1 << 5)  /* left alone: the path of a socket goes with its server */
#define FILES_2     (uint64_t)(1 << 13) /* link and rename between folders */
#define FILES_3     (uint64_t)(1 << 14) /* truncate */
#define FILES_5     (uint64_t)(1 << 15) /* ioctl on devices that are opened later */
#define TCP_4       (uint64_t)3         /* bind, connect */

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(SANITIZED)
/* Leak checking reads /proc and traces its own process. */
static bool wanted(void)
{
	return false;
}
#else
static bool wanted(void)
{
	return true;
}
#endif

static void restrict_self(struct sandbox *held)
{
	struct {
		uint64_t files, tcp;
	} handled = { FILES_1 & ~REMOVE_FILE, 0 };
	held->abi = (int)syscall(CREATE_RULESET, NULL, 0, VERSION);
	if (held->abi < 1) {
		held->abi = 0;
		return;
	}
	handled.files |=
	    (held->abi >= 2 ? FILES_2 : 0) | (held->abi >= 3 ? FILES_3 : 0) | (held->abi >= 5 ? FILES_5 : 0);
	handled.tcp = held->abi >= 4 ? TCP_4 : 0;
	int rules = (int)syscall(CREATE_RULESET, &handled, held->abi >= 4 ? sizeof handled : sizeof handled.files, 0);
	if (rules < 0)
		return;
	held->files = !syscall(RESTRICT_SELF, rules, 0);
	held->tcp = held->files && handled.tcp;
	(void)close(rules); /* nothing was written to it */
}

void sandbox_enter(struct sandbox *held)
{
	*held = (struct sandbox){ 0 };
	if (!wanted())
		return;
	held->privileges = !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (held->privileges)
		restrict_self(held);
	held->memory = !prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
