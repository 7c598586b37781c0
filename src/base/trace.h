/* trace: where the words of --trace go. Below commands/ nothing prints: whoever makes a socket call hands a line to the
 * one who asked. */
#ifndef SKT_BASE_TRACE_H
#define SKT_BASE_TRACE_H

struct trace {
	void (*line)(void *context, const char *text); /* NULL: nobody listens */
	void *context;
};

/* Formats a line and hands it over; trace may be NULL. errno is kept. */
void trace_line(const struct trace *trace, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Whether somebody listens, for those who would have to work to make up a line. */
static inline int trace_wanted(const struct trace *trace)
{
	return trace && trace->line;
}

/* " = " is followed by this: "0", "-1 ECONNREFUSED" (from errno). Returns out. */
const char *trace_outcome(int result, char out[static 40]);

/* shutdown(2) and close(2), told. errno as the kernel set it. */
int trace_shutdown(const struct trace *trace, int fd, int how);
int trace_close(const struct trace *trace, int fd);

#endif
