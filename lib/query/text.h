/*
 * Values as nfdump prints them.  The functions append to a buffer and pad
 * nothing unless they say so; none allocates but the buffer.
 */
#ifndef QUERY_TEXT_H
#define QUERY_TEXT_H

#include "base/strbuf.h"
#include "flow/batch.h"

enum text_flags {
	TEXT_PLAIN = 1,		/* -N: counters not scaled */
	TEXT_IPV6_LONG = 2,	/* -6: else "2001:db..ef:1896" */
};

/* Bytes as they are: strbuf_add without a call where there is room. */
static inline void
text_bytes(struct strbuf *sb, const char *s, size_t n)
{
	if (n >= sb->cap - sb->len) {
		strbuf_add(sb, s, n);
		return;
	}
	memcpy(sb->s + sb->len, s, n);
	sb->len += n;
	sb->s[sb->len] = '\0';
}

/* Decimal, right-aligned in at least `width` places. */
void	text_number(struct strbuf *, uint64_t, unsigned width);

/* 1234567 as "1.2 M", as nfdump scales from a million on; or plain. */
void	text_scaled(struct strbuf *, uint64_t, unsigned flags);

/* The same, right-aligned. */
void	text_scaled_padded(struct strbuf *, uint64_t, unsigned flags, unsigned width);

/* "00:00:12.062", "1d 00:00:12.062". */
void	text_duration(struct strbuf *, uint64_t msec);

/*
 * The length of time from first to last, which is negative in files whose
 * collector swapped them ("-00:00:03.969"); and in seconds ("3.969").
 */
void	text_span(struct strbuf *, uint64_t first, uint64_t last);
void	text_span_seconds(struct strbuf *, uint64_t first, uint64_t last);

/* Thousandths of a unit: "0.011". */
void	text_milli(struct strbuf *, uint64_t);

/*
 * "2026-11-20 17:50:11.880" in the zone of the process, with `between` for the
 * blank.  The date is computed once a minute of flow time and thread.
 */
void	text_time(struct strbuf *, uint64_t msec, char between);
void	text_time_seconds(struct strbuf *, uint64_t sec, char between);

/* An address; the one that is not there (all zero) is 0.0.0.0. */
void	text_addr(struct strbuf *, const struct addr *, unsigned flags);

/* One of a pair: the unspecified address is "::" beside an IPv6 address. */
void	text_addr_beside(struct strbuf *, const struct addr *, const struct addr *other, unsigned flags);

/* Is it, or is the other if this one is unspecified? */
bool	text_is_ipv6(const struct addr *, const struct addr *other);

/* "00:50:56:c0:00:01"; "label-exp-bottom". */
void	text_mac(struct strbuf *, uint64_t mac);
void	text_mpls(struct strbuf *, uint32_t label);

/* Is it a protocol whose destination port holds type and code? */
static inline bool
text_is_icmp(uint8_t proto)
{
	return proto == 1 || proto == 58;
}

/*
 * The value of a field of a row, without padding; ports of ICMP flows as
 * type.code when F_PROTO is there.  Nothing if the batch lacks the field.
 */
void	text_field(struct strbuf *, const struct batch *, enum field, size_t row, unsigned flags);

#endif
