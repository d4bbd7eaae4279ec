/*
 * Names that the field uses for numbers.  Tables in this file's .c, no look-up
 * outside the process.
 */
#ifndef FLOW_NAMES_H
#define FLOW_NAMES_H

#include <stddef.h>
#include <stdint.h>

#define NAME_STRLEN	32

/* IP protocols as nfdump prints them: "TCP", "ICMP6"; a number for others.  Returns buf or a constant. */
const char *proto_name(uint8_t proto, char buf[static NAME_STRLEN]);

/* nfdump's table, prefix match, any case, at most 5 letters; or a number.  0-255, or -1. */
int	proto_number(const char *);

/* "CEUAPRSF" with dots for bits that are clear. */
char	*tcpflags_text(uint8_t flags, char buf[static NAME_STRLEN]);

/* Forwarding status (RFC 7270), firewall and NAT events: "Forw", "CREATE"; NULL when the number has no name. */
const char *fwdstat_name(uint8_t);
const char *fwevent_name(uint8_t);
const char *natevent_name(uint8_t);
const char *natevent_title(uint8_t);	/* "NAT44 session create", or "" */
int	fwdstat_number(const char *);		/* or -1 */
int	fwevent_number(const char *);
int	natevent_number(const char *);

/* Well-known service of a port for hovering ("domain"), NULL when none: from a small table of ours. */
const char *port_name(uint16_t port, uint8_t proto);

#endif
