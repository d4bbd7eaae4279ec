#include "query/render_private.h"

#include <string.h>

/* Where steps look whose column the batch lacks; as wide as the widest value. */
static const uint64_t nothing[2];

struct step *
steps_new(struct render *r, size_t n)
{
	r->steps = arena_array(r->arena, n, sizeof(*r->steps));
	r->spans = arena_array(r->arena, n, sizeof(*r->spans));
	r->nsteps = 0;
	return r->steps;
}

static bool
tag_has(const struct tag *tag, int k)
{
	return tag != NULL && k < STEP_FIELDS && tag->field[k] != F_COUNT &&
	    (k == 0 || tag->field[k] != 0);
}

void
step_take(struct render *r, struct step *s, const struct tag *tag)
{
	s->tag = tag;
	for (int k = 0; tag_has(tag, k); k++)
		fieldset_add(&r->fields, tag->field[k]);
}

bool
render_shows(const struct render *r, enum field f)
{
	if (!r->masked)
		return true;
	for (size_t i = 0; i < r->query->nkeys; i++)
		if (r->query->keys[i].field == f)
			return true;
	return f == F_FIRST || f == F_LAST || fields[f].kind == KIND_COUNTER;
}

bool
steps_are_apart(const struct render *r)
{
	for (size_t i = 0; i < r->nsteps; i++)
		if (r->steps[i].tag != NULL && tag_counts_rows(r->steps[i].tag))
			return false;
	return true;
}

void
steps_copy(struct render *to, const struct render *from)
{
	steps_new(to, from->nsteps);
	to->nsteps = from->nsteps;
	if (from->nsteps > 0)
		memcpy(to->steps, from->steps, from->nsteps * sizeof(*to->steps));
}

/* Does the step print the same in all rows?  A tag without fields may count rows. */
static bool
is_constant(const struct step *s, size_t nrows)
{
	if (s->tag == NULL)
		return true;
	for (int k = 0; tag_has(s->tag, k); k++)
		if (s->stride[k] != 0 && memcmp(s->col[k], s->col[k] + s->stride[k], (nrows - 1) * s->stride[k]) != 0)
			return false;
	return tag_has(s->tag, 0);
}

static void
step_print(struct render *r, const struct step *s, size_t row)
{
	if (s->tag != NULL)
		s->tag->print(r, s, row);
	else
		text_bytes(&r->out, s->text, s->len);
}

/*
 * Most of what a row of many columns holds is the same in all rows of a batch:
 * what was not exported, one router, one interface.  Steps that stand together and
 * print the same everywhere become one text.
 */
static void
make_spans(struct render *r, size_t nrows)
{
	struct span *last = NULL;

	r->nspans = 0;
	strbuf_reset(&r->constants);
	for (size_t i = 0; i < r->nsteps; i++) {
		size_t start = r->out.len;

		if (!is_constant(&r->steps[i], nrows)) {
			r->spans[r->nspans++] = (struct span){ .step = &r->steps[i] };
			last = NULL;
			continue;
		}
		if (last == NULL) {
			last = &r->spans[r->nspans++];
			*last = (struct span){ .at = r->constants.len };
		}
		step_print(r, &r->steps[i], 0);
		strbuf_add(&r->constants, r->out.s + start, r->out.len - start);
		last->len = r->constants.len - last->at;
		r->out.len = start;
	}
}

void
steps_bind(struct render *r, const struct batch *b)
{
	for (size_t i = 0; i < r->nsteps; i++) {
		struct step *s = &r->steps[i];

		for (int k = 0; k < STEP_FIELDS; k++) {
			enum field f = tag_has(s->tag, k) ? s->tag->field[k] : F_COUNT;
			bool shown = f != F_COUNT && b->col[f] != NULL && render_shows(r, f);

			s->width[k] = f != F_COUNT ? fields[f].width : 0;
			s->stride[k] = shown ? s->width[k] : 0;
			s->col[k] = shown ? b->col[f] : (const char *)nothing;
		}
	}
	if (b->n > 0)
		make_spans(r, b->n);
}

void
steps_run(struct render *r, size_t nrows)
{
	const struct span *end = r->spans + r->nspans;

	for (size_t row = 0; row < nrows && !r->gone; row++) {
		r->nrows++;
		for (const struct span *s = r->spans; s < end; s++)
			if (s->step != NULL)
				s->step->tag->print(r, s->step, row);
			else
				text_bytes(&r->out, r->constants.s + s->at, s->len);
		text_bytes(&r->out, "\n", 1);
		render_flush(r, false);
	}
}

/*
 * The zero of IPv4 is mapped, so a key that is all zero is the unspecified
 * address of IPv6.  In a list it is more likely an address that is not there.
 */
static bool
is_zero_key(const struct render *r, const struct step *s, size_t row)
{
	return r->masked && s->stride[0] != 0 && (s->tag->field[0] == F_SRCIP || s->tag->field[0] == F_DSTIP) &&
	    memcmp(step_addr(s, 0, row), nothing, sizeof(struct addr)) == 0;
}

bool
step_is_ipv6(const struct render *r, const struct step *s, size_t row)
{
	return is_zero_key(r, s, row) || text_is_ipv6(step_addr(s, 0, row), step_addr(s, 1, row));
}

void
step_print_addr(struct render *r, const struct step *s, size_t row, unsigned flags)
{
	if (is_zero_key(r, s, row))
		strbuf_add(&r->out, "::", 2);
	else
		text_addr_beside(&r->out, step_addr(s, 0, row), step_addr(s, 1, row), flags);
}

void
align_right(struct strbuf *sb, size_t start, unsigned width)
{
	size_t n = sb->len - start, blanks = n < width ? width - n : 0;

	if (blanks == 0)
		return;
	strbuf_room(sb, blanks);
	memmove(sb->s + start + blanks, sb->s + start, n);
	memset(sb->s + start, ' ', blanks);
	sb->len += blanks;
	sb->s[sb->len] = '\0';
}
