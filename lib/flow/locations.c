#include "flow/locations.h"

#ifdef HAVE_LIBLOC

#include <netinet/in.h>
#include <stdio.h>
#include <time.h>

#include <libloc/libloc.h>
#include <libloc/as.h>
#include <libloc/database.h>
#include <libloc/network.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define KNOWN_BITS	14	/* room for answers at first, and at most */
#define KNOWN_BITS_MOST	18

/* An answer, for addresses come again and libloc makes an object for each: "-" is no country. */
struct known {
	struct addr addr;
	char country[3];		/* "": nothing is kept here yet */
};

struct locations {
	struct loc_ctx *ctx;
	struct loc_database *db;
	/* libloc counts references to its objects without a lock. */
	pthread_mutex_t lock;
	struct known *known;		/* 1 << bits, by hash */
	unsigned bits;
	size_t lost;			/* answers that made room for others */
};

/* What it has to say is told by what it returns. */
static void
say_nothing(struct loc_ctx *ctx, int priority, const char *file, int line, const char *fn, const char *format,
    va_list args)
{
	(void)ctx, (void)priority, (void)file, (void)line, (void)fn, (void)format, (void)args;
}

static int
database_open(struct locations *l, FILE *f, const char *path, struct err *e)
{
	if (loc_new(&l->ctx) != 0)
		return err_set(e, ERR_SYSTEM, "libloc cannot be used");
	loc_set_log_fn(l->ctx, say_nothing);
	/* It looks whether the parts are there that the header tells of, but takes a header that ends early. */
	if (loc_database_new(l->ctx, &l->db, f) != 0 || loc_database_created_at(l->db) == 0)
		return err_set(e, ERR_INPUT, "%s: is no database of libloc", path);
	return 0;
}

struct locations *
locations_open(const char *path, struct err *e)
{
	struct locations *l = xcalloc(1, sizeof(*l));
	FILE *f = fopen(path, "re");
	int rc = f != NULL ? database_open(l, f, path, e) : err_sys(e, "%s", path);

	l->bits = KNOWN_BITS;
	l->known = xcalloc((size_t)1 << l->bits, sizeof(*l->known));
	pthread_mutex_init(&l->lock, NULL);
	if (f != NULL)
		fclose(f);
	if (rc == 0)
		return l;
	locations_close(l);
	return NULL;
}

void
locations_close(struct locations *l)
{
	if (l == NULL)
		return;
	if (l->db != NULL)
		loc_database_unref(l->db);
	if (l->ctx != NULL)
		loc_unref(l->ctx);
	pthread_mutex_destroy(&l->lock);
	free(l->known);
	free(l);
}

static bool
as_name(struct locations *l, uint32_t number, char name[static OWNER_NAME])
{
	struct loc_as *as = NULL;
	const char *text;
	size_t n;

	name[0] = '\0';
	if (loc_database_get_as(l->db, &as, number) != 0 || as == NULL)
		return false;
	if ((text = loc_as_get_name(as)) != NULL) {
		n = strnlen(text, OWNER_NAME - 1);
		memcpy(name, text, n);
		name[n] = '\0';
	}
	loc_as_unref(as);
	return name[0] != '\0';
}

/* Under the lock; NULL: no network has the address. */
static struct loc_network *
network_of(struct locations *l, const struct addr *addr)
{
	struct loc_network *net = NULL;
	struct in6_addr in;

	memcpy(&in, addr->b, sizeof(in));
	return loc_database_lookup(l->db, &in, &net) == 0 ? net : NULL;
}

static void
country_of(struct loc_network *net, char country[static 3])
{
	const char *code = loc_network_get_country_code(net);

	if (code != NULL && strlen(code) == 2)
		memcpy(country, code, 3);
}

bool
locations_find(struct locations *l, const struct addr *addr, struct net_owner *to)
{
	struct loc_network *net;

	memset(to, 0, sizeof(*to));
	pthread_mutex_lock(&l->lock);
	if ((net = network_of(l, addr)) != NULL) {
		country_of(net, to->country);
		if ((to->as = loc_network_get_asn(net)) != 0)
			as_name(l, to->as, to->name);
		loc_network_unref(net);
	}
	pthread_mutex_unlock(&l->lock);
	return net != NULL;
}

static struct known *
place_of(const struct locations *l, const struct addr *addr)
{
	uint64_t half[2];

	memcpy(half, addr, sizeof(half));
	return &l->known[(half[0] ^ half[1]) * 0xd6e8feb86659fd93 >> (64 - l->bits)];
}

/* Four times the room, where many answers have made room for others. */
static void
grow(struct locations *l)
{
	struct known *old = l->known;
	size_t n = (size_t)1 << l->bits;

	l->bits += 2;
	l->lost = 0;
	l->known = xcalloc((size_t)1 << l->bits, sizeof(*l->known));
	for (size_t i = 0; i < n; i++)
		if (old[i].country[0] != '\0')
			*place_of(l, &old[i].addr) = old[i];
	free(old);
}

static void
learn(struct locations *l, const struct addr *addr)
{
	struct loc_network *net = network_of(l, addr);
	struct known *k = place_of(l, addr);

	if (k->country[0] != '\0' && ++l->lost > (size_t)1 << l->bits && l->bits < KNOWN_BITS_MOST) {
		grow(l);
		k = place_of(l, addr);
	}
	k->addr = *addr;
	memcpy(k->country, "-", 2);
	if (net != NULL) {
		country_of(net, k->country);
		loc_network_unref(net);
	}
}

void
locations_country(struct locations *l, const struct addr *addr, char country[static 3])
{
	const struct known *k;

	pthread_mutex_lock(&l->lock);
	k = place_of(l, addr);
	if (k->country[0] == '\0' || memcmp(&k->addr, addr, sizeof(*addr)) != 0) {
		learn(l, addr);
		k = place_of(l, addr);
	}
	memcpy(country, k->country, sizeof(k->country));
	pthread_mutex_unlock(&l->lock);
	if (country[0] == '-')
		country[0] = '\0';
}

bool
locations_as(struct locations *l, uint32_t as, char name[static OWNER_NAME])
{
	bool known;

	pthread_mutex_lock(&l->lock);
	known = as_name(l, as, name);
	pthread_mutex_unlock(&l->lock);
	return known;
}

#else

struct locations *
locations_open(const char *path, struct err *e)
{
	err_set(e, ERR_INPUT, "%s: this program was built without libloc", path);
	return NULL;
}

void
locations_close(struct locations *l)
{
	(void)l;
}

bool
locations_find(struct locations *l, const struct addr *addr, struct net_owner *to)
{
	(void)l, (void)addr, (void)to;
	return false;
}

void
locations_country(struct locations *l, const struct addr *addr, char country[static 3])
{
	(void)l, (void)addr;
	country[0] = '\0';
}

bool
locations_as(struct locations *l, uint32_t as, char name[static OWNER_NAME])
{
	(void)l, (void)as, (void)name;
	return false;
}

#endif
