#include "format/columns.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "format/colblock.h"
#include "format/colsums.h"
#include "format/format.h"

#define REMOVE_TRIES	3
#define FLUSH_BYTES	(1 << 20)

#define SUMS_SHARE	3	/* for sums, no more than one address for so many flows */
#define PATCHES_SHARE	128	/* of a block's flows one in so many may have another value than is expected */

/* A field's values in the block at hand.  Most are the same in all flows and take no room. */
struct gathered {
	bool varies;
	_Alignas(8) uint8_t same[16];	/* the value, while it does not */
	uint8_t *values;		/* room for BLOCK_FLOWS */
	uint32_t *place;		/* of addresses that vary: in the dictionary, after write_places */
	uint8_t over;			/* enum col_over, after choose_over */
};

struct colwrite {
	char *path, *temporary;
	int fd;
	bool unfit;			/* there was something that is not kept */
	struct gathered column[F_COUNT];
	size_t n;			/* flows in the block */
	uint64_t flows, blocks;
	uint64_t offset;		/* in the file, of out */
	struct col_bytes out, directory;
	struct addr_places *places;
	struct twins *twins;
	bool has_twins;
	struct sums sums;
	/* Columns as numbers: of the flows, what is kept, and by what; and flows with other values. */
	uint64_t *flow, *kept, *other;
	uint16_t *patch;
	uint32_t *first[SIDES], *alike[SIDES];	/* find_alike */
};

char *
columns_path(const char *state, const char *source, const char *name, struct arena *a)
{
	return arena_printf(a, "%s/columns/%s/%s.col", state, source, name);
}

int
columns_origin(int fd, const char *path, uint64_t *origin, struct err *e)
{
	const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
	uint8_t begin[64] = { 0 };

	if (file_read_at(fd, begin, sizeof(begin), 0, e) == -1)
		return -1;
	*origin = col_hash(begin, sizeof(begin)) ^ col_hash(name, strlen(name));
	return 0;
}

void
columns_fields(struct fieldset *set)
{
	for (enum field f = 0; f < F_COUNT; f++)
		if (fields[f].derive == NULL)
			fieldset_add(set, f);
}

static bool
is_text(enum field f)
{
	return fields[f].kind == KIND_TEXT || fields[f].kind == KIND_BINARY;
}

struct colwrite *
colwrite_open(const char *path, struct err *e)
{
	struct colwrite *w = xcalloc(1, sizeof(*w));
	const char *slash = strrchr(path, '/');
	size_t dir = slash != NULL ? (size_t)(slash - path) : 0;
	int rc = 0;

	w->path = xstrdup(path);
	w->temporary = file_temporary(path);
	w->offset = sizeof(struct col_head);
	if (dir > 0) {
		w->temporary[dir] = '\0';
		rc = file_mkdirs(w->temporary, 0755, e);
		w->temporary[dir] = '/';
	}
	w->fd = rc == 0 ? mkstemp(w->temporary) : -1;
	if (w->fd == -1) {
		if (rc == 0)
			err_sys(e, "%s", w->temporary);
		free(w->temporary);
		w->temporary = NULL;
		colwrite_abandon(w);
		return NULL;
	}
	(void)fcntl(w->fd, F_SETFD, FD_CLOEXEC);
	w->places = addr_places_new();
	w->twins = twins_new();
	w->flow = xmalloc(BLOCK_FLOWS * sizeof(*w->flow));
	w->kept = xmalloc(BLOCK_FLOWS * sizeof(*w->kept));
	w->other = xmalloc(BLOCK_FLOWS * sizeof(*w->other));
	w->patch = xmalloc(BLOCK_FLOWS * sizeof(*w->patch));
	for (enum flow_side side = 0; side < SIDES; side++) {
		w->first[side] = xmalloc(BLOCK_FLOWS * sizeof(*w->first[side]));
		w->alike[side] = xmalloc(BLOCK_FLOWS * sizeof(*w->alike[side]));
	}
	return w;
}

void
colwrite_abandon(struct colwrite *w)
{
	if (w == NULL)
		return;
	if (w->fd != -1)
		close(w->fd);
	/* A disk that is full may refuse this, too: once more, as what is left takes space. */
	for (int i = 0; w->temporary != NULL && i < REMOVE_TRIES && unlink(w->temporary) == -1 && errno != ENOENT; i++)
		;
	for (enum field f = 0; f < F_COUNT; f++) {
		free(w->column[f].values);
		free(w->column[f].place);
	}
	addr_places_free(w->places);
	twins_free(w->twins);
	sums_free(&w->sums);
	free(w->out.p);
	free(w->directory.p);
	free(w->flow);
	free(w->kept);
	free(w->other);
	free(w->patch);
	for (enum flow_side side = 0; side < SIDES; side++) {
		free(w->first[side]);
		free(w->alike[side]);
	}
	free(w->temporary);
	free(w->path);
	free(w);
}

/* ---- gathering a block ---- */

/* Are all n values that one? */
static bool
all_same(const uint8_t *p, size_t width, size_t n, const uint8_t *same)
{
	return memcmp(p, same, width) == 0 && memcmp(p, p + width, (n - 1) * width) == 0;
}

static void
column_add(struct gathered *c, size_t have, size_t width, const uint8_t *p, size_t n)
{
	if (have == 0) {
		c->varies = false;
		memcpy(c->same, p, width);
	}
	if (!c->varies && all_same(p, width, n, c->same))
		return;
	if (c->values == NULL)
		c->values = xmalloc(BLOCK_FLOWS * width);
	if (!c->varies)
		for (size_t i = 0; i < have; i++)
			memcpy(c->values + i * width, c->same, width);
	c->varies = true;
	memcpy(c->values + have * width, p, n * width);
}

static bool
has_text(const struct slice *s, size_t n)
{
	uint32_t any = 0;

	for (size_t i = 0; i < n; i++)
		any |= s[i].len;
	return any != 0;
}

static void
block_add(struct colwrite *w, const struct batch *b, size_t from, size_t n)
{
	for (enum field f = 0; f < F_COUNT; f++) {
		size_t width = fields[f].width;

		if (b->col[f] == NULL || fields[f].derive != NULL)
			continue;
		if (is_text(f))
			w->unfit |= has_text(COLSLICE(b, f) + from, n);
		else
			column_add(&w->column[f], w->n, width, (const uint8_t *)b->col[f] + from * width, n);
	}
	w->n += n;
}

/* ---- a block as numbers ---- */

static int
flush(struct colwrite *w, struct err *e)
{
	for (size_t done = 0; done < w->out.n;) {
		ssize_t n = pwrite(w->fd, w->out.p + done, w->out.n - done, (off_t)(w->offset + done));

		if (n == -1)
			return err_sys(e, "%s", w->temporary);
		done += (size_t)n;
	}
	w->offset += w->out.n;
	w->out.n = 0;
	return 0;
}

#define WIDEN(type)							\
	for (size_t i = 0; i < n; i++)					\
		out[i] = ((const type *)values)[i]

static void
widen(const void *values, size_t width, size_t n, uint64_t *out)
{
	switch (width) {
	case 1: WIDEN(uint8_t); break;
	case 2: WIDEN(uint16_t); break;
	case 4: WIDEN(uint32_t); break;
	default: memcpy(out, values, n * sizeof(*out)); break;
	}
}

/* A column's numbers; of addresses, their places in the dictionary. */
static void
column_numbers(const struct colwrite *w, enum field f, uint64_t *out)
{
	const struct gathered *c = &w->column[f];

	if (fields[f].kind == KIND_ADDR)
		widen(c->place, sizeof(*c->place), w->n, out);
	else
		widen(c->values, fields[f].width, w->n, out);
}

static bool
is_zero(const struct gathered *c)
{
	static const uint8_t zero[16];

	return !c->varies && memcmp(c->same, zero, sizeof(zero)) == 0;
}

static bool
has_addresses(const struct colwrite *w, enum field f)
{
	return fields[f].kind == KIND_ADDR && !is_zero(&w->column[f]);
}

/* All addresses of the block; 0 when there are none but zeros. */
static size_t
write_places(struct colwrite *w)
{
	size_t start = w->out.n;
	const uint32_t *place;
	bool any = false;

	addr_places_clear(w->places);
	for (enum field f = 0; f < F_COUNT; f++) {
		struct gathered *c = &w->column[f];
		const struct addr *addr = (const struct addr *)(const void *)(c->varies ? c->values : c->same);

		if (!has_addresses(w, f))
			continue;
		if (c->place == NULL)
			c->place = xmalloc(BLOCK_FLOWS * sizeof(*c->place));
		for (size_t i = 0; i < (c->varies ? w->n : 1); i++)
			c->place[i] = i > 0 && memcmp(&addr[i], &addr[i - 1], sizeof(*addr)) == 0 ? c->place[i - 1] :
			    addr_places_add(w->places, &addr[i]);
		any = true;
	}
	if (!any)
		return 0;
	addr_places_write(w->places, &w->out, &place);
	for (enum field f = 0; f < F_COUNT; f++)
		for (size_t i = 0; has_addresses(w, f) && i < (w->column[f].varies ? w->n : 1); i++)
			w->column[f].place[i] = place[w->column[f].place[i]];
	return w->out.n - start;
}

/* ---- what has a value each ---- */

static bool
find_twins(struct colwrite *w)
{
	const struct gathered *c = w->column;

	if (!c[F_SRCIP].varies || !c[F_DSTIP].varies || !c[F_SRCPORT].varies || !c[F_DSTPORT].varies)
		return false;
	return twins_find(w->twins, &(struct twin_keys){ c[F_SRCIP].place, c[F_DSTIP].place,
	    (const uint16_t *)(const void *)c[F_SRCPORT].values, (const uint16_t *)(const void *)c[F_DSTPORT].values,
	    c[F_PROTO].varies ? c[F_PROTO].values : NULL }, w->n);
}

/*
 * Flows that have another value than the flow that they are like, in patch; other:
 * the partner's column, or the same.  How many, or SIZE_MAX when they are too many.
 */
static size_t
differ(struct colwrite *w, const uint32_t *like, const uint64_t *own, const uint64_t *other)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++) {
		const uint64_t *of = like[i] & TWIN_REVERSE ? other : own;

		w->patch[n] = i;
		n += own[i] != of[like[i] & ~TWIN_REVERSE];
		if (n > w->n / PATCHES_SHARE)
			return SIZE_MAX;
	}
	return n;
}

/* What is kept of a column over leaders. */
static void
keep_leaders(struct colwrite *w, const uint64_t *own, const uint64_t *other)
{
	const struct twins *t = w->twins;

	for (size_t i = 0; i < t->leaders.at[t->leaders.n]; i++)
		w->kept[i] = (t->from[t->row[i]] & TURNED ? other : own)[t->row[i]];
}

/* Of each address the first flow that has it in a column, and so of each flow; not for columns that are the same. */
static void
find_alike(struct colwrite *w, enum flow_side side)
{
	const uint32_t *place = w->column[side == SIDE_SRC ? F_SRCIP : F_DSTIP].place;
	uint32_t *first = w->first[side];

	memset(first, 0xff, addr_places_count(w->places) * sizeof(*first));
	for (size_t i = 0; i < w->n; i++) {
		if (first[place[i]] == UINT32_MAX)
			first[place[i]] = i;
		w->alike[side][i] = first[place[i]];
	}
}

static enum flow_side
key_side(enum field f)
{
	return col_key(f) == F_SRCIP ? SIDE_SRC : SIDE_DST;
}

/* What is kept of a column over its key's addresses.  Those that it does not have there take what costs nothing. */
static void
keep_addresses(struct colwrite *w, const uint64_t *own, enum flow_side side)
{
	size_t all = addr_places_count(w->places);
	const uint32_t *first = w->first[side];
	uint64_t before = own[0];

	for (size_t i = 0; i < all; i++)
		before = w->kept[i] = first[i] != UINT32_MAX ? own[first[i]] : before;
}

/* Can the column be over its key's addresses, and are there less of those than of anything else? */
static bool
fits_addresses(struct colwrite *w, enum field f)
{
	enum field key = col_key(f);
	size_t most = w->has_twins ? w->twins->leaders.at[w->twins->leaders.n] : w->n;

	if (key == F_COUNT || !w->column[key].varies || addr_places_count(w->places) >= most)
		return false;
	column_numbers(w, f, w->flow);
	return differ(w, w->alike[key_side(f)], w->flow, w->flow) != SIZE_MAX;
}

static bool
fits_leaders(struct colwrite *w, enum field f, enum field partner)
{
	column_numbers(w, f, w->flow);
	if (partner == f)
		return differ(w, w->twins->like, w->flow, w->flow) != SIZE_MAX;
	column_numbers(w, partner, w->other);
	return differ(w, w->twins->like, w->flow, w->other) != SIZE_MAX &&
	    differ(w, w->twins->like, w->other, w->flow) != SIZE_MAX;
}

static bool
is_kept(const struct colwrite *w, enum field f)
{
	return fields[f].derive == NULL && !is_text(f) && !is_zero(&w->column[f]);
}

/* Is the column one with a value for each flow so far? */
static bool
is_over_flows(const struct colwrite *w, enum field f)
{
	return is_kept(w, f) && w->column[f].varies && w->column[f].over == COL_FLOWS;
}

static void
choose_over(struct colwrite *w)
{
	bool few = addr_places_count(w->places) <= BLOCK_FLOWS;

	if (few && w->column[F_SRCIP].varies)
		find_alike(w, SIDE_SRC);
	if (few && w->column[F_DSTIP].varies)
		find_alike(w, SIDE_DST);
	for (enum field f = 0; f < F_COUNT; f++) {
		struct gathered *c = &w->column[f];

		c->over = COL_FLOWS;
		if (is_over_flows(w, f) && fits_addresses(w, f))
			c->over = COL_ADDRESSES;
	}
	for (enum field f = 0; w->has_twins && f < F_COUNT; f++) {
		enum field partner = col_partner(f);

		if (!is_over_flows(w, f))
			continue;
		if (partner == F_COUNT || !w->column[partner].varies)
			w->column[f].over = fits_leaders(w, f, f) ? COL_LEADERS : COL_FLOWS;
		else if (partner > f && is_over_flows(w, partner) && fits_leaders(w, f, partner))
			w->column[f].over = w->column[partner].over = COL_TURNED;
	}
}

/* ---- writing a block ---- */

/* The column that this one may be kept by, as far as that has the same values: into other. */
static bool
take_other(struct colwrite *w, enum field f, enum field by)
{
	const struct gathered *c = &w->column[f];
	const struct twins *t = w->twins;

	if (by == F_COUNT || !w->column[by].varies || w->column[by].over != c->over || c->over == COL_TURNED ||
	    c->over == COL_ADDRESSES)
		return false;
	column_numbers(w, by, w->other);
	for (size_t i = 0; c->over == COL_LEADERS && i < t->leaders.at[t->leaders.n]; i++)
		w->other[i] = w->other[t->row[i]];
	return true;
}

static void
write_varying(struct colwrite *w, enum field f, struct col_entry *x)
{
	const struct gathered *c = &w->column[f];
	struct col_cuts whole = { .n = 1 };
	const struct col_cuts *cuts = &w->twins->rows;
	uint64_t least, most;
	size_t patches = 0;
	bool reference, scale;

	column_numbers(w, f, w->flow);
	col_range(w->flow, w->n, &least, &most);
	x->over = c->over;
	switch (c->over) {
	case COL_ADDRESSES:
		x->key = col_key(f);
		patches = differ(w, w->alike[key_side(f)], w->flow, w->flow);
		keep_addresses(w, w->flow, key_side(f));
		whole.at[1] = addr_places_count(w->places);
		cuts = &whole;
		break;
	case COL_TURNED:
	case COL_LEADERS:
		column_numbers(w, c->over == COL_TURNED ? col_partner(f) : f, w->other);
		patches = differ(w, w->twins->like, w->flow, w->other);
		keep_leaders(w, w->flow, w->other);
		cuts = &w->twins->leaders;
		break;
	default:
		memcpy(w->kept, w->flow, w->n * sizeof(*w->kept));
		break;
	}
	reference = take_other(w, f, col_reference(f));
	scale = !reference && take_other(w, f, col_scale(f));
	col_encode(x, w->kept, reference ? w->other : NULL, scale ? w->other : NULL, fields[f].kind == KIND_TIME,
	    false, cuts, &w->out);
	x->least = least;
	x->most = most;
	x->patches = patches;
	memcpy(col_bytes_add(&w->out, 2 * patches), w->patch, 2 * patches);
	for (size_t i = 0; i < patches; i++)
		memcpy(col_bytes_add(&w->out, 8), &w->flow[w->patch[i]], 8);
	x->size += patches * PATCH_BYTES;
}

static void
write_column(struct colwrite *w, enum field f, struct col_entry *x)
{
	const struct gathered *c = &w->column[f];
	size_t start = w->out.n;

	*x = (struct col_entry){ .field = f };
	if (c->varies)
		write_varying(w, f, x);
	else if (fields[f].kind == KIND_ADDR)
		x->least = x->most = c->place[0];
	else {
		widen(c->same, fields[f].width, 1, &x->least);
		x->most = x->least;
	}
	x->check = col_hash(w->out.p + start, x->size);
}

static void
write_twins(struct colwrite *w, struct col_entry *x)
{
	size_t start = w->out.n;

	*x = (struct col_entry){ .over = COL_FLOWS };
	twins_write(w->twins, x, &w->out);
	x->check = col_hash(w->out.p + start, x->size);
}

static void
elements_of(const struct colwrite *w, struct col_block *b)
{
	const struct gathered *c = &w->column[F_ELEMENTS];
	uint64_t v;

	b->elements_all = UINT64_MAX;
	for (size_t i = 0; i < (c->varies ? w->n : 1); i++) {
		memcpy(&v, c->varies ? c->values + i * 8 : c->same, 8);
		b->elements_all &= v;
		b->elements_any |= v;
	}
}

/* A column's numbers, whether they vary or not. */
static void
all_numbers(const struct colwrite *w, enum field f, uint64_t *out)
{
	const struct gathered *c = &w->column[f];

	if (c->varies)
		column_numbers(w, f, out);
	else {
		widen(c->same, fields[f].width, 1, out);
		for (size_t i = 1; i < w->n; i++)
			out[i] = out[0];
	}
}

/* The sums by address, into the directory too.  How many columns. */
static uint32_t
write_sums(struct colwrite *w)
{
	const struct gathered *src = &w->column[F_SRCIP], *dst = &w->column[F_DSTIP];
	size_t all = addr_places_count(w->places);
	uint64_t least, most;
	uint32_t entries = 0;
	struct col_entry x;

	if (!src->varies || !dst->varies || all > w->n / SUMS_SHARE)
		return 0;
	all_numbers(w, F_FLOWS, w->flow);
	col_range(w->flow, w->n, &least, &most);
	if (least == 0)
		return 0;
	sums_start(&w->sums, all);
	for (enum sum sum = 0; sum < SUMS; sum++) {
		if (is_zero(&w->column[sum_fields[sum]]))
			continue;
		all_numbers(w, sum_fields[sum], w->flow);
		sums_add(&w->sums, SIDE_SRC, sum, src->place, w->flow, w->n);
		sums_add(&w->sums, SIDE_DST, sum, dst->place, w->flow, w->n);
	}
	for (enum flow_side side = 0; side < SIDES; side++)
		for (enum sum sum = 0; sum < SUMS; sum++) {
			size_t start = w->out.n;

			if (!sums_write(&w->sums, side, sum, &x, &w->out))
				continue;
			x.check = col_hash(w->out.p + start, x.size);
			memcpy(col_bytes_add(&w->directory, sizeof(x)), &x, sizeof(x));
			entries++;
		}
	return entries;
}

static int
write_block(struct colwrite *w, struct err *e)
{
	struct col_block b = { .offset = w->offset + w->out.n, .flows = w->n };
	size_t start = w->out.n, at = w->directory.n;
	struct col_entry x;

	if (w->n == 0)
		return 0;
	col_bytes_add(&w->directory, sizeof(b));
	elements_of(w, &b);
	b.dict = write_places(w);
	if (b.dict > 0)
		b.check = col_hash(w->out.p + start, b.dict);
	col_cut(&w->twins->rows, w->n);
	w->has_twins = find_twins(w);
	choose_over(w);
	if (w->has_twins) {
		write_twins(w, &x);
		memcpy(col_bytes_add(&w->directory, sizeof(x)), &x, sizeof(x));
		b.entries++;
	}
	for (enum field f = 0; f < F_COUNT; f++) {
		if (!is_kept(w, f))
			continue;
		write_column(w, f, &x);
		memcpy(col_bytes_add(&w->directory, sizeof(x)), &x, sizeof(x));
		b.entries++;
	}
	b.entries += write_sums(w);
	memcpy(w->directory.p + at, &b, sizeof(b));
	w->blocks++;
	w->flows += w->n;
	w->n = 0;
	return w->out.n >= FLUSH_BYTES ? flush(w, e) : 0;
}

int
colwrite_add(struct colwrite *w, const struct batch *b, struct err *e)
{
	for (size_t done = 0; done < b->n && !w->unfit;) {
		size_t n = b->n - done < BLOCK_FLOWS - w->n ? b->n - done : BLOCK_FLOWS - w->n;

		block_add(w, b, done, n);
		done += n;
		if (w->n == BLOCK_FLOWS && write_block(w, e) == -1)
			return -1;
	}
	return 0;
}

/* ---- the end ---- */

static void
write_meta(const struct colwrite *w, const struct reader *r, struct col_bytes *out)
{
	const struct file_info *info = &r->info;
	struct col_meta m = { .flows = w->flows, .blocks = w->blocks, .exporters = r->nexporters,
	    .created = info->created, .data_blocks = info->blocks, .has_stat = info->has_stat,
	    .first_msec = info->first_msec, .last_msec = info->last_msec,
	    .sequence_failures = info->sequence_failures, .packets_corrupt = info->packets_corrupt,
	    .sequence_resets = info->sequence_resets, .lacks = { info->lacks.word[0], info->lacks.word[1] } };

	snprintf(m.compression, sizeof(m.compression), "%s", info->compression != NULL ? info->compression : "");
	snprintf(m.ident, sizeof(m.ident), "%s", info->ident);
	snprintf(m.writer, sizeof(m.writer), "%s", info->writer);
	snprintf(m.comment, sizeof(m.comment), "%s", info->comment);
	for (int p = 0; p < PROTO_CLASSES; p++) {
		m.stat[p][0] = info->stat.by[p].flows;
		m.stat[p][1] = info->stat.by[p].packets;
		m.stat[p][2] = info->stat.by[p].bytes;
	}
	memcpy(col_bytes_add(out, sizeof(m)), &m, sizeof(m));
	for (size_t i = 0; i < r->nexporters; i++) {
		const struct exporter *from = &r->exporters[i];
		struct col_exporter x = { .id = from->id, .sampling = from->sampling, .sysid = from->sysid,
		    .version = from->version, .packets = from->packets, .flows = from->flows,
		    .sequence_failures = from->sequence_failures };

		memcpy(x.addr, from->addr.b, sizeof(x.addr));
		memcpy(col_bytes_add(out, sizeof(x)), &x, sizeof(x));
	}
}

static int
write_end(struct colwrite *w, const struct reader *r, struct err *e)
{
	struct col_head head = { .magic = COLUMNS_MAGIC, .order = 0x01020304, .version = COLUMNS_VERSION,
	    .size = r->info.stamp.size, .mtime_nsec = r->info.stamp.mtime_nsec, .ino = r->info.stamp.ino };
	struct col_foot foot = { .magic = COLUMNS_MAGIC };
	size_t start;

	if (write_block(w, e) == -1 || columns_origin(r->fd, r->path, &head.origin, e) == -1)
		return -1;
	start = w->out.n;
	foot.offset = w->offset + start;
	write_meta(w, r, &w->out);
	if (w->directory.n > 0)
		memcpy(col_bytes_add(&w->out, w->directory.n), w->directory.p, w->directory.n);
	foot.size = w->out.n - start;
	foot.check = col_hash(w->out.p + start, foot.size);
	memcpy(col_bytes_add(&w->out, sizeof(foot)), &foot, sizeof(foot));
	head.check = col_hash(&head, offsetof(struct col_head, check));
	if (flush(w, e) == -1)
		return -1;
	if (pwrite(w->fd, &head, sizeof(head), 0) != sizeof(head) || fchmod(w->fd, 0640) == -1 ||
	    rename(w->temporary, w->path) == -1)
		return err_sys(e, "%s", w->temporary);
	free(w->temporary);
	w->temporary = NULL;
	return 0;
}

int
colwrite_close(struct colwrite *w, const struct reader *r, int64_t *size, struct err *e)
{
	int rc = 0;

	if (!w->unfit && r->faults.n == 0 && r->info.flows == w->flows + w->n)
		rc = write_end(w, r, e) == -1 ? -1 : 1;
	*size = (int64_t)w->offset;
	colwrite_abandon(w);
	return rc;
}
