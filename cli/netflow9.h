/*
 * A small NetFlow v9 exporter (RFC 3954), so that the demo's collectors get
 * what a router would send.
 */
#ifndef CLI_NETFLOW9_H
#define CLI_NETFLOW9_H

#include "base/err.h"
#include "flow/batch.h"

struct netflow9;

/* Sends to 127.0.0.1:port from now on, as observation domain `id`. */
struct netflow9 *netflow9_open(unsigned port, uint32_t id, struct err *);
void	netflow9_close(struct netflow9 *);	/* NULL is fine */

/* The columns that a batch must have. */
void	netflow9_fields(struct fieldset *);

/* Sends the flows of a batch; templates go along with the first and then with every 20th datagram. */
int	netflow9_send(struct netflow9 *, const struct batch *, struct err *);

#endif
