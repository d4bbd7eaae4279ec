/*
 * What grouping is made of.  Private to lib/query/group*.c: group.c counts,
 * group_keys.c packs keys, group_top.c ranks.
 */
#ifndef QUERY_GROUP_PRIVATE_H
#define QUERY_GROUP_PRIVATE_H

#include <stdatomic.h>

#include "query/group.h"
#include "query/hot.h"
#include "query/part.h"

#define PART_BITS	8
#define PARTS		(1 << PART_BITS)

/* Keys whose addresses are all IPv4 are packed into less than others. */
enum family { FAMILY_V4, FAMILY_ANY, FAMILIES };

/* What a thread has of a chunk that it fills with entries of a part: from at on there is room. */
struct open_chunk {
	uint64_t *at, *end;
};

/* What a thread has for itself. */
struct local {
	struct hot hot[FAMILIES];
	unsigned direct[FAMILIES];	/* so many batches go past the hot table, which did not help */
	char *packed;			/* keys of a batch */
	uint16_t *chosen[FAMILIES];	/* the batch's flows by family */
	uint8_t *turned;		/* of groups of both directions: which keys of a batch were turned */
	struct open_chunk open[FAMILIES][PARTS];
};

/* The groups of a family. */
struct store {
	struct entry_form form;
	struct slabs *slabs;
	struct part part[PARTS];
};

struct group {
	unsigned threads;
	struct local *local;
	struct store store[FAMILIES];
	atomic_size_t beside;		/* bytes that parts have beside entries */
};

/* The same keys for flows whose addresses are all IPv4; false when that makes no difference. */
bool	group_keys_narrow(const struct group_keys *, struct group_keys *narrow);

/* A key as it would have been packed by the others; both may be the same kind.  Room: KEYS_MAX * 16 bytes. */
void	group_keys_spread(const struct group_keys *, const char *packed, char *to);

#endif
