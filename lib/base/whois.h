/*
 * What whois servers write (RFC 3912): text of strangers, that may name the
 * server which knows more.
 */
#ifndef BASE_WHOIS_H
#define BASE_WHOIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/strbuf.h"

#define WHOIS_HOST	254
#define WHOIS_PORT	43

struct whois_server {
	char host[WHOIS_HOST];		/* name or address, lower case */
	uint16_t port;
};

/* "whois.example", "192.0.2.1:4343", "[2001:db8::1]:4343", "2001:db8::1".  0, or -1 when it is none. */
int	whois_server(const char *text, struct whois_server *);

/* The server to which an answer refers the one who asks; false: to none, or to no name of a host. */
bool	whois_referral(const char *text, struct whois_server *);

/*
 * An answer's bytes as plain text in UTF-8: lines end with \n, bytes that are no
 * UTF-8 are taken for Latin-1, and control characters are left out.
 */
void	whois_text(const char *bytes, size_t n, struct strbuf *);

/* Is that an address of a network that is not the world's: loopback, private, of one link? */
bool	whois_is_inside(const struct addr *);

#endif
