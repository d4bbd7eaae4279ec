/*
 * Fan-out and fan-in: with how many hosts each host has to do, and by how many
 * ports.  Who scans, who spreads, and who is flooded stands first.
 */
#ifndef QUERY_FAN_H
#define QUERY_FAN_H

#include "query/result.h"

struct fan;

struct fan_row {
	struct addr host;
	uint64_t peers;			/* different addresses that it sent to; that sent to it */
	/*
	 * Different ports of TCP, UDP and SCTP there; of its own.  Not those of answers: of
	 * flows from a port below 1024 to one above.
	 */
	uint64_t ports;
	uint64_t flows, packets, bytes;
};

/* Is that what the query's output is: "fanout" or "fanin" of a list? */
bool	fan_asked(const struct query *);

/* Of such a query; keeps at most so many bytes of pairs. */
struct fan *fan_new(const struct query *, uint64_t bytes_most);
void	fan_free(struct fan *);			/* NULL is fine */

/* Adds the fields that it counts. */
void	fan_fields(struct fieldset *);

void	fan_add(struct fan *, const struct batch *rows);

/* The first so many (0: all) by peers or ports, whichever are more; in the arena. */
struct fan_row *fan_top(const struct fan *, uint64_t top, struct arena *, size_t *n);

size_t	fan_hosts(const struct fan *);

/* Was there no room for all pairs?  Peers and ports are then the least that there were. */
bool	fan_is_least(const struct fan *);

/* How many rows the query wants: its -n, or twenty. */
uint64_t fan_rows(const struct query *);

/* "host,peers,ports,flows,packets,bytes" with a heading. */
void	fan_csv(const struct fan_row *, size_t n, struct strbuf *);

#endif
