#include "flow/slot.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PREFIX	"nfcapd."

static const char *const layouts[] = {
	"", "%Y/%m/%d", "%Y/%m/%d/%H", "%Y/%W/%u", "%Y/%W/%u/%H", "%Y/%j", "%Y/%j/%H", "%Y-%m-%d", "%Y-%m-%d/%H",
};

const char *
slot_layout(unsigned layout)
{
	return layout < sizeof(layouts) / sizeof(layouts[0]) ? layouts[layout] : NULL;
}

void
slot_name(unsigned layout, int64_t start, char *buf, size_t size)
{
	const char *dir = slot_layout(layout), *zone = when_zone_home();
	char format[64];
	struct tm tm;

	when_local(start, &tm);
	when_zone_away(zone);
	snprintf(format, sizeof(format), "%s%s" PREFIX "%%Y%%m%%d%%H%%M%s",
	    dir != NULL ? dir : "", dir != NULL && dir[0] != '\0' ? "/" : "", tm.tm_sec != 0 ? "%S" : "");
	if (strftime(buf, size, format, &tm) == 0 && size > 0)
		buf[0] = '\0';
}

/* The number that n digits make, or -1. */
static int
digits(const char *s, size_t n)
{
	int v = 0;

	for (size_t i = 0; i < n; i++) {
		if (!isdigit((unsigned char)s[i]))
			return -1;
		v = v * 10 + s[i] - '0';
	}
	return v;
}

static bool
same_minute(int64_t t, const struct tm *want)
{
	struct tm tm;

	when_local(t, &tm);
	return tm.tm_min == want->tm_min && tm.tm_hour == want->tm_hour && tm.tm_mday == want->tm_mday;
}

/* By how much clocks are put back: an hour, at Lord Howe half of one. */
static const int steps[] = { 3600, 1800, 7200 };

/* Local time to seconds; of two equal times, when clocks were put back, the first. */
static int64_t
first_local(const struct tm *want)
{
	struct tm tm = *want;
	int64_t t;

	tm.tm_isdst = -1;
	t = when_from_local(&tm);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (same_minute(t - steps[i], want))
			return t - steps[i];
	return t;
}

/* Days from 1970 of a day of the Gregorian calendar. */
static int64_t
days_from_civil(int year, int month, int day)
{
	int64_t y = year - (month <= 2), era = y / 400, of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* "+0100": seconds east of Greenwich. */
static bool
zone_parse(const char *s, int64_t *east)
{
	int hours = digits(s + 1, 2), minutes;

	if ((s[0] != '+' && s[0] != '-') || hours == -1 || (minutes = digits(s + 3, 2)) == -1 || s[5] != '\0' ||
	    hours > 14 || minutes > 59)
		return false;
	*east = (hours * 3600 + minutes * 60) * (s[0] == '-' ? -1 : 1);
	return true;
}

static bool
tm_sane(const struct tm *tm)
{
	static const int days[12] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return tm->tm_year >= 70 && tm->tm_mon >= 0 && tm->tm_mon < 12 && tm->tm_mday >= 1 &&
	    tm->tm_mday <= days[tm->tm_mon] && tm->tm_hour >= 0 && tm->tm_hour < 24 &&
	    tm->tm_min >= 0 && tm->tm_min < 60 && tm->tm_sec >= 0 && tm->tm_sec < 60;
}

/* Seconds since 1970 of a time that is `east` seconds ahead of Greenwich. */
static int64_t
from_zone(const struct tm *tm, int64_t east)
{
	return days_from_civil(tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday) * 86400 +
	    tm->tm_hour * 3600 + tm->tm_min * 60 + tm->tm_sec - east;
}

/* What follows "nfcapd.": 202611201430, or with seconds, a zone or both. */
static bool
nfcapd_parse(const char *name, int64_t *start)
{
	struct tm tm = { 0 };
	int64_t east;
	size_t n = strspn(name, "0123456789");

	if (n != 12 && n != 14)
		return false;
	tm.tm_year = digits(name, 4) - 1900;
	tm.tm_mon = digits(name + 4, 2) - 1;
	tm.tm_mday = digits(name + 6, 2);
	tm.tm_hour = digits(name + 8, 2);
	tm.tm_min = digits(name + 10, 2);
	tm.tm_sec = n == 14 ? digits(name + 12, 2) : 0;
	if (!tm_sane(&tm))
		return false;
	if (name[n] == '\0') {
		*start = first_local(&tm);
		return true;
	}
	if (!zone_parse(name + n, &east))
		return false;
	*start = from_zone(&tm, east);
	return true;
}

/* What follows "ft-v" or "cf-v": 05.2026-11-20.143000+0000, 08m01.2026-…; the seconds are those of the file's creation. */
static bool
flowtools_parse(const char *name, int64_t *start)
{
	size_t version = strspn(name, "0123456789");
	struct tm tm = { 0 };
	int64_t east;

	if (version == 0)
		return false;
	name += version;
	if (name[0] == 'm' && digits(name + 1, 2) != -1)
		name += 3;
	if (strlen(name) != strlen(".2026-11-20.143000+0000") || name[0] != '.' || name[5] != '-' || name[8] != '-' ||
	    name[11] != '.' || !zone_parse(name + 18, &east))
		return false;
	tm.tm_year = digits(name + 1, 4) - 1900;
	tm.tm_mon = digits(name + 6, 2) - 1;
	tm.tm_mday = digits(name + 9, 2);
	tm.tm_hour = digits(name + 12, 2);
	tm.tm_min = digits(name + 14, 2);
	tm.tm_sec = digits(name + 16, 2);
	if (!tm_sane(&tm))
		return false;
	*start = from_zone(&tm, east);
	return true;
}

/* Collectors' names by how they begin. */
static const struct {
	const char *prefix;
	bool (*parse)(const char *rest, int64_t *start);
} names[] = {
	{ PREFIX, nfcapd_parse },
	{ "ft-v", flowtools_parse },
	{ "cf-v", flowtools_parse },
};

bool
slot_is_flowtools(const char *name, unsigned *version, unsigned *method)
{
	int64_t start;

	*version = *method = 0;
	return (strncmp(name, "ft-v", 4) == 0 || strncmp(name, "cf-v", 4) == 0) && slot_parse(name, &start) &&
	    sscanf(name + 4, "%5um%2u", version, method) >= 1;
}

bool
slot_parse(const char *name, int64_t *start)
{
	const char *zone = when_zone_home();
	bool good = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !good; i++)
		if (strncmp(name, names[i].prefix, strlen(names[i].prefix)) == 0)
			good = names[i].parse(name + strlen(names[i].prefix), start);
	when_zone_away(zone);
	return good;
}

static bool
second_local(int64_t first, int64_t *second)
{
	struct tm tm;

	when_local(first, &tm);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (same_minute(first + steps[i], &tm)) {
			*second = first + steps[i];
			return true;
		}
	return false;
}

bool
slot_second(const char *name, int64_t first, int64_t *second)
{
	const char *zone;
	bool good;

	if (strncmp(name, PREFIX, strlen(PREFIX)) != 0 ||
	    name[strlen(PREFIX) + strspn(name + strlen(PREFIX), "0123456789")] != '\0')
		return false;
	zone = when_zone_home();
	good = second_local(first, second);
	when_zone_away(zone);
	return good;
}
