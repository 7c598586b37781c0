#include "net/vsock.h"

#include <errno.h>

#include "net/call.h"

enum { LOOPBACK = 1 }; /* VMADDR_CID_LOCAL, of Linux 5.6 */

int vsock_check(const struct address *to, const struct trace *trace, struct error *error)
{
	char shown[ADDRESS_TEXT];
	struct address local = { .length = sizeof local.vm };
	if (to->any.sa_family != AF_VSOCK || to->vm.svm_cid != LOOPBACK)
		return 0;
	local.vm =
	    (struct sockaddr_vm){ .svm_family = AF_VSOCK, .svm_cid = LOOPBACK, .svm_port = (unsigned)VMADDR_PORT_ANY };
	int probe = call_socket(trace, AF_VSOCK, SOCK_STREAM, 0);
	if (probe < 0)
		return 0; /* then connect(2) will tell */
	int number = call_bind(trace, probe, &local) ? errno : 0;
	(void)trace_close(trace, probe);
	if (number != EADDRNOTAVAIL)
		return 0;
	return error_set(error, ERROR_UNEXPECTED, number,
			 "connect to %.300s: this kernel has no vsock transport for that: vsock_loopback is not loaded",
			 address_show(shown, to));
}
