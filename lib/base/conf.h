/*
 * The configuration file, flowlight.conf(5), read by libconfuse.
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

enum source_type { SOURCE_NETFLOW, SOURCE_SFLOW };

/* Of a firewall that counts a connection on each interface it crosses: where to count it. */
enum count_where { COUNT_BOTH, COUNT_IN, COUNT_OUT };

/* Numbers of interfaces. */
#define INTERFACES_MOST	32
struct interfaces { size_t n; uint32_t number[INTERFACES_MOST]; };

/*
 * How to understand what an exporter tells wrongly or not at all.  All zero:
 * as it is told.  format/quirk.h applies them.
 */
struct quirks {
	unsigned scale;			/* packets and bytes are multiplied by it; 0 is 1 */
	enum count_where count;
	bool fix_times;			/* of flows that end before they begin */
	bool mask;			/* addresses are their networks of 24 bits, of 48 for IPv6; never a setting: see engine_restrict */
	struct interfaces outside;	/* those that lead out; some, unless count is COUNT_BOTH */
};

/* One of several exporters of a source, told by its address in the flows. */
struct source_exporter {
	struct addr addr;
	struct quirks quirks;		/* the source's, but for what its section sets */
	const char *interfaces;		/* names, see base/interface.h; NULL: none of its own */
};

/* Where a source's traffic is drawn: above the axis, or below it. */
enum direction { DIRECTION_IN, DIRECTION_OUT };

/* A place flows come from: one directory of collector files, one RRD, one colour. */
struct source {
	int id;			/* its position in the configuration, 0 … */
	const char *name;	/* 1-64 of A-Z a-z 0-9 _ - . , not starting with - or . */
	const char *dir;	/* absolute: where its collector files are */
	const char *colour;	/* "#rrggbb" */
	const char *ident;	/* nfcapd -I; the name unless set */
	struct quirks quirks;	/* of its exporters, unless they have a section of their own */
	struct source_exporter *exporters;
	size_t nexporters;
	unsigned port;		/* the daemon runs a collector on it; 0: it only reads the directory */
	enum source_type type;
	const char *listen;	/* nfcapd -b; NULL: all addresses */
	const char *options;	/* more words for the collector's argv, split at blanks; "" unless set */
	const char *interfaces;	/* names, see base/interface.h; NULL: none */
	enum direction direction;
};

/* What a role lets its users do: each what the one before may, and more. */
enum right {
	RIGHT_VIEW,	/* see pages, with addresses cut to networks unless the role says otherwise */
	RIGHT_ANALYSE,	/* see whole addresses; save queries, boards and notes */
	RIGHT_ADMIN,	/* see the query log; change and end what belongs to others */
};

/* Whom the web server has let in, and what they may see. */
struct role {
	const char *name;
	enum right may;
	const char *users;		/* comma list of REMOTE_USER, "*": everybody the web server names */
	const char *sources;		/* comma list of names, NULL: all */
	const char *networks;		/* comma list: only flows with an address in one of them; NULL: all */
	bool mask;			/* addresses are cut to networks of 24 bits, of 48 for IPv6 */
};

/* Of users without a role: they see nothing, or may do what an analyst may. */
enum access_mode { ACCESS_CLOSED, ACCESS_OPEN };

struct conf {
	const char *path;	/* of the file that was read */
	const char *state;	/* directory of index.db, profiles-stat/, columns/ */
	const char *share;	/* directory of templates/ and static/ */
	const char *zone;	/* time zone of file names and pages; NULL: the system's */
	const char *site;	/* name shown on every page, "Flowlight" unless set */
	unsigned slot;		/* seconds of a collector file, 300 */
	unsigned layout;	/* nfcapd -S sub-directory layout, 0-8 */
	unsigned workers;	/* threads for reading files; 0: one per processor */
	unsigned poll;		/* seconds between looks at the directories, 1 */
	unsigned queries;	/* that pages run at once, 2 */
	unsigned query_seconds;	/* a query is cut off after this, 120 */
	unsigned query_mbytes;	/* memory cap of a query's groups, 1024 */
	const char *nfcapd;	/* program of SOURCE_NETFLOW, "/usr/bin/nfcapd" */
	const char *sfcapd;	/* program of SOURCE_SFLOW */
	const char *columns;	/* how much of column files is kept: see conf_columns */
	const char *keep_slots, *keep_hours, *keep_days;	/* how long the index has each: see conf_age */
	unsigned recheck;	/* percent of the files that the daemon reads again each day, 1; 0: none */
	const char *compress;	/* collectors write none, lzo, lz4 or bz2 */
	const char *user;	/* whom programs started by root run as; NULL: unchanged */
	const char *group;
	bool syslog;
	bool sandbox;			/* pages are made, and files read, without the right to start programs, open sockets or reach other files; true */
	enum access_mode access;
	struct role *roles;
	size_t nroles;
	const char *web_state;	/* directory of state.db, that flowlight.fcgi writes; "web" below state unless set */
	unsigned log_days;	/* the log of queries is kept for, 90 */
	bool resolve;			/* the command line looks up host names in filters */
	bool host_names;		/* pages look up the names of addresses that are pointed at */
	const char *whois;		/* server that pages may ask, base/whois.h; NULL: none */
	const char *networks;		/* file of their countries and AS, flow/netnames.h; NULL: none */
	const char *locations;		/* database of the same, flow/locations.h; NULL: none */
	const char *dns;		/* where: "192.0.2.53, [2001:db8::53]:5353", NULL: the system's servers */
	struct source *sources;
	size_t nsources;
};

/*
 * Reads and checks the file.  The conf owns all its strings.  On error err
 * holds as many faults as libconfuse lets us find, a line each:
 * "file:line: setting: what is wrong".
 */
struct conf *conf_read(const char *path, struct err *);
/* The same of a text; path is only named. */
struct conf *conf_read_text(const char *path, const char *text, struct err *);
void	conf_free(struct conf *);		/* NULL is fine */

/*
 * "14d" (or h, w): of the last so many seconds; "20G" (or M, T): so many bytes;
 * "off": neither.  0, or -1 when it is nothing of that.
 */
int	conf_columns(const char *text, int64_t *seconds, int64_t *bytes);

/* Does a comma list hold the name?  NULL holds none. */
bool	conf_listed(const char *list, const char *name);

/* "90d" (or h, w, y): so many seconds; "all": INT64_MAX.  0, or -1 when it is nothing of that. */
int	conf_age(const char *text, int64_t *seconds);

/* The source of that name, or NULL. */
const struct source *conf_source(const struct conf *, const char *name);

#endif
