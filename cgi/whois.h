/*
 * What whois knows of an address, where the configuration names a server to ask.
 */
#ifndef CGI_WHOIS_H
#define CGI_WHOIS_H

#include "base/arena.h"
#include "base/conf.h"
#include "base/whois.h"

#define WHOIS_ANSWERS	2	/* the configured server's, and that of the one it refers to */

struct whois_answer {
	char server[WHOIS_HOST + 8];	/* "whois.example", "whois.example:4343" */
	const char *text;		/* UTF-8 without control characters; "" when there is none */
	bool cut;			/* there was more */
	const char *trouble;		/* why there is no answer, or no more of it; NULL: none */
};

/*
 * Asks, for six seconds at the most in all, and returns the number of answers.  One
 * referral is followed: to the port of the configured server alone, and to a network
 * of the inside only when that server is in one.
 */
size_t	whois_ask(const struct conf *, const struct addr *, struct arena *, struct whois_answer[static WHOIS_ANSWERS]);

#endif
