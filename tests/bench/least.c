/* least: the bare system calls that a piece of work needs, in a loop, and nothing beside them: no options, no limits,
 * one direction, one way of failing. tests/bench/run measures skt against it; the difference is what skt adds.
 * The two ends of a stream and the helpers of the bench are jobs of this one program, see jobs[] below. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	PIPE_SIZE = 1 << 20,
	COPY_SIZE = 1 << 17,
	STRETCH = 1 << 30,          /* of one sendfile(): it stops at the end of the file */
	DATAGRAM = 1 << 16,
	BATCH = 64,                 /* datagrams a call */
	SEGMENT_ROOM = 65000,       /* bytes that one call with UDP_SEGMENT may carry, headers aside */
	SEGMENT_OPTION = 103,       /* UDP_SEGMENT and UDP_GRO of linux/udp.h, which old headers of a libc lack */
	GATHER_OPTION = 104,
};

static char space[BATCH * DATAGRAM];

static long check(long result, const char *what)
{
	if (result < 0) {
		perror(what);
		exit(1);
	}
	return result;
}

static long number(const char *text)
{
	char *end;
	long value = strtol(text, &end, 10);
	if (*end || end == text || value < 0) {
		fprintf(stderr, "least: %s is no number\n", text);
		exit(2);
	}
	return value;
}

union name {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_un un;
};

/* A port of 127.0.0.1, or a path that begins with a slash. */
static socklen_t name_of(const char *text, union name *name)
{
	*name = (union name){ 0 };
	if (*text == '/') {
		name->un.sun_family = AF_UNIX;
		snprintf(name->un.sun_path, sizeof name->un.sun_path, "%s", text);
		return sizeof name->un;
	}
	name->in.sin_family = AF_INET;
	name->in.sin_port = htons((in_port_t)number(text));
	name->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return sizeof name->in;
}

static int dial(const char *address, int type)
{
	union name name;
	socklen_t length = name_of(address, &name);
	int fd = (int)check(socket(name.any.sa_family, type, 0), "socket");
	check(connect(fd, &name.any, length), "connect");
	return fd;
}

static int serve(const char *address, int type)
{
	union name name;
	socklen_t length = name_of(address, &name);
	int on = 1, fd = (int)check(socket(name.any.sa_family, type, 0), "socket");
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	check(bind(fd, &name.any, length), "bind");
	if (type == SOCK_STREAM)
		check(listen(fd, 512), "listen");
	return fd;
}

static int serve_one(const char *address)
{
	int listener = serve(address, SOCK_STREAM), fd = (int)check(accept(listener, NULL, NULL), "accept");
	close(listener);
	return fd;
}

/* Streams: standard input to a socket, a socket to standard output */

static void copy(int from, int to)
{
	long got;
	while ((got = check(read(from, space, COPY_SIZE), "read")) > 0)
		for (long gone = 0; gone < got;)
			gone += check(write(to, space + gone, (size_t)(got - gone)), "write");
}

static int send_copy(char **arguments)
{
	copy(0, dial(arguments[0], SOCK_STREAM));
	return 0;
}

static int send_file(char **arguments)
{
	int fd = dial(arguments[0], SOCK_STREAM);
	while (check(sendfile(fd, 0, NULL, STRETCH), "sendfile") > 0)
		;
	return 0;
}

static int send_pipe(char **arguments)
{
	int fd = dial(arguments[0], SOCK_STREAM);
	fcntl(0, F_SETPIPE_SZ, PIPE_SIZE);
	while (check(splice(0, NULL, fd, NULL, PIPE_SIZE, SPLICE_F_MOVE | SPLICE_F_MORE), "splice") > 0)
		;
	return 0;
}

static int take_copy(char **arguments)
{
	copy(serve_one(arguments[0]), 1);
	return 0;
}

static int take_pipe(char **arguments)
{
	int fd = serve_one(arguments[0]);
	fcntl(1, F_SETPIPE_SZ, PIPE_SIZE);
	while (check(splice(fd, NULL, 1, NULL, PIPE_SIZE, SPLICE_F_MOVE), "splice") > 0)
		;
	return 0;
}

/* What is no pipe is reached through one. */
static int take_file(char **arguments)
{
	int fd = serve_one(arguments[0]), ends[2];
	check(pipe(ends), "pipe");
	fcntl(ends[1], F_SETPIPE_SZ, PIPE_SIZE);
	long held;
	while ((held = check(splice(fd, NULL, ends[1], NULL, PIPE_SIZE, SPLICE_F_MOVE), "splice")) > 0)
		while (held > 0)
			held -= check(splice(ends[0], NULL, 1, NULL, (size_t)held, SPLICE_F_MOVE), "splice");
	return 0;
}

/* Datagrams: as many in one buffer as the kernel cuts up itself, as many buffers as one call takes, one by one */

static void buffers_set(struct mmsghdr *messages, struct iovec *parts, size_t apart, size_t size)
{
	for (size_t i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec){ .iov_base = space + i * apart, .iov_len = size };
		messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &parts[i], .msg_iovlen = 1 } };
	}
}

static int throw_segments(char **arguments)
{
	int fd = dial(arguments[0], SOCK_DGRAM), size = (int)number(arguments[1]);
	long most = SEGMENT_ROOM / size < BATCH ? SEGMENT_ROOM / size : BATCH;
	check(setsockopt(fd, IPPROTO_UDP, SEGMENT_OPTION, &size, sizeof size), "UDP_SEGMENT");
	for (long left = number(arguments[2]); left > 0;) {
		long now = left < most ? left : most;
		left -= check(send(fd, space, (size_t)(now * size), 0), "send") / size;
	}
	return 0;
}

static int throw_batches(char **arguments)
{
	int fd = dial(arguments[0], SOCK_DGRAM);
	size_t size = (size_t)number(arguments[1]);
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	buffers_set(messages, parts, size, size);
	for (long left = number(arguments[2]); left > 0;)
		left -= check(sendmmsg(fd, messages, left < BATCH ? (unsigned)left : BATCH, 0), "sendmmsg");
	return 0;
}

static int throw_single(char **arguments)
{
	int fd = dial(arguments[0], SOCK_DGRAM);
	size_t size = (size_t)number(arguments[1]);
	for (long left = number(arguments[2]); left > 0; left--)
		check(send(fd, space, size, 0), "send");
	return 0;
}

static long receive(int fd)
{
	return recv(fd, space, DATAGRAM, 0);
}

static long receive_batch(int fd)
{
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	buffers_set(messages, parts, DATAGRAM, DATAGRAM);
	long bytes = 0, got = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
	for (long i = 0; i < got; i++)
		bytes += messages[i].msg_len;
	return got < 0 ? got : bytes;
}

/* Prints how many bytes came until nothing did for half a second; at the start it waits ten times as long. */
static int catch(char **arguments, long (*take)(int fd), int gather)
{
	int fd = serve(arguments[0], SOCK_DGRAM), room = 4 << 20, on = 1;
	struct timeval silence = { .tv_usec = 500000 };
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
	if (gather)
		check(setsockopt(fd, IPPROTO_UDP, GATHER_OPTION, &on, sizeof on), "UDP_GRO");
	long bytes = 0;
	for (int patience = 10; patience > 0;) {
		long got = take(fd);
		if (got < 0 && errno != EAGAIN)
			check(got, "recv");
		if (got > 0)
			bytes += got;
		else
			patience = bytes ? 0 : patience - 1;
	}
	printf("%ld\n", bytes);
	return 0;
}

static int catch_segments(char **arguments)
{
	return catch(arguments, receive, 1);
}

static int catch_batches(char **arguments)
{
	return catch(arguments, receive_batch, 0);
}

static int catch_single(char **arguments)
{
	return catch(arguments, receive, 0);
}

/* Helpers of the bench */

static int count(char **arguments)
{
	(void)arguments;
	long bytes = 0, got;
	while ((got = check(read(0, space, PIPE_SIZE), "read")) > 0)
		bytes += got;
	printf("%ld\n", bytes);
	return 0;
}

/* So many clients, one after the other: each is read to its end; then all their bytes are told. */
static int swallow(char **arguments)
{
	int listener = serve(arguments[0], SOCK_STREAM);
	long bytes = 0, got;
	for (long left = number(arguments[1]); left > 0; left--) {
		int fd = (int)check(accept(listener, NULL, NULL), "accept");
		while ((got = check(read(fd, space, COPY_SIZE), "read")) > 0)
			bytes += got;
		close(fd);
	}
	printf("%ld\n", bytes);
	return 0;
}

/* A command so many times, one after the other, each with the file as its input: a shell's loop without the shell. */
static int times(char **arguments)
{
	int status = 0;
	posix_spawn_file_actions_t files;
	check(posix_spawn_file_actions_init(&files) ? -1 : 0, "posix_spawn");
	check(posix_spawn_file_actions_addopen(&files, 0, arguments[1], O_RDONLY, 0) ? -1 : 0, "posix_spawn");
	check(posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0) ? -1 : 0, "posix_spawn");
	for (long left = number(arguments[0]); left > 0 && !status; left--) {
		pid_t child;
		errno = posix_spawnp(&child, arguments[2], &files, NULL, arguments + 2, environ);
		check(errno ? -1 : 0, arguments[2]);
		check(waitpid(child, &status, 0), "waitpid");
	}
	if (status)
		fprintf(stderr, "least: %s failed\n", arguments[2]);
	return status != 0;
}

static const struct job {
	const char *name;
	const char *arguments;
	int least;
	int (*run)(char **arguments);
} jobs[] = {
	{ "send-copy", "ADDRESS", 1, send_copy },
	{ "send-file", "ADDRESS", 1, send_file },
	{ "send-pipe", "ADDRESS", 1, send_pipe },
	{ "take-copy", "ADDRESS", 1, take_copy },
	{ "take-file", "ADDRESS", 1, take_file },
	{ "take-pipe", "ADDRESS", 1, take_pipe },
	{ "throw-segments", "PORT SIZE COUNT", 3, throw_segments },
	{ "throw-batches", "PORT SIZE COUNT", 3, throw_batches },
	{ "throw-single", "PORT SIZE COUNT", 3, throw_single },
	{ "catch-segments", "PORT", 1, catch_segments },
	{ "catch-batches", "PORT", 1, catch_batches },
	{ "catch-single", "PORT", 1, catch_single },
	{ "count", "", 0, count },
	{ "swallow", "PORT CLIENTS", 2, swallow },
	{ "times", "COUNT FILE COMMAND [ARGUMENT...]", 3, times },
};

int main(int argc, char **argv)
{
	const size_t all = sizeof jobs / sizeof *jobs;
	for (size_t i = 0; argc > 1 && i < all; i++)
		if (!strcmp(argv[1], jobs[i].name) && argc - 2 >= jobs[i].least)
			return jobs[i].run(argv + 2);
	for (size_t i = 0; i < all; i++)
		fprintf(stderr, "least %s %s\n", jobs[i].name, jobs[i].arguments);
	return 2;
}
