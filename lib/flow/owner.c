#include "flow/owner.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "flow/locations.h"
#include "flow/netnames.h"

struct owners {
	struct netnames *networks;	/* NULL: no file of them */
	struct locations *locations;	/* NULL: no database */
};

struct owners *
owners_open(const char *networks, const char *locations, struct err *e)
{
	struct owners *o = xcalloc(1, sizeof(*o));

	if (networks != NULL && (o->networks = netnames_read(networks, e)) == NULL) {
		err_in(e, "networks");
	} else if (locations != NULL && (o->locations = locations_open(locations, e)) == NULL) {
		err_in(e, "locations");
	} else {
		return o;
	}
	owners_close(o);
	return NULL;
}

void
owners_close(struct owners *o)
{
	if (o == NULL)
		return;
	netnames_free(o->networks);
	locations_close(o->locations);
	free(o);
}

static void
name_set(char name[static OWNER_NAME], const char *from)
{
	size_t n = strlen(from);

	n = n < OWNER_NAME ? n : OWNER_NAME - 1;
	memcpy(name, from, n);
	name[n] = '\0';
}

/* What the one does not say, the other may. */
static void
complete(struct net_owner *to, const struct net_owner *from)
{
	if (to->country[0] == '\0')
		memcpy(to->country, from->country, sizeof(to->country));
	/* A name goes with its AS. */
	if (to->as == 0 && to->name[0] == '\0')
		name_set(to->name, from->name);
	if (to->as == 0)
		to->as = from->as;
}

bool
owner_find(const struct owners *o, const struct addr *addr, struct net_owner *to)
{
	const struct net_name *net = o->networks != NULL ? netnames_find(o->networks, addr) : NULL;
	struct net_owner other;
	bool found;

	memset(to, 0, sizeof(*to));
	if (net != NULL) {
		to->as = net->as;
		memcpy(to->country, net->country, sizeof(to->country));
		name_set(to->name, net->name);
	}
	found = o->locations != NULL && locations_find(o->locations, addr, &other);
	if (found)
		complete(to, &other);
	if (to->as != 0 && to->name[0] == '\0')
		owner_of_as(o, to->as, to->name);
	return net != NULL || found;
}

bool
owners_know_countries(const struct owners *o)
{
	return o->locations != NULL;
}

void
owner_country(const struct owners *o, const struct addr *addr, char country[static 3])
{
	const struct net_name *net = o->networks != NULL ? netnames_find(o->networks, addr) : NULL;

	country[0] = '\0';
	if (net != NULL && net->country[0] != '\0')
		memcpy(country, net->country, sizeof(net->country));
	else if (o->locations != NULL)
		locations_country(o->locations, addr, country);
}

bool
owner_of_as(const struct owners *o, uint32_t as, char name[static OWNER_NAME])
{
	const char *known = o->networks != NULL ? netnames_as(o->networks, as) : NULL;

	if (known != NULL) {
		name_set(name, known);
		return true;
	}
	return o->locations != NULL && locations_as(o->locations, as, name);
}
