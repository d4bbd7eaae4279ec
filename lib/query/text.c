#include "query/text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/when.h"
#include "flow/names.h"

#define DIGITS	20

/* Writes the digits so that they end before `end`; returns where they start. */
static char *
digits(uint64_t v, char *end)
{
	do {
		*--end = '0' + v % 10;
		v /= 10;
	} while (v != 0);
	return end;
}

static char *
two(char *p, unsigned v)
{
	p[0] = '0' + v / 10;
	p[1] = '0' + v % 10;
	return p + 2;
}

static char *
three(char *p, unsigned v)
{
	*p++ = '0' + v / 100;
	return two(p, v % 100);
}

/* Appends n bytes, right-aligned. */
static void
padded(struct strbuf *sb, const char *s, size_t n, unsigned width)
{
	size_t blanks = n < width ? width - n : 0;
	char *p = strbuf_room(sb, blanks + n);

	memset(p, ' ', blanks);
	memcpy(p + blanks, s, n);
	sb->len += blanks + n;
}

void
text_number(struct strbuf *sb, uint64_t v, unsigned width)
{
	char buf[DIGITS], *s = digits(v, buf + DIGITS);

	padded(sb, s, buf + DIGITS - s, width);
}

/* Writes "1.2 M" or plain digits into buf; returns the length. */
static size_t
scale(uint64_t v, unsigned flags, char *buf, size_t size)
{
	static const struct { uint64_t unit; char letter; } units[] = {
		{ 1000000000000, 'T' }, { 1000000000, 'G' }, { 1000000, 'M' },
	};
	char plain[DIGITS], *s;

	for (size_t i = 0; i < 3 && (flags & TEXT_PLAIN) == 0; i++)
		if (v >= units[i].unit)
			return (size_t)snprintf(buf, size, "%.1f %c",
			    (double)v / (double)units[i].unit, units[i].letter);
	s = digits(v, plain + DIGITS);
	memcpy(buf, s, plain + DIGITS - s);
	return plain + DIGITS - s;
}

void
text_scaled_padded(struct strbuf *sb, uint64_t v, unsigned flags, unsigned width)
{
	char buf[40];
	size_t n = scale(v, flags, buf, sizeof(buf));

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
	char buf[DIGITS + 16], *p = buf;

	if (days != 0) {
		char *s = digits(days, buf + DIGITS);

		p = memmove(buf, s, buf + DIGITS - s);
		p += buf + DIGITS - s;
		*p++ = 'd';
		*p++ = ' ';
	}
	p = two(p, sec / 3600 % 24);
	*p++ = ':';
	p = two(p, sec / 60 % 60);
	*p++ = ':';
	p = two(p, sec % 60);
	*p++ = '.';
	p = three(p, msec % 1000);
	strbuf_add(sb, buf, p - buf);
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
	char buf[4] = { '.' };

	text_number(sb, v / 1000, 0);
	three(buf + 1, v % 1000);
	strbuf_add(sb, buf, 4);
}

void
text_span_seconds(struct strbuf *sb, uint64_t first, uint64_t last)
{
	if (last < first)
		strbuf_addc(sb, '-');
	text_milli(sb, last < first ? first - last : last - first);
}

/* "2026-11-20 17:50:" of the minute that was asked last. */
struct minute {
	int64_t minute;
	size_t len;
	char text[32];
};

/*
 * Offsets of zones that were not a whole number of minutes ended before
 * there were flows to count, so one minute has one text.
 */
static const struct minute *
minute_of(int64_t sec)
{
	static _Thread_local struct minute last = { .minute = -1 };
	int64_t minute = sec / 60;
	struct tm tm;

	if (minute != last.minute) {
		when_local(minute * 60, &tm);
		last.len = strftime(last.text, sizeof(last.text), "%Y-%m-%d %H:%M:", &tm);
		last.minute = minute;
	}
	return &last;
}

void
text_time_seconds(struct strbuf *sb, uint64_t sec, char between)
{
	/* A broken record may claim any time; years have four places up to here. */
	uint64_t sane = sec < 253402300800 ? sec : 0;
	const struct minute *m = minute_of(sane);
	char *p = strbuf_room(sb, m->len + 2);

	memcpy(p, m->text, m->len);
	if (m->len > 10)
		p[10] = between;
	two(p + m->len, sane % 60);
	sb->len += m->len + 2;
}

void
text_time(struct strbuf *sb, uint64_t msec, char between)
{
	char *p;

	text_time_seconds(sb, msec / 1000, between);
	p = strbuf_room(sb, 4);
	p[0] = '.';
	three(p + 1, msec % 1000);
	sb->len += 4;
}

static size_t
octet(char *p, unsigned v)
{
	if (v >= 100)
		return three(p, v) - p;
	if (v >= 10)
		return two(p, v) - p;
	*p = '0' + v;
	return 1;
}

static void
text_v4(struct strbuf *sb, const uint8_t *b)
{
	char *p = strbuf_room(sb, 16), *start = p;

	for (int i = 0; i < 4; i++) {
		if (i != 0)
			*p++ = '.';
		p += octet(p, b[i]);
	}
	sb->len += p - start;
}

/* IPv6 addresses that are longer than a column are shown by both their ends. */
#define CONDENSED	16
#define CONDENSED_END	7

static void
text_v6(struct strbuf *sb, const struct addr *a, unsigned flags)
{
	char buf[ADDR_STRLEN];
	size_t n = addr_print(a, buf);

	if (n <= CONDENSED || flags & TEXT_IPV6_LONG) {
		strbuf_add(sb, buf, n);
		return;
	}
	strbuf_add(sb, buf, CONDENSED_END);
	strbuf_add(sb, "..", 2);
	strbuf_add(sb, buf + n - CONDENSED_END, CONDENSED_END);
}

static bool
is_zero(const struct addr *a)
{
	static const struct addr zero;

	return memcmp(a, &zero, sizeof(zero)) == 0;
}

void
text_addr(struct strbuf *sb, const struct addr *a, unsigned flags)
{
	if (addr_is_v4(a) || is_zero(a))
		text_v4(sb, a->b + 12);
	else
		text_v6(sb, a, flags);
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
	static const char hex[] = "0123456789abcdef";
	char *p = strbuf_room(sb, 18);

	for (int shift = 40; shift >= 0; shift -= 8) {
		unsigned byte = mac >> shift & 0xff;

		*p++ = hex[byte >> 4];
		*p++ = hex[byte & 15];
		*p++ = ':';
	}
	sb->len += 17;
}

void
text_mpls(struct strbuf *sb, uint32_t label)
{
	text_number(sb, label >> 4, 0);
	strbuf_addc(sb, '-');
	text_number(sb, label >> 1 & 7, 0);
	strbuf_addc(sb, '-');
	text_number(sb, label & 1, 0);
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
