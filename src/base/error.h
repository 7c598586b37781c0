/* error: what went wrong, as a value. Below commands/ nothing prints and nothing exits: a function that can fail
 * returns 0 or -1 (or a descriptor or NULL) and fills a struct error; main prints it once and takes the exit status
 * from the table in commands/status.c. */
#ifndef SKT_BASE_ERROR_H
#define SKT_BASE_ERROR_H

enum error_class {
	ERROR_NONE,
	ERROR_UNEXPECTED,
	ERROR_USAGE,
	ERROR_RESOLVE,
	ERROR_REFUSED,
	ERROR_UNREACHABLE,
	ERROR_TIMEOUT,
	ERROR_RESET,
	ERROR_BIND,
	ERROR_LOCAL,
	ERROR_PROTOCOL,
	ERROR_HTTP,
	ERROR_INCOMPLETE,
	ERROR_UNKNOWN,
	ERROR_CANNOT_EXECUTE,
	ERROR_NOT_FOUND,
	ERROR_SIGNAL,      /* `number` is the signal */
	ERROR_READER_GONE, /* the reader of stdout went away: end at once, without a word */
	ERROR_STATUS,      /* `number` is the exit status of a command; nothing to say */
};

struct error {
	enum error_class class;
	int number;     /* the errno behind it or 0; see ERROR_SIGNAL and ERROR_STATUS */
	char text[600]; /* one line, foreign bytes already escaped (text_escape) */
};

/* Fills *error and returns -1, so that a caller can `return error_set(...)`. The text is cut at its size. */
int error_set(struct error *error, enum error_class class, int number, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* As error_set, with ": " and the system's words for errno `number` appended. */
int error_system(struct error *error, enum error_class class, int number, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The class that an errno of a socket call has while connecting or talking (ECONNREFUSED: refused, ...);
 * ERROR_UNEXPECTED for one that means nothing on a network. */
enum error_class error_class_of(int number);

/* "ECONNREFUSED" for ECONNREFUSED; NULL for a number without a name. musl has no strerrorname_np(3). */
const char *error_name(int number);

/* A copy that lives as long as it is needed (error_free), for who must keep an error but seldom has one. Where memory
 * is short it is a constant that says so. */
const struct error *error_keep(const struct error *error);

/* NULL is harmless. */
void error_free(const struct error *error);

#endif
