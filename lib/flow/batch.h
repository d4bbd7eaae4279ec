/*
 * struct batch: flows column by column.  A reader fills one with up to
 * BATCH_MAX flows at a time; results hold their rows in one of any length.
 * A column exists (is not NULL) exactly for the fields in `have`.
 */
#ifndef FLOW_BATCH_H
#define FLOW_BATCH_H

#include "base/addr.h"
#include "base/arena.h"
#include "flow/field.h"

#ifndef BATCH_MAX		/* the fuzzers have small ones: they are quicker, and flows cross more borders */
#define BATCH_MAX	4096
#endif

/* Addresses by their places in a dictionary. */
struct batch_places {
	const struct addr *addr;	/* the dictionary, n in order */
	size_t n;
	uint64_t serial;		/* another one for each dictionary of a reader, from 1 on */
	const uint32_t *place[F_COUNT];	/* of the flows; NULL for columns that have none */
};

struct batch {
	size_t n;			/* flows in it */
	struct fieldset have;		/* columns that are filled */
	void *col[F_COUNT];		/* n values of fields[f].width bytes each */
	uint64_t elements_all;		/* elements that every flow has: lets a filter skip the test per flow */
	uint64_t first_number;		/* 1-based number of the first flow within what is read of its file */
	uint64_t *number;		/* of each flow, when a reader left some out; else NULL */
	const char *ident;		/* of the file, "" if it has none */
	struct fieldset zero;		/* columns that are known to be 0 for all flows */
	/* NULL: none.  A column that has places here is not filled. */
	const struct batch_places *places;
};

/* The number of flow i. */
static inline uint64_t
batch_flow(const struct batch *b, size_t i)
{
	return b->number != NULL ? b->number[i] : b->first_number + i;
}

/* Typed views of a column. */
#define COL8(b, f)	((uint8_t *)(b)->col[f])
#define COL16(b, f)	((uint16_t *)(b)->col[f])
#define COL32(b, f)	((uint32_t *)(b)->col[f])
#define COL64(b, f)	((uint64_t *)(b)->col[f])
#define COLADDR(b, f)	((struct addr *)(b)->col[f])
#define COLSLICE(b, f)	((struct slice *)(b)->col[f])

/* Gives the batch columns for these fields with room for n flows each, zeroed, from the arena. */
void	batch_columns(struct batch *, const struct fieldset *, size_t n, struct arena *);

/* Computes the derived columns in `have` from the others; one that lacks what it is computed from, as a key of groups may, stays. */
void	batch_derive(struct batch *);

/* The value of a number-like field (width 1 to 8) of flow i. */
uint64_t batch_number(const struct batch *, enum field, size_t i);

/* Sets it (cut to the field's width). */
void	batch_set_number(struct batch *, enum field, size_t i, uint64_t);

/* Copies flow `from` of src into place `to` of dst for all columns that both have; slices' bytes into the arena (NULL: they stay where they are). */
void	batch_copy(struct batch *dst, size_t to, const struct batch *src, size_t from, struct arena *);

/* Adds to a sum, which stays at its top when it gets there: what wrapped would look like little. */
static inline void
counter_add(uint64_t *sum, uint64_t more)
{
	uint64_t s = *sum + more;

	*sum = s < more ? UINT64_MAX : s;
}

/* What a flow counts as: aggregated flows or 1; packets and bytes of both directions. */
struct totals { uint64_t flows, packets, bytes; };

/* Totals as nfcapd keeps and nfsen graphs them. */
enum proto_class { PROTO_ALL, PROTO_TCP, PROTO_UDP, PROTO_ICMP, PROTO_OTHER, PROTO_CLASSES };
struct traffic { struct totals by[PROTO_CLASSES]; };
extern const char *const proto_class_names[PROTO_CLASSES];	/* "all", "tcp", … */

/* IP protocol number to its class; ICMP is 1 and 58. */
enum proto_class proto_class(uint8_t proto);

/* Fields that traffic_add needs: F_PROTO, F_FLOWS and the four counters. */
void	traffic_fields(struct fieldset *);

/* Adds the flows of a batch to the totals (those with sel[i] != 0; sel NULL: all). */
void	traffic_add(struct traffic *, const struct batch *, const uint8_t *sel);
void	traffic_join(struct traffic *, const struct traffic *more);

#endif
