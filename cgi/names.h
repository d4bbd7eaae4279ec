/*
 * Names beside values: interfaces by the configuration, services of ports.
 */
#ifndef CGI_NAMES_H
#define CGI_NAMES_H

#include "query/filter_field.h"
#include "site.h"

/*
 * What the interface of this number is called by the sources (NULL: all) and, where it is
 * told, by this exporter: "uplink", "uplink, lan" where they differ; NULL when by none.
 */
const char *name_of_interface(const struct conf *, const struct source *const *, size_t nsources,
	    const struct addr *exporter, uint32_t number, struct arena *);

/* The interfaces that a name means, for the form's fields; borrows the conf. */
struct interface_names names_for_fields(const struct conf *);

/* "DE Example Net", "DE AS64500": whose the address is; NULL when nothing is known. */
const char *name_of_owner(const struct owners *, const struct addr *, struct arena *);

/* The service of a port by whatever protocol has one, or by this one; NULL when none. */
const char *name_of_port(uint16_t port, int proto);

#endif
