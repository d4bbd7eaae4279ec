#include "query/post.h"

#include <stdio.h>
#include <string.h>

#include "query/group.h"

bool
post_is_any(const struct query *q)
{
	return q->post_program == NULL && !q->packets_limit.given && !q->bytes_limit.given;
}

/* "srcip" for "dstip" and back, "inif" for "outif"; F_COUNT when it has no such partner. */
static enum field
partner(enum field f)
{
	const char *name = fields[f].name;
	char other[32];

	if (f == F_INIF || f == F_OUTIF)
		return f == F_INIF ? F_OUTIF : F_INIF;
	if (strncmp(name, "src", 3) != 0 && strncmp(name, "dst", 3) != 0)
		return F_COUNT;
	snprintf(other, sizeof(other), "%s%s", name[0] == 's' ? "dst" : "src", name + 3);
	return field_find(other);
}

static void
rows_of_keys(const struct query *q, struct fieldset *rows)
{
	fieldset_add(rows, F_FLAGS);
	for (size_t i = 0; i < q->nkeys; i++)
		fieldset_add(rows, q->keys[i].field);
}

static int
check_rows(const struct fieldset *wanted, struct fieldset *rows, const char *table, struct err *e)
{
	counters_fields(rows);
	for (enum field f = 0; f < F_COUNT; f++) {
		enum field other = partner(f);

		if (!fieldset_has(wanted, f) || fields[f].derive != NULL || f == F_ELEMENTS || fieldset_has(rows, f) ||
		    (other != F_COUNT && fieldset_has(rows, other)))
			continue;
		return err_set(e, ERR_INPUT, "the rows of %s have no %s", table, fields[f].name);
	}
	return 0;
}

int
post_check(struct query *q, struct err *e)
{
	struct fieldset wanted = { { 0, 0 } };

	q->post_program = NULL;
	if (q->post != NULL) {
		struct filter *program = filter_compile(q->post, q->arena, e);

		if (program == NULL)
			return -1;
		q->post_program = filter_is_any(program) ? NULL : program;
	}
	if (post_is_any(q))
		return 0;
	if (q->mode == QUERY_LIST)
		return err_set(e, ERR_INPUT, "limits are for statistics and groups; of flows, the filter decides");
	if (q->post_program != NULL)
		filter_fields(q->post_program, &wanted);
	fieldset_close(&wanted);
	for (size_t i = 0; i < q->nstats || (i == 0 && q->nstats == 0); i++) {
		const struct stat_request *r = q->nstats > 0 ? &q->stats[i] : NULL;
		bool keys = r == NULL || statistic_is_record(r->stat);
		struct fieldset rows = { { 0, 0 } };

		if (keys)
			rows_of_keys(q, &rows);
		else
			fieldset_add(&rows, r->stat->side[0]);
		if (r != NULL && r->by_proto)
			fieldset_add(&rows, F_PROTO);
		if (check_rows(&wanted, &rows, keys ? "these groups" : r->stat->name, e) == -1)
			return -1;
	}
	return 0;
}

static bool
within(const struct amount_limit *limit, uint64_t n)
{
	return !limit->given || (limit->below ? n < limit->n : n > limit->n);
}

/* A row has every element but those of the other family of its addresses. */
static void
fill_elements(const struct batch *b)
{
	uint64_t *elements = COL64(b, F_ELEMENTS);

	memset(elements, 0xff, b->n * sizeof(*elements));
	for (enum field f = 0; f < F_COUNT; f++) {
		uint64_t both = fields[f].elements, v4 = both & -both;

		if (b->col[f] == NULL || fields[f].kind != KIND_ADDR || both == v4)
			continue;
		for (size_t i = 0; i < b->n; i++)
			elements[i] &= ~(addr_is_v4(&COLADDR(b, f)[i]) ? both & ~v4 : v4);
	}
}

static size_t
post_choose(void *ctx, const struct batch *b, uint8_t *sel)
{
	struct post *p = ctx;
	const struct query *q = p->query;
	struct counters c;
	size_t n = 0;

	if (b->col[F_ELEMENTS] != NULL)
		fill_elements(b);
	if (q->post_program != NULL)
		filter_run(q->post_program, p->scratch, b, sel);
	else
		memset(sel, 1, b->n);
	for (size_t i = 0; i < b->n; i++) {
		counters_of_row(b, i, &c);
		sel[i] &= within(&q->packets_limit, counters_packets(&c, p->side)) &&
		    within(&q->bytes_limit, counters_bytes(&c, p->side));
		n += sel[i];
	}
	return n;
}

static bool
can_derive(const struct fieldset *columns, enum field f)
{
	for (int i = 0; i < 3 && fields[f].needs[i] != F_COUNT; i++)
		if (!fieldset_has(columns, fields[f].needs[i]))
			return false;
	return true;
}

void
post_selection(struct post *p, const struct query *q, enum order order, struct fieldset *columns,
    struct arena *a, struct selection *s)
{
	struct fieldset wanted = { { 0, 0 } };

	p->query = q;
	p->side = order != ORDERS ? orders[order].side : SIDE_BOTH;
	if (q->post_program != NULL) {
		filter_fields(q->post_program, &wanted);
		p->scratch = filter_scratch(q->post_program, a);
	}
	/* Columns that the rows have not stay away: a test on such is false. */
	for (enum field f = 0; f < F_COUNT; f++)
		if (fieldset_has(&wanted, f) &&
		    (fields[f].derive != NULL ? can_derive(columns, f) : f == F_ELEMENTS))
			fieldset_add(columns, f);
	s->fields = *columns;
	s->choose = post_choose;
	s->ctx = p;
}
