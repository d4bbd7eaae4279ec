#include "format/columns.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "format/coladdr.h"
#include "format/format.h"

#define FLUSH_BYTES	(1 << 20)

/* A field's values in the block at hand.  Most are the same in all flows and take no room. */
struct column {
	bool varies;
	_Alignas(8) uint8_t same[16];	/* the value, while it does not */
	uint8_t *values;		/* room for BLOCK_FLOWS */
};

struct colwrite {
	char *path, *temporary;
	int fd;
	bool unfit;			/* there was something that is not kept */
	struct column column[F_COUNT];
	size_t n;			/* flows in the block */
	uint64_t flows, blocks;
	uint64_t offset;		/* in the file, of out */
	struct col_bytes out, directory;
	struct addr_places *places;
	uint32_t *number;		/* of a column's addresses */
	uint64_t *wide, *reference;	/* a column as numbers */
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
	size_t dir = slash != NULL ? (size_t)(slash - path) : 0, size = strlen(path) + sizeof("..XXXXXX");
	int rc = 0;

	w->path = xstrdup(path);
	w->temporary = xmalloc(size);
	w->offset = sizeof(struct col_head);
	snprintf(w->temporary, size, "%.*s", (int)dir, path);
	if (dir > 0)
		rc = file_mkdirs(w->temporary, 0755, e);
	if (slash != NULL)
		snprintf(w->temporary, size, "%.*s/.%s.XXXXXX", (int)dir, path, slash + 1);
	else
		snprintf(w->temporary, size, ".%s.XXXXXX", path);
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
	w->wide = xmalloc(BLOCK_FLOWS * sizeof(*w->wide));
	w->reference = xmalloc(BLOCK_FLOWS * sizeof(*w->reference));
	w->number = xmalloc(BLOCK_FLOWS * sizeof(*w->number));
	return w;
}

void
colwrite_abandon(struct colwrite *w)
{
	if (w == NULL)
		return;
	if (w->fd != -1)
		close(w->fd);
	if (w->temporary != NULL)
		unlink(w->temporary);
	for (enum field f = 0; f < F_COUNT; f++)
		free(w->column[f].values);
	addr_places_free(w->places);
	free(w->out.p);
	free(w->directory.p);
	free(w->wide);
	free(w->reference);
	free(w->number);
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
column_add(struct column *c, size_t have, size_t width, const uint8_t *p, size_t n)
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

/* ---- writing a block ---- */

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
column_numbers(const struct colwrite *w, enum field f, size_t n, const uint32_t *place, uint64_t *out)
{
	const struct column *c = &w->column[f];
	const void *values = c->varies ? c->values : c->same;
	size_t width = fields[f].width;

	if (fields[f].kind != KIND_ADDR) {
		widen(values, width, n, out);
		return;
	}
	for (size_t i = 0; i < n; i++)
		out[i] = place[addr_places_add(w->places, &((const struct addr *)values)[i])];
}

static bool
is_zero(const struct column *c)
{
	static const uint8_t zero[16];

	return !c->varies && memcmp(c->same, zero, sizeof(zero)) == 0;
}

/* All addresses of the block; 0 when there are none but zeros. */
static size_t
write_places(struct colwrite *w, const uint32_t **place)
{
	size_t start = w->out.n;
	bool any = false;

	addr_places_clear(w->places);
	for (enum field f = 0; f < F_COUNT; f++) {
		const struct column *c = &w->column[f];
		size_t n = c->varies ? w->n : 1;

		if (fields[f].kind != KIND_ADDR || is_zero(c))
			continue;
		for (size_t i = 0; i < n; i++)
			addr_places_add(w->places, (const struct addr *)(const void *)(c->varies ? c->values : c->same) + i);
		any = true;
	}
	if (any)
		addr_places_write(w->places, &w->out, place);
	return w->out.n - start;
}

static void
write_column(struct colwrite *w, enum field f, const uint32_t *place, struct col_entry *x)
{
	const struct column *c = &w->column[f];
	enum field other = col_reference(f);
	const uint64_t *reference = NULL;
	size_t start = w->out.n;

	*x = (struct col_entry){ .field = f };
	column_numbers(w, f, c->varies ? w->n : 1, place, w->wide);
	if (!c->varies) {
		x->code = COL_CONST;
		x->least = x->most = w->wide[0];
	} else {
		if (other != F_COUNT && w->column[other].varies) {
			column_numbers(w, other, w->n, NULL, w->reference);
			reference = w->reference;
		}
		col_encode(x, w->wide, reference, fields[f].kind == KIND_TIME, w->n, &w->out);
	}
	if (x->size > 0)
		x->check = col_hash(w->out.p + start, x->size);
}

static void
elements_of(const struct colwrite *w, struct col_block *b)
{
	const struct column *c = &w->column[F_ELEMENTS];
	uint64_t v;

	b->elements_all = UINT64_MAX;
	for (size_t i = 0; i < (c->varies ? w->n : 1); i++) {
		memcpy(&v, c->varies ? c->values + i * 8 : c->same, 8);
		b->elements_all &= v;
		b->elements_any |= v;
	}
}

static int
write_block(struct colwrite *w, struct err *e)
{
	struct col_block b = { .offset = w->offset + w->out.n, .flows = w->n };
	size_t start = w->out.n, at = w->directory.n;
	const uint32_t *place = NULL;

	if (w->n == 0)
		return 0;
	col_bytes_add(&w->directory, sizeof(b));
	elements_of(w, &b);
	b.dict = write_places(w, &place);
	if (b.dict > 0)
		b.check = col_hash(w->out.p + start, b.dict);
	for (enum field f = 0; f < F_COUNT; f++) {
		struct col_entry x;

		if (fields[f].derive != NULL || is_text(f) || is_zero(&w->column[f]))
			continue;
		write_column(w, f, place, &x);
		memcpy(col_bytes_add(&w->directory, sizeof(x)), &x, sizeof(x));
		b.entries++;
	}
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
	struct col_head head = { .magic = COLUMNS_MAGIC, .order = 0x01020304, .version = 1,
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
