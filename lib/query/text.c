#include "query/text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/when.h"
#include "flow/country.h"
#include "flow/names.h"

#define DIGITS	20

/* Room for n bytes at the end: the quick way when there is enough. */
static inline char *
room(struct strbuf *sb, size_t n)
{
	return n < sb->cap - sb->len ? sb->s + sb->len : strbuf_room(sb, n);
}

/* Ends the buffer where p is, which is what was written into its room. */
static inline void
upto(struct strbuf *sb, char *p)
{
	*p = '\0';
	sb->len = (size_t)(p - sb->s);
}

static inline char *
two(char *p, unsigned v)
{
	p[0] = '0' + v / 10;
	p[1] = '0' + v % 10;
	return p + 2;
}

static inline char *
three(char *p, unsigned v)
{
	*p++ = '0' + v / 100;
	return two(p, v % 100);
}

/* Writes the digits so that they end before `end`; returns where they start. */
static inline char *
digits(uint64_t v, char *end)
{
	while (v >= 100) {
		end -= 2;
		two(end, v % 100);
		v /= 100;
	}
	if (v >= 10) {
		two(end - 2, v);
		return end - 2;
	}
	*--end = '0' + v;
	return end;
}

static inline unsigned
digits_of(uint64_t v)
{
	unsigned n = 1;

	for (; v >= 1000; v /= 1000)
		n += 3;
	return n + (v >= 10) + (v >= 100);
}

/* Appends n bytes, right-aligned. */
static void
padded(struct strbuf *sb, const char *s, size_t n, unsigned width)
{
	size_t blanks = n < width ? width - n : 0;
	char *p = room(sb, blanks + n);

	memset(p, ' ', blanks);
	memcpy(p + blanks, s, n);
	upto(sb, p + blanks + n);
}

void
text_number(struct strbuf *sb, uint64_t v, unsigned width)
{
	unsigned n = digits_of(v);
	char *p;

	if (n < width) {
		p = room(sb, width);
		memset(p, ' ', width - n);
		n = width;
	} else
		p = room(sb, n);
	digits(v, p + n);
	upto(sb, p + n);
}

/*
 * Writes "1.2 M" into buf and returns the length: the value divided as a
 * double and rounded by printf, which integers do alike except near a half and
 * where doubles get coarse.
 */
static size_t
scale_by(uint64_t v, uint64_t unit, char letter, char *buf, size_t size)
{
	uint64_t tenth = unit / 10, rest = v % tenth, n = v / tenth;
	char *p = buf, *s, plain[DIGITS];

	if (v >= 100 * unit * 10 || (rest > tenth / 2 - 10 && rest < tenth / 2 + 10))
		return (size_t)snprintf(buf, size, "%.1f %c", (double)v / (double)unit, letter);
	n += rest > tenth / 2;
	s = digits(n / 10, plain + DIGITS);
	memcpy(p, s, plain + DIGITS - s);
	p += plain + DIGITS - s;
	*p++ = '.';
	*p++ = '0' + n % 10;
	*p++ = ' ';
	*p++ = letter;
	return (size_t)(p - buf);
}

void
text_scaled_padded(struct strbuf *sb, uint64_t v, unsigned flags, unsigned width)
{
	char buf[40];
	size_t n;

	if (v < 1000000 || flags & TEXT_PLAIN) {
		text_number(sb, v, width);
		return;
	}
	if (v >= 1000000000000)
		n = scale_by(v, 1000000000000, 'T', buf, sizeof(buf));
	else if (v >= 1000000000)
		n = scale_by(v, 1000000000, 'G', buf, sizeof(buf));
	else
		n = scale_by(v, 1000000, 'M', buf, sizeof(buf));
	padded(sb, buf, n, width);
}

void
text_scaled(struct strbuf *sb, uint64_t v, unsigned flags)
{
	text_scaled_padded(sb, v, flags, 0);
}

void
text_duration(struct strbuf *sb, uint64_t msec)
{
	uint64_t sec = msec / 1000, days = sec / 86400;
	char *p;

	if (days != 0) {
		text_number(sb, days, 0);
		strbuf_add(sb, "d ", 2);
	}
	p = two(room(sb, 12), sec / 3600 % 24);
	*p++ = ':';
	p = two(p, sec / 60 % 60);
	*p++ = ':';
	p = two(p, sec % 60);
	*p++ = '.';
	upto(sb, three(p, msec % 1000));
}

void
text_span(struct strbuf *sb, uint64_t first, uint64_t last)
{
	if (last < first)
		strbuf_addc(sb, '-');
	text_duration(sb, last < first ? first - last : last - first);
}

void
text_milli(struct strbuf *sb, uint64_t v)
{
	char *p;

	text_number(sb, v / 1000, 0);
	p = room(sb, 4);
	*p++ = '.';
	upto(sb, three(p, v % 1000));
}

void
text_span_seconds(struct strbuf *sb, uint64_t first, uint64_t last)
{
	if (last < first)
		strbuf_addc(sb, '-');
	text_milli(sb, last < first ? first - last : last - first);
}

/* "2026-11-20 17:50:" of minutes that were asked lately. */
struct minute {
	int64_t minute;
	unsigned turn;			/* of the zone */
	size_t len;
	char text[32];
};

#define MINUTES	64

/*
 * Offsets of zones that were not a whole number of minutes ended before
 * there were flows to count, so one minute has one text.
 */
static const struct minute *
minute_of(int64_t sec)
{
	static _Thread_local struct minute minutes[MINUTES];
	int64_t minute = sec / 60;
	struct minute *m = &minutes[minute % MINUTES];
	struct tm tm;

	if (minute != m->minute || m->turn != when_zone_turn() || m->len == 0) {
		when_local(minute * 60, &tm);
		m->len = strftime(m->text, sizeof(m->text), "%Y-%m-%d %H:%M:", &tm);
		m->minute = minute;
		m->turn = when_zone_turn();
	}
	return m;
}

/* Writes 19 characters, or more after the year 9999. */
static char *
put_time(char *p, uint64_t sec, char between)
{
	/* A broken record may claim any time; years have four places up to here. */
	uint64_t sane = sec < 253402300800 ? sec : 0;
	const struct minute *m = minute_of(sane);

	memcpy(p, m->text, m->len);
	p[10] = between;
	return two(p + m->len, sane % 60);
}

#define TIME_ROOM	40

void
text_time_seconds(struct strbuf *sb, uint64_t sec, char between)
{
	upto(sb, put_time(room(sb, TIME_ROOM), sec, between));
}

void
text_time(struct strbuf *sb, uint64_t msec, char between)
{
	char *p = put_time(room(sb, TIME_ROOM), msec / 1000, between);

	*p++ = '.';
	upto(sb, three(p, msec % 1000));
}

static inline char *
put_octet(char *p, unsigned v)
{
	if (v >= 100)
		return three(p, v);
	if (v >= 10)
		return two(p, v);
	*p = '0' + v;
	return p + 1;
}

static char *
put_v4(char *p, const uint8_t *b)
{
	for (int i = 0; i < 4; i++) {
		if (i != 0)
			*p++ = '.';
		p = put_octet(p, b[i]);
	}
	return p;
}

static const char hex[] = "0123456789abcdef";

static char *
put_hex(char *p, unsigned word)
{
	int shift = 12;

	while (shift > 0 && word >> shift == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*p++ = hex[word >> shift & 15];
	return p;
}

/* The first of the longest runs of at least two zero words: where and how long. */
static int
zero_run(const unsigned word[8], int *length)
{
	int at = -1, longest = 1;

	for (int i = 0; i < 8; i++) {
		int n = 0;

		while (i + n < 8 && word[i + n] == 0)
			n++;
		if (n > longest) {
			longest = n;
			at = i;
		}
		i += n;
	}
	*length = longest;
	return at;
}

/* RFC 5952, with the addresses that hold an IPv4 one written so, as inet_ntop does. */
static char *
put_v6(char *p, const struct addr *a)
{
	unsigned word[8];
	int run, length;

	for (int i = 0; i < 8; i++)
		word[i] = (unsigned)a->b[2 * i] << 8 | a->b[2 * i + 1];
	run = zero_run(word, &length);
	for (int i = 0; i < 8; i++) {
		if (i == run) {
			*p++ = ':';
			i += length - 1;
			if (i == 7)
				*p++ = ':';
			continue;
		}
		if (i != 0)
			*p++ = ':';
		if (i == 6 && run == 0 && (length == 6 || (length == 5 && word[5] == 0xffff)))
			return put_v4(p, a->b + 12);
		p = put_hex(p, word[i]);
	}
	return p;
}

/* IPv6 addresses that are longer than a column are shown by both their ends. */
#define CONDENSED	16
#define CONDENSED_END	7

static bool
is_zero(const struct addr *a)
{
	static const struct addr zero;

	return memcmp(a, &zero, sizeof(zero)) == 0;
}

void
text_addr(struct strbuf *sb, const struct addr *a, unsigned flags)
{
	char *p = room(sb, ADDR_STRLEN), *end;

	if (addr_is_v4(a) || is_zero(a)) {
		upto(sb, put_v4(p, a->b + 12));
		return;
	}
	end = put_v6(p, a);
	if (end - p > CONDENSED && (flags & TEXT_IPV6_LONG) == 0) {
		memset(p + CONDENSED_END, '.', 2);
		memmove(p + CONDENSED_END + 2, end - CONDENSED_END, CONDENSED_END);
		end = p + CONDENSED;
	}
	upto(sb, end);
}

static bool
is_unspecified(const struct addr *a)
{
	return is_zero(a) || (addr_is_v4(a) && addr_v4(a) == 0);
}

bool
text_is_ipv6(const struct addr *a, const struct addr *other)
{
	const struct addr *tells = is_unspecified(a) ? other : a;

	return !addr_is_v4(tells) && !is_zero(tells);
}

void
text_addr_beside(struct strbuf *sb, const struct addr *a, const struct addr *other, unsigned flags)
{
	if (is_unspecified(a) && text_is_ipv6(a, other))
		strbuf_add(sb, "::", 2);
	else
		text_addr(sb, a, flags);
}

void
text_mac(struct strbuf *sb, uint64_t mac)
{
	char *p = room(sb, 18);

	for (int shift = 40; shift >= 0; shift -= 8) {
		*p++ = hex[mac >> (shift + 4) & 15];
		*p++ = hex[mac >> shift & 15];
		*p++ = ':';
	}
	upto(sb, p - 1);
}

void
text_mpls(struct strbuf *sb, uint32_t label)
{
	char *p;

	text_number(sb, label >> 4, 0);
	p = room(sb, 4);
	*p++ = '-';
	*p++ = '0' + (label >> 1 & 7);
	*p++ = '-';
	*p++ = '0' + (label & 1);
	upto(sb, p);
}

/* Numbers that people know in hexadecimal. */
static bool
is_hex(enum field f)
{
	switch (f) {
	case F_OBSDOMAIN: case F_OBSPOINT:
	case F_IACL: case F_IACE: case F_IXACE:
	case F_EACL: case F_EACE: case F_EXACE:
		return true;
	default:
		return fields[f].kind == KIND_BITS;
	}
}

static void
text_port(struct strbuf *sb, const struct batch *b, enum field f, size_t row)
{
	unsigned port = batch_number(b, f, row);

	if (f != F_DSTPORT || b->col[F_PROTO] == NULL || !text_is_icmp(COL8(b, F_PROTO)[row])) {
		text_number(sb, port, 0);
		return;
	}
	text_number(sb, port >> 8, 0);
	strbuf_addc(sb, '.');
	text_number(sb, port & 0xff, 0);
}

static void
text_slice(struct strbuf *sb, const struct slice *s, enum kind kind)
{
	if (kind == KIND_BINARY)
		for (uint32_t i = 0; i < s->len; i++)
			strbuf_addf(sb, "%02x", s->p[i]);
	else
		for (uint32_t i = 0; i < s->len && s->p[i] != '\0'; i++)
			strbuf_addc(sb, s->p[i] >= ' ' && s->p[i] != 0x7f ? (char)s->p[i] : '?');
}

/* A name, or the number that has none. */
static void
text_named(struct strbuf *sb, const char *name, uint64_t v)
{
	if (name != NULL)
		strbuf_adds(sb, name);
	else
		text_number(sb, v, 0);
}

static void
text_number_field(struct strbuf *sb, enum field f, uint64_t v, unsigned flags)
{
	char buf[NAME_STRLEN];

	switch (fields[f].kind) {
	case KIND_COUNTER: case KIND_RATE:
		text_scaled(sb, v, flags);
		break;
	case KIND_TIME:
		text_time(sb, v, ' ');
		break;
	case KIND_MSEC:
		text_duration(sb, v);
		break;
	case KIND_USEC:
		text_milli(sb, v);
		break;
	case KIND_MAC:
		text_mac(sb, v);
		break;
	case KIND_MPLS:
		text_mpls(sb, v);
		break;
	case KIND_COUNTRY:
		strbuf_adds(sb, country_text((unsigned)v, buf));
		break;
	case KIND_PROTO:
		strbuf_adds(sb, proto_name(v, buf));
		break;
	case KIND_TCPFLAGS:
		strbuf_adds(sb, tcpflags_text(v, buf));
		break;
	case KIND_FWEVENT:
		text_named(sb, fwevent_name(v), v);
		break;
	case KIND_NATEVENT:
		text_named(sb, natevent_name(v), v);
		break;
	default:
		if (is_hex(f))
			strbuf_addf(sb, "0x%llx", (unsigned long long)v);
		else
			text_number(sb, v, 0);
	}
}

void
text_field(struct strbuf *sb, const struct batch *b, enum field f, size_t row, unsigned flags)
{
	if (f >= F_COUNT || b->col[f] == NULL)
		return;
	switch (fields[f].kind) {
	case KIND_ADDR:
		text_addr(sb, &COLADDR(b, f)[row], flags);
		break;
	case KIND_PORT:
		text_port(sb, b, f, row);
		break;
	case KIND_TEXT: case KIND_BINARY:
		text_slice(sb, &COLSLICE(b, f)[row], fields[f].kind);
		break;
	default:
		text_number_field(sb, f, batch_number(b, f, row), flags);
	}
}
