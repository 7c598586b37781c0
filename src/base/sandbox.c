#include "base/sandbox.h"

#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of Linux 5.13, with the same numbers everywhere but on Alpha; headers may be older. */
#ifdef SYS_landlock_create_ruleset
enum {
	CREATE_RULESET = SYS_landlock_create_ruleset,
	ADD_RULE = SYS_landlock_add_rule,
	RESTRICT_SELF = SYS_landlock_restrict_self
};
#else
enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446 };
#endif

enum { VERSION = 1, BENEATH = 1 }; /* LANDLOCK_CREATE_RULESET_VERSION, LANDLOCK_RULE_PATH_BENEATH */

/* What can be forbidden, by the ABI that first could (linux/landlock.h). */
#define FILES_1     (uint64_t)0x1fff
#define WRITE_FILE  (uint64_t)(1 << 1)
#define READ_FILE   (uint64_t)(1 << 2)
#define READ_FOLDER (uint64_t)(1 << 3)
#define REMOVE_FILE (uint64_t)(1 << 5)
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
/* Leak checking reads /proc and traces its own process: such a build can have no sandbox. */
enum { LACKING = true };
#else
enum { LACKING = false };
#endif

/* Of the file behind a descriptor. Refused for a pipe, which can be opened by /proc in any case. */
static void allow(int rules, int fd, uint64_t access)
{
	const struct {
		uint64_t allowed;
		int32_t fd;
	} __attribute__((packed)) rule = { access, fd };
	(void)syscall(ADD_RULE, rules, BENEATH, &rule, 0);
}

static uint64_t files_to_forbid(int abi, unsigned keep)
{
	uint64_t all = FILES_1 | (abi >= 2 ? FILES_2 : 0) | (abi >= 3 ? FILES_3 : 0) | (abi >= 5 ? FILES_5 : 0);
	return all & ~((keep & SANDBOX_READ ? READ_FILE | READ_FOLDER : 0) | (keep & SANDBOX_REMOVE ? REMOVE_FILE : 0));
}

static void restrict_self(unsigned keep, struct sandbox *held)
{
	held->abi = (int)syscall(CREATE_RULESET, NULL, 0, VERSION);
	if (held->abi < 1) {
		held->abi = 0;
		return;
	}
	const struct {
		uint64_t files, tcp;
	} handled = { files_to_forbid(held->abi, keep), held->abi >= 4 && !(keep & SANDBOX_TCP) ? TCP_4 : 0 };
	int rules = (int)syscall(CREATE_RULESET, &handled, held->abi >= 4 ? sizeof handled : sizeof handled.files, 0);
	if (rules < 0)
		return;
	if (keep & SANDBOX_STANDARD) {
		allow(rules, STDIN_FILENO, READ_FILE);
		allow(rules, STDOUT_FILENO, WRITE_FILE);
	}
	held->files = !syscall(RESTRICT_SELF, rules, 0);
	held->tcp = held->files && handled.tcp;
	(void)close(rules); /* nothing was written to it */
}

bool sandbox_enter(unsigned keep, struct sandbox *held)
{
	*held = (struct sandbox){ 0 };
	if (LACKING)
		return false;
	held->privileges = !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (held->privileges)
		restrict_self(keep, held);
	held->memory = !prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return true;
}
