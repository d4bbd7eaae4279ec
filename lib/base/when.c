#include "base/when.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#define ZONEINFO	"/usr/share/zoneinfo"
#define DAY		86400
#define YEAR_FIRST	-62135596800	/* 0001-01-01, and the end of 9999: what four digits can show */
#define YEAR_LAST	253402300799

#define NAME_SIZE	128

static char zone_name[NAME_SIZE];
static char own[NAME_SIZE];		/* TZ of when_zone; "": not set */
static char borrowed[NAME_SIZE];	/* "": none */
static unsigned turn;

/* A name below the zone directory (or an absolute path) that holds a compiled zone. */
static bool
zone_is_file(const char *zone)
{
	const char *dir = getenv("TZDIR");
	char path[PATH_MAX], magic[4];
	FILE *f;
	bool good;

	if (strstr(zone, "..") != NULL || *zone == '\0')
		return false;
	if (*zone == '/')
		snprintf(path, sizeof(path), "%s", zone);
	else
		snprintf(path, sizeof(path), "%s/%s", dir != NULL ? dir : ZONEINFO, zone);
	if ((f = fopen(path, "re")) == NULL)
		return false;
	good = fread(magic, 1, sizeof(magic), f) == sizeof(magic) && memcmp(magic, "TZif", 4) == 0;
	fclose(f);
	return good;
}

static const char *
skip_name(const char *s)
{
	const char *start = s;

	if (*s == '<') {
		s += strcspn(s, ">");
		return *s == '>' && s - start > 3 ? s + 1 : NULL;
	}
	while (isalpha((unsigned char)*s))
		s++;
	return s - start >= 3 ? s : NULL;
}

static const char *
skip_offset(const char *s)
{
	size_t n;

	s += *s == '+' || *s == '-';
	n = strspn(s, "0123456789");
	return n == 1 || n == 2 ? s + strspn(s, "0123456789:") : NULL;
}

/* POSIX: "CET-1CEST,M3.5.0,M10.5.0/3", "<+03>-3", "UTC0". */
static bool
zone_is_rule(const char *s)
{
	if ((s = skip_name(s)) == NULL || (s = skip_offset(s)) == NULL)
		return false;
	if (*s == '\0')
		return true;
	if ((s = skip_name(s)) == NULL)
		return false;
	if (*s != ',' && *s != '\0' && (s = skip_offset(s)) == NULL)
		return false;
	return *s == '\0' || (*s == ',' && s[strspn(s, "0123456789,.:/+-JM")] == '\0');
}

/* What /etc/localtime links to, without the directory. */
static void
name_of_system(char *buf, size_t size)
{
	char link[PATH_MAX];
	ssize_t n = readlink("/etc/localtime", link, sizeof(link) - 1);
	const char *name;

	tzset();
	snprintf(buf, size, "%s", tzname[0]);
	if (n <= 0)
		return;
	link[n] = '\0';
	if ((name = strstr(link, "zoneinfo/")) == NULL)
		return;
	name += strlen("zoneinfo/");
	snprintf(buf, size, "%s", strcmp(name, "Etc/UTC") == 0 ? "UTC" : name);
}

const char *
when_zone_own_name(void)
{
	if (zone_name[0] == '\0')
		name_of_system(zone_name, sizeof(zone_name));
	return zone_name;
}

bool
when_zone_known(const char *zone)
{
	return strlen(zone) < sizeof(zone_name) && (strcmp(zone, "UTC") == 0 ||
	    zone_is_file(zone) || zone_is_rule(zone));
}

int
when_zone(const char *zone, struct err *e)
{
	const char *name = zone != NULL ? zone : getenv("TZ");

	if (name == NULL) {
		name_of_system(zone_name, sizeof(zone_name));
		return 0;
	}
	name += *name == ':';
	if (*name == '\0')		/* TZ="" is UTC by POSIX */
		name = "UTC";
	if (!when_zone_known(name))
		return err_set(e, ERR_INPUT, "time zone \"%s\" is not known here; "
		    "names are like UTC or Europe/Berlin (see %s)", name, ZONEINFO);
	/* "UTC0" needs no file, where there is no zone data at all. */
	if (setenv("TZ", strcmp(name, "UTC") == 0 ? "UTC0" : name, 1) == -1)
		return err_sys(e, "time zone %s", name);
	tzset();
	snprintf(zone_name, sizeof(zone_name), "%s", name);
	snprintf(own, sizeof(own), "%s", getenv("TZ"));
	turn++;
	return 0;
}

/* Both return memory that is used again when the same zone comes again. */
static void
zone_set(const char *tz)
{
	if (*tz != '\0')
		setenv("TZ", tz, 1);
	else
		unsetenv("TZ");
	tzset();
	turn++;
}

int
when_zone_borrow(const char *zone, struct err *e)
{
	if (zone != NULL && (strlen(zone) >= NAME_SIZE || *zone == '/' || (strcmp(zone, "UTC") != 0 && !zone_is_file(zone))))
		return err_set(e, ERR_INPUT, "time zone \"%.60s\" is not known here; names are like UTC or Europe/Berlin", zone);
	if (zone != NULL && strcmp(zone, when_zone_own_name()) == 0)
		zone = NULL;
	if (zone == NULL && borrowed[0] == '\0')
		return 0;
	if (zone != NULL)
		snprintf(borrowed, sizeof(borrowed), "%s", zone);
	else
		borrowed[0] = '\0';
	zone_set(zone == NULL ? own : strcmp(zone, "UTC") == 0 ? "UTC0" : zone);
	return 0;
}

const char *
when_zone_borrowed(void)
{
	return borrowed[0] != '\0' ? borrowed : NULL;
}

unsigned
when_zone_turn(void)
{
	return turn;
}

const char *
when_zone_home(void)
{
	if (borrowed[0] == '\0')
		return NULL;
	zone_set(own);
	return borrowed;
}

void
when_zone_away(const char *zone)
{
	if (zone != NULL)
		zone_set(strcmp(zone, "UTC") == 0 ? "UTC0" : zone);
}

const char *
when_zone_name(void)
{
	return borrowed[0] != '\0' ? borrowed : when_zone_own_name();
}

int64_t
when_ticks(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
when_now(void)
{
	const char *fixed = getenv("FLOWLIGHT_NOW");

	return fixed != NULL && *fixed != '\0' ? strtoll(fixed, NULL, 10) : (int64_t)time(NULL);
}

/* Flows may claim any time; what has no four-digit year is shown as the nearest that has. */
static time_t
clamp(int64_t sec)
{
	return sec < YEAR_FIRST ? YEAR_FIRST : sec > YEAR_LAST ? YEAR_LAST : (time_t)sec;
}

void
when_local(int64_t sec, struct tm *tm)
{
	time_t t = clamp(sec);

	localtime_r(&t, tm);
}

static int64_t
offset_at(int64_t sec)
{
	struct tm tm;

	when_local(sec, &tm);
	return timegm(&tm) - clamp(sec);
}

/*
 * mktime(3) may answer either for an hour that DST repeats or skips, by what
 * it was asked before.  Here the first of two is meant, and a time that does
 * not exist is as long after the last one that does (02:30 is 03:30).
 */
int64_t
when_from_local(struct tm *tm)
{
	int64_t as_utc = timegm(tm);	/* also puts 32 November right */
	int64_t before = offset_at(as_utc - DAY), after = offset_at(as_utc + DAY);
	int64_t early = as_utc - (before > after ? before : after);
	int64_t late = as_utc - (before > after ? after : before);
	int64_t sec = as_utc - before;

	if (early + offset_at(early) == as_utc)
		sec = early;
	else if (late + offset_at(late) == as_utc)
		sec = late;
	when_local(sec, tm);
	return sec;
}

/* Reading. */

#define EXPECTED	"expected a time like 2026-11-20T14:30, 2026-11-20, 14:30, yesterday 9:00, -2h or now"

/* What a text says before zone and calendar are applied. */
struct written {
	struct tm tm;
	int msec;
	bool zoned;		/* offset is given */
	int offset;		/* seconds east of UTC */
};

static bool
number(const char **p, int least, int most, int *n)
{
	int digits;

	*n = 0;
	for (digits = 0; digits < most && isdigit((unsigned char)**p); digits++)
		*n = *n * 10 + *(*p)++ - '0';
	return digits >= least;
}

/* "+01:00" or "-0500"; the sign tells east from west. */
static bool
scan_offset(const char **p, int *seconds)
{
	int hours, minutes, sign = **p == '-' ? -1 : 1;

	if (**p != '+' && **p != '-')
		return false;
	(*p)++;
	if (!number(p, 2, 2, &hours))
		return false;
	*p += **p == ':';
	if (!number(p, 2, 2, &minutes) || hours > 14 || minutes > 59)
		return false;
	*seconds = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* What may follow a clock or a date, up to the end: blank, Z, +01:00. */
static bool
scan_end(const char *p, struct written *w)
{
	p += *p == ' ';
	if (*p == 'Z' || *p == 'z') {
		p++;
		w->zoned = true;
	} else if (*p != '\0' && !(w->zoned = scan_offset(&p, &w->offset)))
		return false;
	return *p == '\0';
}

static bool
scan_clock(const char **p, struct written *w)
{
	const char *start;

	if (!number(p, 1, 2, &w->tm.tm_hour) || *(*p)++ != ':' || !number(p, 2, 2, &w->tm.tm_min))
		return false;
	if (**p != ':')
		return true;
	(*p)++;
	if (!number(p, 2, 2, &w->tm.tm_sec))
		return false;
	if (**p != '.')
		return true;
	start = ++*p;
	if (!number(p, 1, 3, &w->msec))
		return false;
	for (ptrdiff_t digits = *p - start; digits < 3; digits++)
		w->msec *= 10;
	return true;
}

static bool
scan_date(const char **p, struct written *w)
{
	char separator;

	if (!number(p, 4, 4, &w->tm.tm_year) || (**p != '-' && **p != '/'))
		return false;
	separator = *(*p)++;
	if (!number(p, 1, 2, &w->tm.tm_mon) || *(*p)++ != separator)
		return false;
	return number(p, 1, 2, &w->tm.tm_mday);
}

/* "2026-11-20", with a clock after a T, a blank or (nfdump) a dot. */
static bool
form_date(const char *p, struct written *w)
{
	if (!scan_date(&p, w))
		return false;
	if (*p != '\0' && strchr("T .", *p) != NULL && isdigit((unsigned char)p[1])) {
		p++;
		if (!scan_clock(&p, w))
			return false;
	}
	return scan_end(p, w);
}

/* 20261120, 202611201430, 20261120143005: as in file names. */
static bool
form_digits(const char *p, struct written *w)
{
	size_t n = strspn(p, "0123456789");

	if ((n != 8 && n != 12 && n != 14) || !number(&p, 4, 4, &w->tm.tm_year) ||
	    !number(&p, 2, 2, &w->tm.tm_mon) || !number(&p, 2, 2, &w->tm.tm_mday))
		return false;
	if (n > 8 && (!number(&p, 2, 2, &w->tm.tm_hour) || !number(&p, 2, 2, &w->tm.tm_min)))
		return false;
	return (n < 14 || number(&p, 2, 2, &w->tm.tm_sec)) && scan_end(p, w);
}

/* "14:30", "today", "yesterday 9:00": the day is filled in when the zone is known. */
static bool
form_day(const char *p, struct written *w)
{
	static const struct { const char *word; int back; } days[] = {
		{ "today", 0 }, { "yesterday", 1 },
	};
	size_t i, n = 0;

	w->tm.tm_mday = 0;
	for (i = 0; i < sizeof(days) / sizeof(days[0]) && n == 0; i++) {
		n = strlen(days[i].word);
		if (strncasecmp(p, days[i].word, n) != 0)
			n = 0;
		else
			w->tm.tm_mday = -days[i].back;
	}
	p += n;
	p += n != 0 && *p == ' ';
	if ((n == 0 || isdigit((unsigned char)*p)) && !scan_clock(&p, w))
		return false;
	w->tm.tm_mon = -1;
	return scan_end(p, w);
}

/* nfdump leaves parts out at the end: 2026, 2026/11, 2026/11/20.14. */
static bool
form_partial(const char *p, struct written *w)
{
	w->tm.tm_mon = w->tm.tm_mday = 1;
	if (!number(&p, 4, 4, &w->tm.tm_year))
		return false;
	if (*p == '/' && (p++, !number(&p, 1, 2, &w->tm.tm_mon)))
		return false;
	if (*p == '/' && (p++, !number(&p, 1, 2, &w->tm.tm_mday)))
		return false;
	if (*p == '.' && (p++, !number(&p, 1, 2, &w->tm.tm_hour)))
		return false;
	return *p == '\0';
}

/* -2h, before now. */
static bool
form_ago(const char *p, int64_t now, int64_t *msec)
{
	static const struct { char unit; int seconds; } units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', DAY }, { 'w', 7 * DAY },
	};
	size_t i;
	int n;

	if (*p++ != '-' || !number(&p, 1, 6, &n))
		return false;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (p[0] == units[i].unit && p[1] == '\0') {
			*msec = (now - (int64_t)n * units[i].seconds) * 1000;
			return true;
		}
	return false;
}

/* @1763649000, the seconds themselves. */
static bool
form_seconds(const char *p, int64_t *msec)
{
	char *end;
	long long sec;

	if (*p != '@' || !isdigit((unsigned char)p[1]))
		return false;
	errno = 0;
	sec = strtoll(p + 1, &end, 10);
	if (*end != '\0' || errno != 0 || sec > YEAR_LAST)
		return false;
	*msec = (int64_t)sec * 1000;
	return true;
}

/* The first part that no calendar has, or NULL.  Month and year are as written. */
static const char *
out_of_range(const struct tm *tm)
{
	static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int y = tm->tm_year, m = tm->tm_mon;

	if (y < 1970)
		return "the year is before 1970";
	if (m < 1 || m > 12)
		return "there is no such month";
	if (tm->tm_mday < 1 || tm->tm_mday > days[m - 1] ||
	    (m == 2 && tm->tm_mday == 29 && (y % 4 != 0 || (y % 100 == 0 && y % 400 != 0))))
		return "there is no such day in that month";
	if (tm->tm_hour > 23)
		return "hours go from 0 to 23";
	if (tm->tm_min > 59 || tm->tm_sec > 59)
		return "minutes and seconds go from 0 to 59";
	return NULL;
}

/* Today's date, or days before it, in the zone that was written or in the process's. */
static void
fill_day(struct written *w, int64_t now)
{
	int64_t day = now + w->offset;
	time_t t = (time_t)day;
	struct tm today;

	if (w->zoned)
		gmtime_r(&t, &today);
	else
		when_local(now, &today);
	today.tm_mday += w->tm.tm_mday;
	today.tm_hour = 12;	/* clear of the hours in which DST changes */
	today.tm_min = today.tm_sec = 0;
	timegm(&today);
	w->tm.tm_year = today.tm_year + 1900;
	w->tm.tm_mon = today.tm_mon + 1;
	w->tm.tm_mday = today.tm_mday;
}

static int
written_msec(struct written *w, const char *s, int64_t now, int64_t *msec, struct err *e)
{
	const char *wrong;
	int64_t sec;

	if (w->tm.tm_mon == -1)
		fill_day(w, now);
	if ((wrong = out_of_range(&w->tm)) != NULL)
		return err_set(e, ERR_INPUT, "\"%s\": %s", s, wrong);
	w->tm.tm_year -= 1900;
	w->tm.tm_mon--;
	sec = w->zoned ? (int64_t)timegm(&w->tm) - w->offset : when_from_local(&w->tm);
	*msec = sec < 0 ? 0 : sec * 1000 + w->msec;	/* early on 1970-01-01, east of Greenwich */
	return 0;
}

static int
parse_msec(const char *s, int64_t now, bool partial, int64_t *msec, struct err *e)
{
	static bool (*const forms[])(const char *, struct written *) = {
		form_date, form_digits, form_day, form_partial,
	};
	size_t i, n = sizeof(forms) / sizeof(forms[0]) - (partial ? 0 : 1);

	if (strcasecmp(s, "now") == 0) {
		*msec = now * 1000;
		return 0;
	}
	if (form_ago(s, now, msec) || form_seconds(s, msec))
		return 0;
	for (i = 0; i < n; i++) {
		struct written w = { .zoned = false };

		if (forms[i](s, &w))
			return written_msec(&w, s, now, msec, e);
	}
	return err_set(e, ERR_INPUT, "\"%.100s\": %s", s, EXPECTED);
}

int
when_parse(const char *s, int64_t now, int64_t *sec, struct err *e)
{
	int64_t msec;

	if (parse_msec(s, now, false, &msec, e) == -1)
		return -1;
	*sec = (msec - (msec % 1000 + 1000) % 1000) / 1000;
	return 0;
}

/* +10 and -10: relative to flows that only the reader of the files knows. */
static bool
relative_range(const char *s, int64_t *from, int64_t *to)
{
	const char *p = s + 1;
	int n;

	if ((*s != '+' && *s != '-') || !number(&p, 1, 9, &n) || *p != '\0')
		return false;
	*from = *s == '+' ? INT64_MIN : -(int64_t)n * 1000;
	*to = *s == '+' ? (int64_t)n * 1000 : INT64_MAX;
	return true;
}

int
when_parse_range(const char *s, int64_t *from, int64_t *to, struct err *e)
{
	int64_t now = when_now();
	char first[WHEN_STRLEN * 2];
	const char *dash;
	struct err half;

	if (relative_range(s, from, to))
		return 0;
	*to = INT64_MAX;
	if (parse_msec(s, now, true, from, e) == 0)
		return 0;
	/* "2026-11-20-2026-11-21" has many dashes; only at one of them both sides are times. */
	for (dash = s + 1; *s != '\0' && (dash = strchr(dash, '-')) != NULL; dash++) {
		if ((size_t)(dash - s) >= sizeof(first))
			break;
		memcpy(first, s, (size_t)(dash - s));
		first[dash - s] = '\0';
		if (parse_msec(first, now, true, from, &half) == 0 &&
		    parse_msec(dash + 1, now, true, to, &half) == 0)
			return *from <= *to ? 0 : err_set(e, ERR_INPUT, "\"%s\" ends before it begins", s);
	}
	return err_set(e, ERR_INPUT, "\"%.100s\": expected a time window like "
	    "2026/11/20.14:30:00-2026/11/20.15:00:00", s);
}

/* Printing. */

static char *
iso(int64_t sec, bool zoned, char buf[static WHEN_STRLEN])
{
	struct tm tm, again;
	size_t n;

	when_local(sec, &tm);
	n = strftime(buf, WHEN_STRLEN, tm.tm_sec != 0 ? "%Y-%m-%dT%H:%M:%S" : "%Y-%m-%dT%H:%M", &tm);
	again = tm;
	/* The second of two equal hours needs its offset to be found again. */
	if (zoned || when_from_local(&again) != clamp(sec)) {
		long offset = (long)offset_at(sec), minutes = labs(offset) / 60;

		snprintf(buf + n, WHEN_STRLEN - n, "%c%02ld:%02ld", offset < 0 ? '-' : '+',
		    minutes / 60 % 100, minutes % 60);
	}
	return buf;
}

char *
when_typed(int64_t sec, char buf[static WHEN_STRLEN])
{
	return iso(sec, false, buf);
}

char *
when_iso(int64_t sec, char buf[static WHEN_STRLEN])
{
	return iso(sec, borrowed[0] != '\0', buf);
}

bool
when_english(int64_t sec, char buf[static WHEN_STRLEN])
{
	static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July",
	    "August", "September", "October", "November", "December" };
	struct tm tm, other;
	bool once = true;

	when_local(sec, &tm);
	for (int64_t apart = -7200; apart <= 7200; apart += 1800) {
		when_local(sec + apart, &other);
		if (apart != 0 && other.tm_mday == tm.tm_mday && other.tm_hour == tm.tm_hour && other.tm_min == tm.tm_min)
			once = false;
	}
	snprintf(buf, WHEN_STRLEN, "%s %d, %d %02d:%02d:%02d", months[tm.tm_mon % 12], tm.tm_mday % 100,
	    (tm.tm_year + 1900) % 10000, tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100);
	return once;
}

char *
when_text(int64_t sec, char buf[static WHEN_STRLEN])
{
	struct tm tm;

	when_local(sec, &tm);
	if (strftime(buf, WHEN_STRLEN, "%Y-%m-%d %H:%M %Z", &tm) == 0)
		strftime(buf, WHEN_STRLEN, "%Y-%m-%d %H:%M", &tm);
	return buf;
}

char *
when_msec(int64_t msec, char buf[static WHEN_STRLEN])
{
	int64_t sec = msec / 1000;
	int rest = (int)(msec % 1000);
	struct tm tm;
	size_t n;

	if (rest < 0) {		/* before 1970 the second begins below, too */
		rest += 1000;
		sec--;
	}
	when_local(sec, &tm);
	n = strftime(buf, WHEN_STRLEN, "%Y-%m-%d %H:%M:%S", &tm);
	snprintf(buf + n, WHEN_STRLEN - n, ".%03d", rest);
	return buf;
}

char *
when_utc(int64_t sec, char buf[static WHEN_STRLEN])
{
	time_t t = clamp(sec);
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(buf, WHEN_STRLEN, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return buf;
}
