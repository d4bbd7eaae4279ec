/*
 * Names and addresses by DNS, where the configuration has pages ask (host_names, whois).
 */
#ifndef CGI_RESOLVE_H
#define CGI_RESOLVE_H

#include "base/addr.h"
#include "base/conf.h"

#define HOST_NAME	254

/*
 * Asks for the name of an address, for two seconds at the most: 1; 0 when it has none
 * or none was heard of in time; -1 when it cannot be asked.  What a name should not
 * have in it is replaced by "?".
 */
int	resolve_name(const struct conf *, const struct addr *, char name[static HOST_NAME], struct err *);

/* Asks for the address of a name, IPv4 first, for two seconds each; returns likewise. */
int	resolve_address(const struct conf *, const char *name, struct addr *, struct err *);

#endif
