#include "base/trace.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"

void trace_line(const struct trace *trace, const char *format, ...)
{
	char text[512];
	va_list arguments;
	int number = errno;
	if (!trace_wanted(trace))
		return;
	va_start(arguments, format);
	if (vsnprintf(text, sizeof text, format, arguments) >= 0)
		trace->line(trace->context, text);
	va_end(arguments);
	errno = number;
}

const char *trace_outcome(int result, char out[static 40])
{
	const char *name = result < 0 ? error_name(errno) : NULL;
	if (result >= 0)
		snprintf(out, 40, "%d", result);
	else if (name)
		snprintf(out, 40, "-1 %s", name);
	else
		snprintf(out, 40, "-1 errno %d", errno);
	return out;
}

int trace_shutdown(const struct trace *trace, int fd, int how)
{
	static const char *const names[] = { [SHUT_RD] = "SHUT_RD", [SHUT_WR] = "SHUT_WR", [SHUT_RDWR] = "SHUT_RDWR" };
	char r[40];
	int result = shutdown(fd, how);
	if (trace_wanted(trace))
		trace_line(trace, "shutdown(%d, %s) = %s", fd, names[how], trace_outcome(result, r));
	return result;
}

int trace_close(const struct trace *trace, int fd)
{
	char r[40];
	int result = close(fd);
	if (trace_wanted(trace))
		trace_line(trace, "close(%d) = %s", fd, trace_outcome(result, r));
	return result;
}
