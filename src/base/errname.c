#include "base/error.h"

#include <errno.h>
#include <stddef.h>

#define NAME(symbol)                                                                                                   \
	{                                                                                                              \
		symbol, #symbol                                                                                        \
	}

static const struct {
	int number;
	const char *name;
} names[] = {
	NAME(EPERM),           NAME(ENOENT),          NAME(ESRCH),        NAME(EINTR),        NAME(EIO),
	NAME(ENXIO),           NAME(E2BIG),           NAME(ENOEXEC),      NAME(EBADF),        NAME(ECHILD),
	NAME(EAGAIN),          NAME(ENOMEM),          NAME(EACCES),       NAME(EFAULT),       NAME(ENOTBLK),
	NAME(EBUSY),           NAME(EEXIST),          NAME(EXDEV),        NAME(ENODEV),       NAME(ENOTDIR),
	NAME(EISDIR),          NAME(EINVAL),          NAME(ENFILE),       NAME(EMFILE),       NAME(ENOTTY),
	NAME(ETXTBSY),         NAME(EFBIG),           NAME(ENOSPC),       NAME(ESPIPE),       NAME(EROFS),
	NAME(EMLINK),          NAME(EPIPE),           NAME(EDOM),         NAME(ERANGE),       NAME(EDEADLK),
	NAME(ENAMETOOLONG),    NAME(ENOLCK),          NAME(ENOSYS),       NAME(ENOTEMPTY),    NAME(ELOOP),
	NAME(EPROTO),          NAME(EBADMSG),         NAME(EOVERFLOW),    NAME(EILSEQ),       NAME(EUSERS),
	NAME(ENOTSOCK),        NAME(EDESTADDRREQ),    NAME(EMSGSIZE),     NAME(EPROTOTYPE),   NAME(ENOPROTOOPT),
	NAME(EPROTONOSUPPORT), NAME(ESOCKTNOSUPPORT), NAME(EOPNOTSUPP),   NAME(EPFNOSUPPORT), NAME(EAFNOSUPPORT),
	NAME(EADDRINUSE),      NAME(EADDRNOTAVAIL),   NAME(ENETDOWN),     NAME(ENETUNREACH),  NAME(ENETRESET),
	NAME(ECONNABORTED),    NAME(ECONNRESET),      NAME(ENOBUFS),      NAME(EISCONN),      NAME(ENOTCONN),
	NAME(ESHUTDOWN),       NAME(ETIMEDOUT),       NAME(ECONNREFUSED), NAME(EHOSTDOWN),    NAME(EHOSTUNREACH),
	NAME(EALREADY),        NAME(EINPROGRESS),     NAME(ESTALE),       NAME(EDQUOT),       NAME(ECANCELED),
	NAME(ENONET),
};

const char *error_name(int number)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].number == number)
			return names[i].name;
	return NULL;
}
