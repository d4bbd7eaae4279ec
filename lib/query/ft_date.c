#include "query/ft_date.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/when.h"

static const struct { const char *name; int64_t seconds; } units[] = {
	{ "second", 1 }, { "sec", 1 }, { "minute", 60 }, { "min", 60 }, { "hour", 3600 }, { "day", 86400 },
	{ "week", 604800 }, { "fortnight", 1209600 },
};

static const char *const months[] = {
	"january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
	"november", "december",
};

/* "600 seconds ago" */
static int
parse_ago(const char *text, int64_t now, int64_t *sec)
{
	char unit[16];
	long long n;
	int used = 0;

	if (sscanf(text, "%lld %15[a-zA-Z] ago%n", &n, unit, &used) != 2 || used == 0 || text[used] != '\0' ||
	    n < 0 || n > 1000000000)
		return -1;
	if (strlen(unit) > 1 && unit[strlen(unit) - 1] == 's')
		unit[strlen(unit) - 1] = '\0';
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcasecmp(units[i].name, unit) == 0) {
			*sec = now - n * units[i].seconds;
			return 0;
		}
	return -1;
}

/* "December 12, 2002 5:13:21", month and time in short or left out */
static int
parse_month(const char *text, int64_t *sec)
{
	unsigned day, year, h = 0, m = 0, s = 0;
	struct tm tm = { .tm_isdst = -1 };
	char month[16];
	int used = 0;

	if (sscanf(text, "%15[a-zA-Z] %2u%*[,] %4u%n %2u:%2u%n:%2u%n", month, &day, &year, &used, &h, &m, &used, &s,
	    &used) < 3 || text[used] != '\0' || strlen(month) < 3 || day < 1 || day > 31 || year < 1970 || h > 23 ||
	    m > 59 || s > 60)
		return -1;
	for (int i = 0; i < 12; i++)
		if (strncasecmp(months[i], month, strlen(month)) == 0) {
			tm.tm_year = (int)year - 1900;
			tm.tm_mon = i;
			tm.tm_mday = (int)day;
			tm.tm_hour = (int)h;
			tm.tm_min = (int)m;
			tm.tm_sec = (int)s;
			*sec = when_from_local(&tm);
			return 0;
		}
	return -1;
}

int
ft_date_parse(const char *text, int64_t now, int64_t *sec)
{
	struct err e;

	if (strcasecmp(text, "yesterday") == 0) {
		*sec = now - 86400;
		return 0;
	}
	if (parse_ago(text, now, sec) == 0 || parse_month(text, sec) == 0)
		return 0;
	return when_parse(text, now, sec, &e);
}
