#include "commands/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

static const char shell_path[] = "/bin/sh";

/* 0, or why the file cannot be executed. */
static int obstacle(const char *path)
{
	struct stat found;
	if (stat(path, &found))
		return errno;
	if (!S_ISREG(found.st_mode))
		return EACCES;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) ? errno : 0;
}

static int refuse(const char *name, int number, struct error *error)
{
	char shown[300];
	enum error_class class = number == ENOENT || number == ENOTDIR ? ERROR_NOT_FOUND : ERROR_CANNOT_EXECUTE;
	return error_system(error, class, number, "command '%s'", TEXT_SHOW(shown, name));
}

/* The folders of PATH, one after the other. What is there but may not be executed is passed over, and counts in the end
 * (execvp(3)). The errno, or 0. */
static int search(struct program *program, const char *name)
{
	const char *folders = getenv("PATH");
	int result = ENOENT;
	if (!folders)
		folders = "/bin:/usr/bin";
	for (const char *at = folders;; at++) {
		size_t n = strcspn(at, ":");
		int length = snprintf(program->path, PROGRAM_PATH, "%.*s%s%s", (int)n, at, n ? "/" : "", name);
		int number = length < 0 || length >= PROGRAM_PATH ? ENAMETOOLONG : obstacle(program->path);
		if (!number)
			return 0;
		if (number == EACCES)
			result = EACCES;
		at += n;
		if (!*at)
			return result;
	}
}

int program_find(struct program *program, const char *exec, char **command, struct error *error)
{
	if (!exec && !command)
		return 0;
	if (exec) {
		static char sh[] = "sh", c[] = "-c";
		program->shell[0] = sh;
		program->shell[1] = c;
		program->shell[2] = (char *)(uintptr_t)exec; /* argv is the kernel's to copy, not to change */
		command = program->shell;
	}
	const char *name = exec ? shell_path : command[0];
	int number = !*name                                         ? ENOENT
		     : !strchr(name, '/')                           ? search(program, name)
		     : text_copy(program->path, PROGRAM_PATH, name) ? ENAMETOOLONG
								    : obstacle(name);
	if (number)
		return refuse(name, number, error);
	program->words = command;
	(void)signal(SIGCHLD, SIG_DFL); /* who started us may have it ignored: the kernel would reap before we can */
	return 0;
}

/* A script without #! is the shell's, as execvp(3) has it. The errno. */
static int spawn_script(pid_t *pid, const struct program *program, const posix_spawn_file_actions_t *actions,
			const posix_spawnattr_t *attributes, char *const *environment)
{
	static char sh[] = "sh";
	size_t n = 0;
	while (program->words[n])
		n++;
	char **words = calloc(n + 2, sizeof *words);
	if (!words)
		return ENOMEM;
	words[0] = sh;
	words[1] = (char *)(uintptr_t)program->path; /* as above */
	for (size_t i = 1; i < n; i++)
		words[i + 1] = program->words[i];
	int number = posix_spawn(pid, shell_path, actions, attributes, words, environment);
	free(words);
	return number;
}

/* What the program starts with. The errno. */
static int prepare(int fd, bool group, posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes)
{
	short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
	sigset_t all, none;
	memset(&all, 0xff, sizeof all); /* sigfillset(3) spares two, which glibc's posix_spawn would then ignore */
	if (sigemptyset(&none))
		return errno;
	if (group)
		flags |= POSIX_SPAWN_SETPGROUP; /* 0, the default: one of its own */
	int number = posix_spawn_file_actions_adddup2(actions, fd, STDIN_FILENO);
	number = number ? number : posix_spawn_file_actions_adddup2(actions, fd, STDOUT_FILENO);
	number = number ? number : posix_spawnattr_setsigdefault(attributes, &all);
	number = number ? number : posix_spawnattr_setsigmask(attributes, &none);
	return number ? number : posix_spawnattr_setflags(attributes, flags);
}

static int spawn(pid_t *pid, const struct program *program, int fd, char *const *environment, bool group)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int number = posix_spawn_file_actions_init(&actions);
	if (number)
		return number;
	number = posix_spawnattr_init(&attributes);
	if (!number) {
		number = prepare(fd, group, &actions, &attributes);
		if (!number)
			number = posix_spawn(pid, program->path, &actions, &attributes, program->words, environment);
		if (number == ENOEXEC)
			number = spawn_script(pid, program, &actions, &attributes, environment);
		(void)posix_spawnattr_destroy(&attributes); /* cannot fail on what was made */
	}
	(void)posix_spawn_file_actions_destroy(&actions); /* likewise */
	return number;
}

int program_start(const struct program *program, int fd, char *const *environment, bool group, pid_t *pid,
		  struct error *error)
{
	char shown[300];
	int flags = fcntl(fd, F_GETFL);
	int number = flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) ? errno : 0;
	if (!number)
		number = spawn(pid, program, fd, environment, group);
	/* It was there before: whatever is the matter now, it cannot be executed. */
	return number
		   ? error_system(error, ERROR_CANNOT_EXECUTE, number, "command '%s'", TEXT_SHOW(shown, program->path))
		   : 0;
}
