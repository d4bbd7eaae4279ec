#include "format/habit.h"

#include <string.h>

#define BIT(f)		((uint64_t)1 << (f))
#define AS		(BIT(F_SRCAS) | BIT(F_DSTAS))
#define MASKS		(BIT(F_SRCMASK) | BIT(F_DSTMASK))
#define INTERFACES	(BIT(F_INIF) | BIT(F_OUTIF))
#define ROUTES		(AS | MASKS | BIT(F_NEXTHOP))
#define IPFIX		10
#define PFLOW		42

/* Bits of engines: type and number are both 0, both pflow's, or something else. */
enum { ENGINE_0 = 1, ENGINE_PFLOW = 2, ENGINE_OTHER = 4 };

const struct habit habits[] = {
	{ "pfflowd", ROUTES | INTERFACES | BIT(F_FLAGS) | BIT(F_SRCTOS), 0, 1 << 1 | 1 << 5, 0,
	    "A flow ends when pf drops the state, 30 seconds to 24 hours after the last packet." },
	{ "pflow", ROUTES | BIT(F_FLAGS), INTERFACES | BIT(F_SRCTOS), 1 << 5 | 1 << IPFIX, PFLOW,
	    "Traffic through the firewall is told on each interface: see count.  ToS is that of the rule." },
	{ "softflowd", ROUTES, INTERFACES | BIT(F_SRCTOS), 1 << 1 | 1 << 5 | 1 << 9 | 1 << IPFIX, 0,
	    "Both interfaces are the number that -i gives." },
	{ "fprobe", ROUTES, INTERFACES | BIT(F_SRCTOS), 1 << 1 | 1 << 5 | 1 << 7, 0,
	    "Interfaces are the numbers that -x gives.  Bytes of a flow are cut to 32 bits." },
	{ "ng_netflow", AS, INTERFACES | MASKS | BIT(F_NEXTHOP) | BIT(F_SRCTOS), 1 << 5 | 1 << 9, -1,
	    "Times are whole seconds, so that short flows have no duration." },
	{ NULL, 0, 0, 0, 0, NULL },
};

/* Where zero may mean that it is not told. */
static const enum field doubtful[] = {
	F_FLAGS, F_SRCTOS, F_INIF, F_OUTIF, F_SRCMASK, F_DSTMASK, F_SRCAS, F_DSTAS, F_NEXTHOP,
};

#define DOUBTFUL	(sizeof(doubtful) / sizeof(doubtful[0]))

_Static_assert(F_FLAGS < 64 && F_SRCTOS < 64 && F_DSTMASK < 64 && F_DSTAS < 64 && F_NEXTHOP < 64,
    "fields of habits have a bit in 64");

void
told_wants(struct fieldset *set)
{
	static const enum field others[] = { F_PROTO, F_FIRST, F_LAST, F_NFVERSION, F_ENGINETYPE, F_ENGINEID };

	for (size_t k = 0; k < DOUBTFUL; k++)
		fieldset_add(set, doubtful[k]);
	for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++)
		fieldset_add(set, others[k]);
}

static bool
is_zero(const struct batch *b, enum field f, size_t i)
{
	static const struct addr none;
	struct addr any = addr_from_v4(0);

	if (fields[f].kind != KIND_ADDR)
		return batch_number(b, f, i) == 0;
	return memcmp(&COLADDR(b, f)[i], &none, sizeof(none)) == 0 ||
	    memcmp(&COLADDR(b, f)[i], &any, sizeof(any)) == 0;
}

void
told_add(struct told *t, const struct batch *b)
{
	for (size_t k = 0; k < DOUBTFUL; k++)
		for (size_t i = 0; i < b->n && (t->fields & BIT(doubtful[k])) == 0; i++)
			if (!is_zero(b, doubtful[k], i))
				t->fields |= BIT(doubtful[k]);
	for (size_t i = 0; i < b->n; i++) {
		unsigned version = COL8(b, F_NFVERSION)[i];
		unsigned type = COL8(b, F_ENGINETYPE)[i], number = COL8(b, F_ENGINEID)[i];

		t->tcp += COL8(b, F_PROTO)[i] == 6;
		t->backwards += COL64(b, F_LAST)[i] < COL64(b, F_FIRST)[i];
		t->versions |= 1u << (version < 31 ? version : 31);
		t->engines |= type == 0 && number == 0 ? ENGINE_0 :
		    type == PFLOW && number == PFLOW ? ENGINE_PFLOW : ENGINE_OTHER;
	}
	t->flows += b->n;
}

uint64_t
told_not(const struct told *t)
{
	uint64_t not = 0;

	for (size_t k = 0; k < DOUBTFUL && t->flows > 0; k++)
		if (doubtful[k] != F_FLAGS || t->tcp > 0)
			not |= BIT(doubtful[k]) & ~t->fields;
	/* ToS alone is zero where nobody marks packets. */
	return not != BIT(F_SRCTOS) ? not : 0;
}

bool
told_fits(const struct told *t, const struct habit *h)
{
	uint64_t not = told_not(t), unknown = t->tcp == 0 ? BIT(F_FLAGS) : 0;

	if (t->flows == 0 || (h->never & ~not & ~unknown) != 0 || (not & ~(h->never | h->unless)) != 0 ||
	    (t->versions & ~h->versions) != 0)
		return false;
	/* IPFIX has no engine. */
	return h->engine == -1 || t->versions == 1u << IPFIX || 
	    t->engines == (h->engine == PFLOW ? ENGINE_PFLOW : ENGINE_0);
}
