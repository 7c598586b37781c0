/* vsock: what its transports, which come and go with kernel modules, are lacking (vsock(7)). */
#ifndef SKT_NET_VSOCK_H
#define SKT_NET_VSOCK_H

#include "base/error.h"
#include "base/trace.h"
#include "net/address.h"

/* Whether the loopback (CID 1), if that is where to connect to, is there; addresses of other kinds pass. Without it a
 * guest's kernel would ask its hypervisor, and wait for an answer that never comes. -1: ERROR_UNEXPECTED. */
int vsock_check(const struct address *to, const struct trace *trace, struct error *error);

#endif
