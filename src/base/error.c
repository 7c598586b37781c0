#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fill(struct error *error, enum error_class class, int number, const char *format, va_list arguments)
{
	error->class = class;
	error->number = number;
	if (vsnprintf(error->text, sizeof error->text, format, arguments) < 0)
		error->text[0] = '\0';
}

int error_set(struct error *error, enum error_class class, int number, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fill(error, class, number, format, arguments);
	va_end(arguments);
	return -1;
}

int error_system(struct error *error, enum error_class class, int number, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fill(error, class, number, format, arguments);
	va_end(arguments);
	size_t used = strlen(error->text);
	snprintf(error->text + used, sizeof error->text - used, ": %s", strerror(number));
	return -1;
}

enum error_class error_class_of(int number)
{
	static const struct {
		int number;
		enum error_class class;
	} rows[] = {
		{ ECONNREFUSED, ERROR_REFUSED },    { ENOENT, ERROR_REFUSED },
		{ ENETUNREACH, ERROR_UNREACHABLE }, { EHOSTUNREACH, ERROR_UNREACHABLE },
		{ ENETDOWN, ERROR_UNREACHABLE },    { EHOSTDOWN, ERROR_UNREACHABLE },
		{ ENONET, ERROR_UNREACHABLE },      { EADDRNOTAVAIL, ERROR_BIND },
		{ EADDRINUSE, ERROR_BIND },         { ETIMEDOUT, ERROR_TIMEOUT },
		{ ECONNRESET, ERROR_RESET },        { EPIPE, ERROR_RESET },
		{ ECONNABORTED, ERROR_RESET },      { EACCES, ERROR_UNREACHABLE },
		{ EPERM, ERROR_UNREACHABLE },       { EPROTO, ERROR_UNREACHABLE },
		{ ENOPROTOOPT, ERROR_UNREACHABLE }, { EMSGSIZE, ERROR_LOCAL },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].number == number)
			return rows[i].class;
	return ERROR_UNEXPECTED;
}

static const struct error out_of_memory = { ERROR_UNEXPECTED, ENOMEM, "out of memory" };

const struct error *error_keep(const struct error *error)
{
	struct error *copy = malloc(sizeof *copy);
	if (!copy)
		return &out_of_memory;
	*copy = *error;
	return copy;
}

void error_free(const struct error *error)
{
	if (error != &out_of_memory)
		free((void *)(uintptr_t)error); /* made by error_keep */
}
