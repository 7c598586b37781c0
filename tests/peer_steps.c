/* peer_steps: what a peer can be told to do, a function a step and a row a function. Every step may take as long as
 * it likes: the alarm that peer.c sets before each ends those that hang. */
#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 1 << 16 };

static void pause_ms(unsigned long long ms)
{
	struct timespec left = { .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 };
	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

/* Sending */

static void send_all(const char *bytes, size_t n)
{
	bool stream = peer.family.type == SOCK_STREAM;
	bool answer = peer.family.type == SOCK_DGRAM && peer.from_size;
	const struct sockaddr *to = answer ? (const struct sockaddr *)&peer.from : NULL;
	do {
		ssize_t sent = sendto(peer.fd, bytes, n, MSG_NOSIGNAL, to, answer ? peer.from_size : 0);
		if (sent < 0)
			peer_die(errno, "cannot send");
		bytes += sent;
		n -= (size_t)sent;
	} while (stream && n);
}

static void step_send(char **argument)
{
	static char text[ARGUMENT_MOST];
	send_all(text, peer_unescape(argument[0], text));
}

static void step_send_bytewise(char **argument)
{
	static char text[ARGUMENT_MOST];
	size_t n = peer_unescape(argument[0], text);
	const int now = 1;
	(void)setsockopt(peer.fd, IPPROTO_TCP, TCP_NODELAY, &now, sizeof now); /* elsewhere a byte is a segment anyway */
	for (size_t i = 0; i < n; i++) {
		send_all(text + i, 1);
		pause_ms(peer_number(argument[1]));
	}
}

static void step_send_file(char **argument)
{
	static char chunk[CHUNK];
	ssize_t n;
	int file = open(argument[0], O_RDONLY | O_CLOEXEC);
	if (file < 0)
		peer_die(errno, "%s", argument[0]);
	while ((n = read(file, chunk, sizeof chunk)) > 0)
		send_all(chunk, (size_t)n);
	if (n < 0)
		peer_die(errno, "%s", argument[0]);
	close(file);
}

static void step_send_zeros(char **argument)
{
	static const char zeros[CHUNK];
	for (unsigned long long left = peer_number(argument[0]), n; left; left -= n) {
		n = left < CHUNK ? left : CHUNK;
		send_all(zeros, (size_t)n);
	}
}

static void step_send_forever(char **argument)
{
	static const char zeros[CHUNK];
	(void)argument;
	while (send(peer.fd, zeros, sizeof zeros, MSG_NOSIGNAL) >= 0)
		;
}

static void step_send_datagrams(char **argument)
{
	static char payload[ARGUMENT_MOST];
	unsigned long long count = peer_number(argument[0]), size = peer_number(argument[1]);
	if (size >= ARGUMENT_MOST)
		peer_die(0, "no datagram has %llu bytes", size);
	memset(payload, '.', (size_t)size);
	for (unsigned long long i = 0; i < count; i++) {
		char name[24];
		int n = snprintf(name, sizeof name, "%08llu", i);
		memcpy(payload, name, (size_t)n < size ? (size_t)n : (size_t)size);
		send_all(payload, (size_t)size);
	}
}

/* Receiving */

/* At most n bytes; 0 is the end (or an empty datagram), -1 an error left to the caller. */
static ssize_t receive(char *bytes, size_t n)
{
	bool datagram = peer.family.type == SOCK_DGRAM;
	socklen_t size = sizeof peer.from;
	struct sockaddr *from = datagram ? (struct sockaddr *)&peer.from : NULL;
	ssize_t got = recvfrom(peer.fd, bytes, n, 0, from, datagram ? &size : NULL);
	if (datagram && got >= 0)
		peer.from_size = size > sizeof(sa_family_t) ? size : 0; /* a unix sender may have no name */
	if (got <= 0)
		return got;
	peer.total += (unsigned long long)got;
	size_t room = HELD_MOST - peer.held;
	memcpy(peer.bytes + peer.held, bytes, (size_t)got < room ? (size_t)got : room);
	peer.held += (size_t)got < room ? (size_t)got : room;
	if (peer.copy && (fwrite(bytes, 1, (size_t)got, stdout) != (size_t)got || fflush(stdout)))
		peer_die(errno, "standard output");
	return got;
}

static void receive_all(char *bytes, size_t size, unsigned long long n)
{
	for (unsigned long long left = n; left;) {
		ssize_t got = receive(bytes + (n <= size ? n - left : 0), left < size ? (size_t)left : size);
		if (got < 0)
			peer_die(errno, "cannot receive");
		if (got == 0)
			peer_die(0, "the end came %llu bytes too early", left);
		left -= (unsigned long long)got;
	}
}

static void step_recv(char **argument)
{
	static char chunk[CHUNK];
	receive_all(chunk, sizeof chunk, peer_number(argument[0]));
}

static void step_expect(char **argument)
{
	static char text[ARGUMENT_MOST], got[ARGUMENT_MOST];
	size_t n = peer_unescape(argument[0], text);
	receive_all(got, sizeof got, n);
	if (memcmp(text, got, n) == 0)
		return;
	fprintf(stderr, "peer: expected '");
	peer_show(stderr, text, n);
	fprintf(stderr, "'\npeer: received '");
	peer_show(stderr, got, n);
	fprintf(stderr, "'\n");
	peer_die(0, "not what was expected");
}

static void receive_to_end(size_t bytes, unsigned long long ms)
{
	static char chunk[CHUNK];
	ssize_t got;
	while ((got = receive(chunk, bytes < sizeof chunk ? bytes : sizeof chunk)) > 0)
		pause_ms(ms);
	if (got < 0)
		peer_die(errno, "cannot receive");
}

static void step_recv_until_eof(char **argument)
{
	(void)argument;
	receive_to_end(CHUNK, 0);
}

/* Bytes behind the text that came together with it are received, too. */
static void step_recv_until(char **argument)
{
	static char text[ARGUMENT_MOST], chunk[CHUNK];
	size_t n = peer_unescape(argument[0], text);
	while (!memmem(peer.bytes, peer.held, text, n))
		if (receive(chunk, sizeof chunk) <= 0)
			peer_die(0, "the text did not come");
}

static void step_recv_slowly(char **argument)
{
	receive_to_end((size_t)peer_number(argument[0]), peer_number(argument[1]));
}

static void step_expect_eof(char **argument)
{
	char byte;
	(void)argument;
	ssize_t got = receive(&byte, 1);
	if (got)
		peer_die(got < 0 ? errno : 0, "expected the end");
}

static void step_expect_reset(char **argument)
{
	static char chunk[CHUNK];
	ssize_t got;
	(void)argument;
	while ((got = receive(chunk, sizeof chunk)) > 0)
		;
	if (got == 0 || errno != ECONNRESET)
		peer_die(got ? errno : 0, "expected a reset");
}

static void step_expect_silence(char **argument)
{
	struct pollfd wait = { .fd = peer.fd, .events = POLLIN | POLLRDHUP };
	int ready = poll(&wait, 1, (int)peer_number(argument[0]));
	if (ready)
		peer_die(ready < 0 ? errno : 0, "expected silence");
}

static void step_recv_datagram(char **argument)
{
	static char payload[ARGUMENT_MOST];
	(void)argument;
	ssize_t got = receive(payload, sizeof payload);
	if (got < 0)
		peer_die(errno, "cannot receive");
	printf("%zd ", got);
	peer_show(stdout, payload, (size_t)got);
	printf("\n");
}

static void step_recv_datagrams(char **argument)
{
	static char payload[ARGUMENT_MOST];
	struct pollfd wait = { .fd = peer.fd, .events = POLLIN };
	unsigned long long count = 0, bytes = 0;
	while (poll(&wait, 1, (int)peer_number(argument[0])) > 0) {
		ssize_t got = receive(payload, sizeof payload);
		if (got < 0)
			peer_die(errno, "cannot receive");
		count++;
		bytes += (unsigned long long)got;
	}
	printf("%llu datagrams, %llu bytes\n", count, bytes);
}

static void step_from(char **argument)
{
	char host[NI_MAXHOST], port[NI_MAXSERV];
	(void)argument;
	int failed = getnameinfo((struct sockaddr *)&peer.from, peer.from_size, host, sizeof host, port, sizeof port,
				 NI_NUMERICHOST | NI_NUMERICSERV);
	if (failed)
		peer_die(0, "no address: %s", gai_strerror(failed));
	printf("%s %s\n", host, port);
}

/* The rest */

static void step_print(char **argument)
{
	(void)argument;
	if (fwrite(peer.bytes, 1, peer.held, stdout) != peer.held)
		peer_die(errno, "standard output");
	peer.held = 0;
}

static void step_count(char **argument)
{
	(void)argument;
	printf("%llu\n", peer.total);
}

static void step_copy(char **argument)
{
	(void)argument;
	peer.copy = true;
}

static void step_half_close(char **argument)
{
	(void)argument;
	if (shutdown(peer.fd, SHUT_WR) < 0)
		peer_die(errno, "shutdown");
}

static void step_close(char **argument)
{
	(void)argument;
	close(peer.fd);
	peer.fd = -1;
}

static void step_reset(char **argument)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };
	if (setsockopt(peer.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now) < 0)
		peer_die(errno, "SO_LINGER");
	step_close(argument);
}

static void step_sleep(char **argument)
{
	pause_ms(peer_number(argument[0]));
}

/* POLLRDHUP comes even while unread bytes lie before the end. */
static void step_stall(char **argument)
{
	struct pollfd wait = { .fd = peer.fd, .events = POLLRDHUP };
	(void)argument;
	if (poll(&wait, 1, -1) < 0)
		peer_die(errno, "poll");
}

static void step_rcvbuf(char **argument)
{
	int size = (int)peer_number(argument[0]);
	if (setsockopt(peer.fd < 0 ? peer.listener : peer.fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) < 0)
		peer_die(errno, "SO_RCVBUF");
}

static void step_wait_file(char **argument)
{
	while (access(argument[0], F_OK) < 0)
		pause_ms(10);
}

static void step_touch(char **argument)
{
	fflush(stdout);
	int file = open(argument[0], O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (file < 0)
		peer_die(errno, "%s", argument[0]);
	close(file);
}

static void step_listen(char **argument)
{
	(void)argument;
	if (listen(peer.listener, 128) < 0)
		peer_die(errno, "listen");
}

static void step_again(char **argument)
{
	(void)argument;
	peer.again = true;
}

static void step_nothing(char **argument)
{
	(void)argument;
}

const struct step peer_steps[] = {
	{ "send", 1, true, step_send, "TEXT: with \\n \\r \\t \\0 \\\\ \\xNN; a datagram where there are boundaries" },
	{ "send-file", 1, true, step_send_file, "FILE" },
	{ "send-bytewise", 2, true, step_send_bytewise, "TEXT MS: a byte at a time, MS after each" },
	{ "send-zeros", 1, true, step_send_zeros, "SIZE: that many NULs" },
	{ "send-forever", 0, true, step_send_forever, "NULs until the other end breaks the connection" },
	{ "send-datagrams", 2, true, step_send_datagrams, "N SIZE: numbered 00000000... and filled with dots" },
	{ "recv", 1, true, step_recv, "SIZE: exactly that many bytes" },
	{ "recv-until", 1, true, step_recv_until, "TEXT: everything up to it, at least, since the last print" },
	{ "recv-until-eof", 0, true, step_recv_until_eof, "everything" },
	{ "recv-slowly", 2, true, step_recv_slowly, "SIZE MS: everything, at most SIZE bytes every MS" },
	{ "recv-datagram", 0, true, step_recv_datagram, "one, printed as \"SIZE TEXT\" with escapes" },
	{ "recv-datagrams", 1, true, step_recv_datagrams, "MS: until none comes for MS; prints how many" },
	{ "expect", 1, true, step_expect, "TEXT: these bytes come next" },
	{ "expect-eof", 0, true, step_expect_eof, "the end comes next" },
	{ "expect-reset", 0, true, step_expect_reset, "a reset comes, after whatever" },
	{ "expect-silence", 1, true, step_expect_silence, "MS: nothing comes for so long, not even the end" },
	{ "print", 0, true, step_print, "what was received since the last print (at most 1M) to stdout" },
	{ "copy", 0, false, step_copy, "from now on all that is received goes to stdout as it comes" },
	{ "count", 0, true, step_count, "prints how many bytes were received" },
	{ "from", 0, true, step_from, "prints \"ADDRESS PORT\" of the client, or of the last datagram's sender" },
	{ "accept", 0, true, step_nothing, "takes a client, and nothing more" },
	{ "half-close", 0, true, step_half_close, "the end of what we send" },
	{ "close", 0, true, step_close, "(a reset where unread bytes remain)" },
	{ "reset", 0, true, step_reset, "" },
	{ "stall", 0, true, step_stall, "reads nothing until the other end is gone" },
	{ "sleep", 1, false, step_sleep, "MS" },
	{ "rcvbuf", 1, false, step_rcvbuf, "SIZE: as the first step of `listen` it is set before the client comes" },
	{ "wait-file", 1, false, step_wait_file, "FILE: until it exists" },
	{ "touch", 1, false, step_touch, "FILE: tells the test that this step was reached" },
	{ "listen", 0, false, step_listen, "for `bind`: from now on connections are taken" },
	{ "again", 0, false, step_again, "the last step: the next client gets the same script" },
	{ NULL, 0, false, NULL, NULL },
};
