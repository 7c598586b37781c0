/* peer: what the steps (peer_steps.c) and the frame around them (peer.c) share. */
#ifndef SKT_TESTS_PEER_H
#define SKT_TESTS_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>

enum { HELD_MOST = 1 << 20, ARGUMENT_MOST = 1 << 17 };

struct family {
	const char *word;
	int domain, type;
	const char *address; /* bound where the word names none; NULL: a path */
};

struct peer {
	int listener, fd;
	struct family family;
	bool met;                     /* a client was taken, or none is needed: the end of the script takes no other */
	bool again;                   /* the script starts over for the next client */
	bool copy;                    /* what is received goes to stdout at once */
	unsigned long long total;     /* bytes received */
	size_t held;                  /* of them in `bytes`, for `print` */
	char bytes[HELD_MOST];
	struct sockaddr_storage from; /* the client, or the last datagram's sender, to whom answers go */
	socklen_t from_size;
};

struct step {
	const char *name;
	int arguments;
	bool client; /* needs a connection: a client is accepted before it */
	void (*run)(char **argument);
	const char *help;
};

extern struct peer peer;
extern const struct step peer_steps[]; /* ended by a NULL name */

/* Says what went wrong while doing the present step, with the errno's words where number is not 0; status 1. */
_Noreturn void peer_die(int number, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* 64, 10K, 4M, 1G */
unsigned long long peer_number(const char *word);

/* The bytes that a TEXT argument stands for: \n \r \t \0 \\ \xNN. Not in place: `again` reads it once more. */
size_t peer_unescape(const char *text, char out[ARGUMENT_MOST]);

/* The other way round: every byte that is not printable ASCII is escaped. */
void peer_show(FILE *file, const char *bytes, size_t n);

#endif
