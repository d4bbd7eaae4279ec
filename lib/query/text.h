/*
 * Values as nfdump prints them.
 */
#ifndef QUERY_TEXT_H
#define QUERY_TEXT_H

#include "base/strbuf.h"
#include "flow/batch.h"

enum text_flags {
	TEXT_PLAIN = 1,		/* -N: counters not scaled */
	TEXT_IPV6_LONG = 2,	/* -6: else "2001:db..ef:1896" */
};

/* 1234567 as "1.2 M", as nfdump scales from a million on; or plain. */
void	text_scaled(struct strbuf *, uint64_t, unsigned flags);

/* "00:00:12.062", "1d 00:00:12.062". */
void	text_duration(struct strbuf *, uint64_t msec);

/* The value of a field of a row, without padding; ports of ICMP flows as type.code when F_PROTO is there. */
void	text_field(struct strbuf *, const struct batch *, enum field, size_t row, unsigned flags);

#endif
