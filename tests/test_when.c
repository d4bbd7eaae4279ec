#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/when.h"

/* 2026-11-20T14:30 UTC and other seconds here are from date(1) and Python's zoneinfo. */
#define NOW	1795185000

static struct err err;

static void
zone(const char *name)
{
	if (when_zone(name, &err) == -1)
		fail_msg("%s", err.text);
	assert_string_equal(when_zone_name(), name);
}

static void
reads(const char *text, int64_t want)
{
	int64_t sec;

	if (when_parse(text, NOW, &sec, &err) == -1)
		fail_msg("%s", err.text);
	if (sec != want)
		fail_msg("%s is %lld, not %lld", text, (long long)sec, (long long)want);
}

static void
refuses(const char *text, const char *why)
{
	int64_t sec;

	if (when_parse(text, NOW, &sec, &err) == 0)
		fail_msg("\"%s\" is taken", text);
	assert_int_equal(err.kind, ERR_INPUT);
	if (strstr(err.text, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.text, why);
}

static void
forms(void **state)
{
	(void)state;
	zone("UTC");
	reads("2026-11-20T14:30", NOW);
	reads("2026-11-20 14:30:05", NOW + 5);
	reads("2026-11-20 14:30:05.999", NOW + 5);
	reads("2026-11-20", 1795132800);
	reads("2026/11/20.14:30:00", NOW);
	reads("2026/11/20", 1795132800);
	reads("202611201430", NOW);
	reads("20261120143005", NOW + 5);
	reads("20261120", 1795132800);
	reads("14:30", NOW);
	reads("9:00", 1795132800 + 9 * 3600);
	reads("today", 1795132800);
	reads("Today 9:00", 1795132800 + 9 * 3600);
	reads("yesterday 9:00", 1795078800);
	reads("yesterday", 1795078800 - 9 * 3600);
	reads("now", NOW);
	reads("-30m", NOW - 1800);
	reads("-2h", NOW - 7200);
	reads("-1d", NOW - 86400);
	reads("-1w", NOW - 604800);
	reads("@1763649000", 1763649000);
	reads("2024-02-29", 1709164800);
}

static void
offsets(void **state)
{
	(void)state;
	zone("Europe/Berlin");
	reads("2026-11-20T14:30", 1795181400);
	reads("2026-11-20T14:30Z", NOW);
	reads("2026-11-20T14:30+01:00", 1795181400);
	reads("2026-11-20T14:30 -05:00", NOW + 5 * 3600);
	reads("14:30Z", NOW);
	reads("today", 1795132800 - 3600);
	reads("today Z", 1795132800);
	reads("yesterday 9:00", 1795078800 - 3600);
}

static void
faults(void **state)
{
	static const char *const bad[] = {
		"", " ", "x", "2026", "2026-11", "2026-11-20T", "2026-11-20T14", "2026-11-20T14:3", "14",
		"2026-11/20", "20261120143", "-2", "-2y", "--2h", "+2h", "@", "@x", "@99999999999999999999",
		"now now", "yesterday9", "yesterday x", "2026-11-20T14:30+1", "2026-11-20T14:30+15:00",
		"2026-11-20T14:30x", "2026-11-20T14:30 01:00", "14:30:60:1",
	};
	size_t i;

	(void)state;
	zone("UTC");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refuses(bad[i], "expected a time like 2026-11-20T14:30");
	refuses("2026-13-01", "no such month");
	refuses("2026-00-01", "no such month");
	refuses("2026-02-29", "no such day");
	refuses("2100-02-29", "no such day");
	refuses("2026-11-31", "no such day");
	refuses("2026-11-20T24:00", "hours");
	refuses("14:60", "minutes");
	refuses("1969-12-31", "before 1970");
}

static void
range(const char *text, int64_t from, int64_t to)
{
	int64_t got_from, got_to;

	if (when_parse_range(text, &got_from, &got_to, &err) == -1)
		fail_msg("%s", err.text);
	if (got_from != from || got_to != to)
		fail_msg("%s is %lld - %lld", text, (long long)got_from, (long long)got_to);
}

static void
ranges(void **state)
{
	int64_t from, to;

	(void)state;
	zone("UTC");
	setenv("FLOWLIGHT_NOW", "1795185000", 1);
	assert_int_equal(when_now(), NOW);
	range("2026/11/20.14:30:00-2026/11/20.14:30:05", NOW * 1000LL, (NOW + 5) * 1000LL);
	range("2026/11/20.14:30", NOW * 1000LL, INT64_MAX);
	range("2026/11/20.14", 1795183200000, INT64_MAX);
	range("2026/11/20", 1795132800000, INT64_MAX);
	range("2026/11", 1793491200000, INT64_MAX);
	range("2026", 1767225600000, INT64_MAX);
	range("2026-2027", 1767225600000, 1798761600000);
	range("2026/11/20.14-2026/11/20.16", 1795183200000, 1795190400000);
	range("2026-11-20", 1795132800000, INT64_MAX);
	range("2026-11-20-2026-11-21", 1795132800000, 1795219200000);
	range("2026-11-20T14:30-now", NOW * 1000LL, NOW * 1000LL);
	range("-1h", (NOW - 3600) * 1000LL, INT64_MAX);
	range("+10", INT64_MIN, 10000);
	range("-10", -10000, INT64_MAX);
	unsetenv("FLOWLIGHT_NOW");
	assert_int_equal(when_parse_range("2027-2026", &from, &to, &err), -1);
	assert_non_null(strstr(err.text, "ends before it begins"));
	assert_int_equal(when_parse_range("", &from, &to, &err), -1);
	assert_int_equal(when_parse_range("-", &from, &to, &err), -1);
	assert_int_equal(when_parse_range("2026/11/20-", &from, &to, &err), -1);
	assert_non_null(strstr(err.text, "expected a time window"));
}

static void
zones(void **state)
{
	static const char *const bad[] = {
		"Europe/Berlim", "../../etc/passwd", "/etc/passwd", "XX", "CET-", "CET-1CEST,M3;rm",
		"Europe", "UTC1UTC2UTC3",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (when_zone_known(bad[i]))
			fail_msg("%s is known", bad[i]);
		assert_int_equal(when_zone(bad[i], &err), -1);
		assert_non_null(strstr(err.text, bad[i]));
	}
	zone("CET-1CEST,M3.5.0,M10.5.0/3");
	reads("2026-11-20T14:30", 1795181400);
	zone("<+03>-3");
	reads("2026-11-20T14:30", NOW - 3 * 3600);
	setenv("TZ", "Nowhere/Land", 1);
	assert_int_equal(when_zone(NULL, &err), -1);
	setenv("TZ", ":Europe/Berlin", 1);
	assert_int_equal(when_zone(NULL, &err), 0);
	assert_string_equal(when_zone_name(), "Europe/Berlin");
	reads("2026-11-20T14:30", 1795181400);
}

static void
iso(int64_t sec, const char *want)
{
	char buf[WHEN_STRLEN];
	int64_t again;

	assert_string_equal(when_iso(sec, buf), want);
	assert_int_equal(when_parse(buf, NOW, &again, &err), 0);
	assert_int_equal(again, sec);
}

/* The first of two equal hours is meant, unless the offset says otherwise. */
static void
daylight_saving(void **state)
{
	(void)state;
	zone("Europe/Berlin");
	reads("2026-10-25T02:30", 1792888200);
	reads("2026-03-29T02:30", 1774747800);
	iso(1792888200, "2026-10-25T02:30");
	iso(1792891800, "2026-10-25T02:30+01:00");
	iso(1792891800 + 3600, "2026-10-25T03:30");
	zone("Australia/Lord_Howe");
	reads("2026-04-05T01:45", 1775313900);
	iso(1775315700, "2026-04-05T01:45+10:30");
	reads("2026-10-04T02:35", 1791041700);
	zone("America/St_Johns");
	reads("2026-11-01T01:15", 1793504700);
	iso(1793508300, "2026-11-01T01:15-03:30");
	zone("Asia/Kathmandu");
	iso(1777616100, "2026-05-01T12:00");
}

static void
normalizes(void **state)
{
	struct tm tm;

	(void)state;
	zone("Europe/Berlin");
	when_local(1795181400, &tm);
	assert_int_equal(tm.tm_hour, 14);
	tm.tm_mday += 40;	/* 60 November */
	assert_int_equal(when_from_local(&tm), 1795181400 + 40 * 86400);
	assert_int_equal(tm.tm_mon, 11);
	assert_int_equal(tm.tm_mday, 30);
}

static void
printing(void **state)
{
	char buf[WHEN_STRLEN];

	(void)state;
	zone("Europe/Berlin");
	assert_string_equal(when_text(1795181400, buf), "2026-11-20 14:30 CET");
	assert_string_equal(when_utc(1795181400, buf), "2026-11-20T13:30:00Z");
	assert_string_equal(when_iso(1795181405, buf), "2026-11-20T14:30:05");
	assert_string_equal(when_msec(1795181405123, buf), "2026-11-20 14:30:05.123");
	zone("UTC");
	assert_string_equal(when_msec(0, buf), "1970-01-01 00:00:00.000");
	assert_string_equal(when_msec(-1, buf), "1969-12-31 23:59:59.999");
	/* What a hostile exporter may claim. */
	assert_string_equal(when_msec(INT64_MAX, buf), "9999-12-31 23:59:59.807");
	when_msec(INT64_MIN, buf);
	when_iso(INT64_MIN, buf);
	when_text(INT64_MAX, buf);
	assert_string_equal(when_utc(INT64_MAX, buf), "9999-12-31T23:59:59Z");
}

static void
borrows(const char *name)
{
	struct err e;

	if (when_zone_borrow(name, &e) != 0)
		fail_msg("%s", e.text);
}

/* A zone for a while: DST is its own, and what is printed means the same in all zones. */
static void
borrowing(void **state)
{
	static const char *const unknown[] = { "Mars/Phobos", "/etc/localtime", "../../etc/passwd", "CET-1CEST", "", "." };
	char buf[WHEN_STRLEN];
	const char *away;
	unsigned turn;
	struct err e;

	(void)state;
	zone("Europe/Berlin");
	assert_null(when_zone_borrowed());
	turn = when_zone_turn();
	borrows("America/New_York");
	assert_int_not_equal(when_zone_turn(), turn);
	assert_string_equal(when_zone_name(), "America/New_York");
	assert_string_equal(when_zone_own_name(), "Europe/Berlin");
	/* New York puts its clocks back on 1 November 2026 at 06:00 UTC, a week after Berlin. */
	reads("2026-11-01T00:30", 1793507400);
	reads("2026-11-01T01:30", 1793511000);
	reads("2026-11-01T01:30-05:00", 1793514600);
	reads("2026-11-01T02:30", 1793518200);
	assert_string_equal(when_text(1793511000, buf), "2026-11-01 01:30 EDT");
	assert_string_equal(when_text(1793514600, buf), "2026-11-01 01:30 EST");
	iso(1793511000, "2026-11-01T01:30-04:00");
	iso(1793514600, "2026-11-01T01:30-05:00");
	assert_string_equal(when_typed(1793511000, buf), "2026-11-01T01:30");
	assert_string_equal(when_typed(1793514600, buf), "2026-11-01T01:30-05:00");
	away = when_zone_home();
	iso(1793511000, "2026-11-01T06:30+01:00");
	assert_string_equal(when_typed(1793511000, buf), "2026-11-01T06:30");
	when_zone_away(away);
	assert_string_equal(when_text(1793514600, buf), "2026-11-01 01:30 EST");
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		assert_int_equal(when_zone_borrow(unknown[i], &e), -1);
		assert_non_null(strstr(e.text, unknown[i]));
		assert_string_equal(when_zone_name(), "America/New_York");
	}
	borrows("UTC");
	iso(1793514600, "2026-11-01T06:30+00:00");
	borrows("Europe/Berlin");
	assert_null(when_zone_borrowed());
	iso(1793514600, "2026-11-01T07:30");
	assert_null(when_zone_home());
	borrows("Asia/Kolkata");
	borrows(NULL);
	iso(1793514600, "2026-11-01T07:30");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms), cmocka_unit_test(offsets), cmocka_unit_test(faults),
		cmocka_unit_test(ranges), cmocka_unit_test(zones), cmocka_unit_test(daylight_saving),
		cmocka_unit_test(normalizes), cmocka_unit_test(printing), cmocka_unit_test(borrowing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
