/*
 * Times at the edge of the program.  Inside, times are seconds or
 * milliseconds since 1970 UTC; here they are read from and printed for
 * people, in the one time zone of the process: that of the collector's file
 * names, as the configuration says.
 */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct window { int64_t from, to; };	/* seconds since 1970 UTC, [from, to) */

#define WHEN_STRLEN	40

/*
 * Makes zone ("UTC", "Europe/Berlin"; NULL: the system's) the zone of the
 * process.  Call once at start, before threads.  -1 for a zone that the
 * system does not know (a misspelt TZ would silently mean UTC).
 */
int	when_zone(const char *zone, struct err *);
bool	when_zone_known(const char *zone);	/* would when_zone() take it? */
const char *when_zone_name(void);		/* of the zone at hand: as given, or what the system's is called */

const char *when_zone_own_name(void);		/* of that of when_zone, whatever is borrowed */

/*
 * Borrows another zone, by its name in the system's database or "UTC": until
 * when_zone_borrow(NULL) times are read and shown in it.  -1, and nothing has
 * changed, for a name that the system does not know.  Only while no other thread
 * asks for times.  The names of collector files are in the zone of when_zone, always.
 */
int	when_zone_borrow(const char *zone, struct err *);
const char *when_zone_borrowed(void);	/* NULL: none, or it is the process's own */
unsigned when_zone_turn(void);		/* another number after each change of zone, for what keeps texts of times */

int64_t	when_ticks(void);				/* milliseconds of a clock that is never set: for spans of time */
int64_t	when_now(void);				/* seconds; honours FLOWLIGHT_NOW (seconds) for tests */

/*
 * Reads a time as people write it, relative to now: "2026-11-20T14:30",
 * "2026-11-20 14:30:05", "2026-11-20", "2026/11/20.14:30:00" (nfdump -t),
 * "202611201430" (file names), "14:30" (today), "yesterday 9:00", "today",
 * "now", "-2h" "-30m" "-1d" "-1w" (before now), "@1763649000" (seconds),
 * each but the last two with an optional Z or +hh:mm.  In an hour that DST repeats the first is meant, one that
 * it skips counts from its start on.  0, or -1 and a text that says what was
 * expected.
 */
int	when_parse(const char *, int64_t now, int64_t *sec, struct err *);

/*
 * nfdump's -t argument: "A-B" or "A" (open end: *to is INT64_MAX), each a time
 * as above or one with its last parts left out ("2026", "2026/11",
 * "2026/11/20.14": their beginning).  Edges are milliseconds.  "+n" and "-n"
 * count seconds from the first or to the last of the flows, which only the
 * caller knows: "+n" gives *from INT64_MIN and *to n * 1000, "-n" gives *from
 * -n * 1000 and *to INT64_MAX; otherwise *from is never negative.
 */
int	when_parse_range(const char *, int64_t *from_msec, int64_t *to_msec, struct err *);

/* Print; each returns buf. */
char	*when_typed(int64_t sec, char buf[static WHEN_STRLEN]);	/* 2026-11-20T14:30, with :05 only when not zero, +01:00 only in the second of two equal hours: for fields of forms */
char	*when_iso(int64_t sec, char buf[static WHEN_STRLEN]);	/* the same, with +01:00 always in a borrowed zone, so that it is the same time in all: for URLs */
char	*when_text(int64_t sec, char buf[static WHEN_STRLEN]);	/* 2026-11-20 14:30 CET: for pages */
char	*when_msec(int64_t msec, char buf[static WHEN_STRLEN]);	/* 2026-11-20 14:30:05.123: as nfdump prints a flow */
char	*when_utc(int64_t sec, char buf[static WHEN_STRLEN]);	/* 2026-11-20T13:30:00Z: for machines */

/* "November 20, 2026 14:30:00", as flow-tools' dates are; false when that local time comes twice. */
bool	when_english(int64_t sec, char buf[static WHEN_STRLEN]);

/*
 * For what is about the names of files: from when_zone_home on the zone is that of
 * when_zone; what it returns is for when_zone_away, which borrows again what was borrowed.
 */
const char *when_zone_home(void);
void	when_zone_away(const char *borrowed);

/* Broken-down local time and back; DST is found by the C library. */
struct tm;
void	when_local(int64_t sec, struct tm *);
int64_t	when_from_local(struct tm *);

#endif
