/* account: what a receiver of datagrams says in the end: loss is never silent. */
#ifndef SKT_COMMANDS_ACCOUNT_H
#define SKT_COMMANDS_ACCOUNT_H

#include "commands/context.h"
#include "relay/sequence.h"
#include "relay/session.h"

/* Tells what was cut, dropped by the kernel (after the last datagram that was received too), received but not written,
 * or not sent back; and, when the session has ended early, what lies unread. One line, none when there is nothing.
 * Before session_end. */
void account_loss(const struct context *context, const struct session *session, bool ended_early);

/* "received N, lost N, duplicated N, reordered N, jitter T ms, foreign N", and a line for each sender when there are
 * several. */
void account_sequence(const struct report *report, const struct sequence *sequence);

#endif
