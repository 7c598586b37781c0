/* filter_telnet: --telnet, the least that the telnet protocol asks of its user (RFC 854, 855): every option is refused,
 * its commands are taken out of what is received, and a byte 255 that is data is doubled where it is sent and one again
 * where it was received. What NVT says about CR NUL is left alone, both ways. */
#ifndef SKT_RELAY_FILTER_TELNET_H
#define SKT_RELAY_FILTER_TELNET_H

#include "relay/filter.h"

enum filter_telnet_state {
	FILTER_TELNET_DATA,
	FILTER_TELNET_IAC,    /* an IAC came: a command follows */
	FILTER_TELNET_OPTION, /* WILL, WONT, DO or DONT came: its option follows */
	FILTER_TELNET_SUB,    /* within SB ... IAC SE */
	FILTER_TELNET_SUB_IAC,
};

struct filter_telnet {
	struct filter filter; /* first: the chain hands it back */
	enum filter_telnet_state state;
	unsigned char command;    /* FILTER_TELNET_OPTION: which */
	struct flow *answer_flow; /* receiving: the refusals join what it sends */
};

/* For what is received: commands are taken out. The refusals go to the flow of the other direction (flow_interject);
 * WONT and DONT are answers themselves and get none, so that there is no loop (RFC 1143 1). A negotiation that the
 * stream's end cuts is dropped. */
void filter_telnet_begin_receiving(struct filter_telnet *telnet, struct flow *answers);

/* For what is sent: each byte 255 is doubled. */
void filter_telnet_begin_sending(struct filter_telnet *telnet);

#endif
