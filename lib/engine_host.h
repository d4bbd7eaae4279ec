/*
 * What is known of an address or a network: in which slots it was seen, by the
 * index; and from the files of those slots, and only those, what it did there.
 */
#ifndef ENGINE_HOST_H
#define ENGINE_HOST_H

#include "engine.h"

/* A day (local time) of a source in which it was, or may have been. */
struct host_day {
	const struct source *source;
	int64_t start;
	size_t slots, possible, unknown;	/* seen for certain; seen perhaps; the index does not know */
	struct totals in, out;
};

/* Whom it talked with, or a service. */
struct host_peer {
	struct addr addr;		/* of a peer */
	uint8_t proto;			/* of a service */
	uint16_t port;
	bool own;			/* the service is its own: flows came to it */
	struct totals in, out;		/* of a service one of them */
};

/* A source's slots of the window. */
struct host_slots {
	const struct source *source;
	struct seen_slots seen;
	bool *data;			/* the slot has a file, or had one */
	struct host_found {
		struct totals in, out;
		bool read, failed;
	} *found;			/* all zero unless flows were read */
};

struct host {
	struct prefix prefix;
	struct window window;		/* whole slots */
	size_t slots, possible, unknown;
	size_t of;			/* slots that the sources have in the window */
	int64_t first, last;		/* starts of the first and the last slot in which it was seen; 0: none */
	struct host_day *day;		/* oldest first */
	size_t ndays;
	struct host_slots *by_source;
	size_t nsources;
	/* From the flows, when they were read. */
	bool read;
	size_t files, files_all;	/* read, of so many in the window */
	size_t files_named;		/* so many of which may have it, by the index */
	size_t gone;			/* slots named by the index whose file is no more */
	uint64_t first_msec, last_msec;
	struct totals in, out;
	struct host_peer *peers, *services;	/* by bytes, the greatest first */
	size_t npeers, nservices;	/* at most HOST_TOP */
	uint64_t peers_all, services_all;
	/* Fan-in and fan-out: distinct addresses that sent to it, that it sent to; destination ports likewise. */
	uint64_t peers_in, peers_out, ports_in, ports_out;
	bool partial;
	const char *note;		/* why */
};

#define HOST_TOP	20

/*
 * The hosts with the most flows of a window, as source or destination, by the index;
 * at most HOST_TOP.  None for a role that does not see all addresses.
 */
struct host_rank { struct addr addr; struct totals sum; };
int	engine_hosts(struct engine *, const struct window *, struct arena *, struct host_rank **, size_t *n,
	    struct err *);

/* How much may be read; the newest files come first. */
struct host_limits {
	size_t files;			/* 0: any number */
	double seconds;			/* 0: as long as a query may take */
	const struct watch *watch;	/* NULL: nobody stops it */
};

/*
 * sources: a comma list, NULL: all.  With limits the files of slots that were
 * possible or unknown are read, too: they become certain or go away.  NULL: by the
 * index alone.
 */
int	engine_host(struct engine *, const struct prefix *, const char *sources,
	    const struct window *, const struct host_limits *, struct arena *, struct host *, struct err *);

#endif
