/* peer: the other end of a socket, told step by step what to do; for the tests in e2e/.
 *
 *     peer listen FAMILY READY STEP...             bind, listen, write READY, take one client, do the steps
 *     peer bind   FAMILY READY STEP...             as listen, but connections are refused until the step `listen`
 *     peer full   FAMILY READY STEP...             a backlog that is full: connecting gets no answer at all (tcp)
 *     peer connect FAMILY [HOST PORT] STEP...      be the client (HOST PORT for tcp and udp only)
 *
 * FAMILY: tcp4 tcp6 udp4 udp6, with ":ADDRESS" where it is not the loopback one; unix:PATH unixgram:PATH
 * seqpacket:PATH, with @NAME for the abstract namespace. The kernel chooses the port. READY appears by rename and holds
 * "ADDRESS PORT\n", or "PATH\n"; `-` is for no such file. A client is accepted at the first step that needs one. The
 * end of the script closes the connection; bind and full stay until they are killed. A step that takes longer than
 * 60 s ends peer with status 1, as every error does: no test hangs on its peer. `peer help` lists the steps. */
#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

enum { STEP_LIMIT = 60 };

struct peer peer = { .listener = -1, .fd = -1 };

static const char *volatile doing = "starting"; /* for the messages */

void peer_die(int number, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fprintf(stderr, "peer: %s: ", doing);
	vfprintf(stderr, format, arguments);
	fprintf(stderr, number ? ": %s\n" : "\n", strerror(number));
	va_end(arguments);
	fflush(stdout);
	exit(1);
}

static void on_alarm(int number)
{
	static const char text[] = ": not done within 60 s\n";
	const char *step = doing;
	(void)number;
	if (write(2, "peer: ", 6) < 0 || write(2, step, strlen(step)) < 0 || write(2, text, sizeof text - 1) < 0)
		_exit(2);
	_exit(1);
}

unsigned long long peer_number(const char *word)
{
	static const char units[] = "KMG";
	char *end;
	unsigned long long value = strtoull(word, &end, 10);
	if (end == word || *word == '-')
		peer_die(0, "'%s' is not a number", word);
	const char *unit = *end ? strchr(units, *end) : NULL;
	if (*end && (!unit || end[1]))
		peer_die(0, "'%s' is not a number", word);
	return unit ? value << (10 * (unit - units + 1)) : value;
}

size_t peer_unescape(const char *text, char out[ARGUMENT_MOST])
{
	static const char letters[] = "nrt0\\", values[] = "\n\r\t\0\\";
	size_t n = 0;
	for (const char *p = text; *p && n < ARGUMENT_MOST; p++) {
		if (*p != '\\') {
			out[n++] = *p;
			continue;
		}
		const char *letter = *++p ? strchr(letters, *p) : NULL;
		char digits[3] = "", *end = digits;
		if (letter) {
			out[n++] = values[letter - letters];
			continue;
		}
		if (*p == 'x' && p[1] && p[2]) {
			memcpy(digits, p + 1, 2);
			out[n++] = (char)strtoul(digits, &end, 16);
			p += 2;
		}
		if (end != digits + 2)
			peer_die(0, "no such escape in '%s'", text);
	}
	return n;
}

void peer_show(FILE *file, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char byte = (unsigned char)bytes[i];
		if (byte == '\n' || byte == '\r' || byte == '\t')
			fprintf(file, "\\%c", byte == '\n' ? 'n' : byte == '\r' ? 'r' : 't');
		else if (byte < ' ' || byte > '~' || byte == '\\')
			fprintf(file, "\\x%02x", byte);
		else
			fputc(byte, file);
	}
}

/* The row that a word like "tcp4" or "unix:PATH" means; its address is what follows the colon. */
static struct family family_of(const char *word)
{
	static const struct family rows[] = {
		{ "tcp4", AF_INET, SOCK_STREAM, "127.0.0.1" },   { "tcp6", AF_INET6, SOCK_STREAM, "::1" },
		{ "udp4", AF_INET, SOCK_DGRAM, "127.0.0.1" },    { "udp6", AF_INET6, SOCK_DGRAM, "::1" },
		{ "unix", AF_UNIX, SOCK_STREAM, NULL },          { "unixgram", AF_UNIX, SOCK_DGRAM, NULL },
		{ "seqpacket", AF_UNIX, SOCK_SEQPACKET, NULL },
	};
	size_t length = strcspn(word, ":");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct family family = rows[i];
		if (strlen(family.word) != length || strncmp(family.word, word, length) != 0)
			continue;
		if (word[length])
			family.address = word + length + 1;
		if (!family.address || !*family.address)
			break;
		return family;
	}
	peer_die(0, "'%s' is no family", word);
}

static socklen_t path_address(const char *path, struct sockaddr_storage *address)
{
	struct sockaddr_un *un = (struct sockaddr_un *)address;
	size_t length = strlen(path);
	if (length >= sizeof un->sun_path)
		peer_die(0, "'%s' is too long", path);
	memset(un, 0, sizeof *un);
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, length);
	if (*path == '@')
		un->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (*path != '@'));
}

static socklen_t address_of(const char *host, const char *port, struct sockaddr_storage *address)
{
	const struct addrinfo hints = { .ai_family = peer.family.domain, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found;
	if (peer.family.domain == AF_UNIX)
		return path_address(host, address);
	int failed = getaddrinfo(host, port, &hints, &found);
	if (failed)
		peer_die(0, "%s %s: %s", host, port, gai_strerror(failed));
	socklen_t size = found->ai_addrlen;
	memcpy(address, found->ai_addr, size);
	freeaddrinfo(found);
	return size;
}

static int new_socket(void)
{
	int fd = socket(peer.family.domain, peer.family.type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		peer_die(errno, "socket");
	return fd;
}

/* Tells the test where we are, in one piece: a reader sees the whole line or no file. */
static void write_ready(const char *path, int fd)
{
	char part[4096], host[NI_MAXHOST], port[NI_MAXSERV];
	struct sockaddr_storage address;
	socklen_t size = sizeof address;
	if (strcmp(path, "-") == 0)
		return;
	snprintf(part, sizeof part, "%s.part", path);
	FILE *file = fopen(part, "we");
	if (!file)
		peer_die(errno, "%s", part);
	if (peer.family.domain == AF_UNIX) {
		fprintf(file, "%s\n", peer.family.address);
	} else {
		if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
			peer_die(errno, "getsockname");
		int failed = getnameinfo((struct sockaddr *)&address, size, host, sizeof host, port, sizeof port,
					 NI_NUMERICHOST | NI_NUMERICSERV);
		if (failed)
			peer_die(0, "getnameinfo: %s", gai_strerror(failed));
		fprintf(file, "%s %s\n", host, port);
	}
	if (fclose(file) || rename(part, path) < 0)
		peer_die(errno, "%s", path);
}

/* Connects to ourselves until one attempt hangs: whoever comes next is met by silence. */
static void fill_backlog(void)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof address;
	if (listen(peer.listener, 0) < 0 || getsockname(peer.listener, (struct sockaddr *)&address, &size) < 0)
		peer_die(errno, "listen");
	for (int i = 0; i < 64; i++) {
		struct pollfd wait = { .fd = new_socket(), .events = POLLOUT };
		if (fcntl(wait.fd, F_SETFL, O_NONBLOCK) < 0)
			peer_die(errno, "fcntl");
		if (connect(wait.fd, (struct sockaddr *)&address, size) < 0 && errno != EINPROGRESS)
			peer_die(errno, "connect");
		if (poll(&wait, 1, 200) == 0)
			return;
	}
	peer_die(0, "the backlog cannot be filled here");
}

static void accept_client(void)
{
	if (peer.fd >= 0 || peer.listener < 0)
		return;
	peer.from_size = sizeof peer.from;
	peer.fd = accept(peer.listener, (struct sockaddr *)&peer.from, &peer.from_size);
	if (peer.fd < 0)
		peer_die(errno, "accept");
	peer.met = true;
}

static const struct step *step_of(const char *word)
{
	for (const struct step *step = peer_steps; step->name; step++)
		if (strcmp(step->name, word) == 0)
			return step;
	peer_die(0, "there is no step '%s'; see 'peer help'", word);
}

/* A wrong script is told before any of it is done. */
static void check_script(char **word)
{
	while (*word) {
		const struct step *step = step_of(*word++);
		for (int i = 0; i < step->arguments; i++)
			if (!*word++)
				peer_die(0, "'%s' lacks an argument: %s", step->name, step->help);
	}
}

static char **run_step(char **word)
{
	const struct step *step = step_of(*word);
	doing = step->name;
	alarm(STEP_LIMIT);
	if (step->client)
		accept_client();
	step->run(word + 1);
	fflush(stdout); /* the test may be waiting for it, and it may kill us next */
	return word + 1 + step->arguments;
}

static void run_script(char **script)
{
	do {
		peer.again = false;
		for (char **word = script; *word;)
			word = run_step(word);
		if (!peer.met)
			accept_client();
		if (!peer.again || peer.listener < 0)
			continue;
		if (peer.fd >= 0)
			close(peer.fd);
		peer.fd = -1;
		peer.met = false;
		peer.held = 0;
	} while (peer.again);
}

/* A datagram socket that is connected hears its peer only; to all others the kernel says that nobody is there. */
static void refuse_datagrams(int fd)
{
	struct sockaddr_storage own;
	socklen_t size = sizeof(own);
	if (getsockname(fd, (struct sockaddr *)&own, &size) < 0 || connect(fd, (struct sockaddr *)&own, size) < 0)
		peer_die(errno, "cannot refuse datagrams");
}

/* argument: FAMILY READY STEP... */
static void serve(const char *role, char **argument)
{
	struct sockaddr_storage address;
	char **script = argument + 2;
	peer.family = family_of(argument[0]);
	bool datagram = peer.family.type == SOCK_DGRAM, silent = strcmp(role, "listen") != 0;
	socklen_t size = address_of(peer.family.address, "0", &address);
	int fd = new_socket();
	if (bind(fd, (struct sockaddr *)&address, size) < 0)
		peer_die(errno, "%s", argument[0]);
	*(datagram ? &peer.fd : &peer.listener) = fd;
	peer.met = datagram || silent;
	if (datagram && silent)
		refuse_datagrams(fd);
	if (*script && strcmp(*script, "rcvbuf") == 0)
		script = run_step(script);
	if (strcmp(role, "full") == 0)
		fill_backlog();
	else if (!silent && !datagram && listen(fd, 128) < 0)
		peer_die(errno, "listen");
	write_ready(argument[1], fd);
	run_script(script);
	if (silent && (datagram || peer.fd < 0))
		pause();
}

/* argument: FAMILY [HOST PORT] STEP... */
static void be_client(char **argument)
{
	struct sockaddr_storage address;
	peer.family = family_of(argument[0]);
	bool path = peer.family.domain == AF_UNIX;
	if (!path && (!argument[1] || !argument[2]))
		peer_die(0, "HOST PORT are missing");
	socklen_t size = address_of(path ? peer.family.address : argument[1], path ? NULL : argument[2], &address);
	char **script = argument + (path ? 1 : 3);
	check_script(script);
	peer.fd = new_socket();
	peer.met = true;
	if (*script && strcmp(*script, "rcvbuf") == 0)
		script = run_step(script);
	alarm(STEP_LIMIT);
	if (connect(peer.fd, (struct sockaddr *)&address, size) < 0)
		peer_die(errno, "cannot connect");
	run_script(script);
}

static bool is_server(const char *role)
{
	return strcmp(role, "listen") == 0 || strcmp(role, "bind") == 0 || strcmp(role, "full") == 0;
}

int main(int argc, char **argv)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	sigaction(SIGALRM, &action, NULL);
	alarm(STEP_LIMIT);
	if (argc == 2 && strcmp(argv[1], "help") == 0) {
		for (const struct step *step = peer_steps; step->name; step++)
			printf("%-15s %s\n", step->name, step->help);
	} else if (argc >= 3 && strcmp(argv[1], "connect") == 0) {
		be_client(argv + 2);
	} else if (argc >= 4 && is_server(argv[1])) {
		check_script(argv + 4);
		serve(argv[1], argv + 2);
	} else {
		peer_die(0,
			 "usage: peer listen|bind|full FAMILY READY STEP..., peer connect FAMILY [HOST PORT] STEP...");
	}
	if (fflush(stdout))
		peer_die(errno, "standard output");
	return 0;
}
