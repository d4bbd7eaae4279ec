/*
 * What the parts of the renderer share.  Private to render*.c.
 */
#ifndef QUERY_RENDER_PRIVATE_H
#define QUERY_RENDER_PRIVATE_H

#include "query/digest.h"
#include "query/fan.h"
#include "query/render.h"
#include "query/text.h"

struct step;

/* An output of -o: how it prints lists and groups, statistics, and the end. */
struct output {
	const char *format;		/* of outputs that are a format of tags, else NULL */
	/* Compiles what it prints of a row; argument is what follows "fmt:", else NULL. */
	int (*start)(struct render *, const char *argument, struct err *);
	void (*head)(struct render *);			/* once, before rows; not with -q; may be NULL */
	void (*rows)(struct render *, const struct batch *);
	void (*groups)(struct render *, const struct table *);	/* NULL: as rows */
	void (*stat)(struct render *, const struct table *, const struct result *);
	void (*series)(struct render *, const struct result *);	/* NULL: prints none */
	void (*finish)(struct render *, const struct result *);	/* not with -q; may be NULL */
	bool takes_format;		/* "name:FORMAT" */
	bool title;			/* a line above the groups of -s record */
	bool says_empty;		/* "No matching flows" */
	bool always_ends;		/* finish is what it prints, also with -q */
	bool apart;			/* a row's text does not depend on the rows before it */
};

/* The columns of the batch that a step prints from. */
#define STEP_FIELDS	10

/* A value that a format can name. */
struct tag {
	const char *name;
	const char *heading;
	void (*print)(struct render *, const struct step *, size_t row);
	enum field field[STEP_FIELDS];	/* ends at F_COUNT; F_ENGINETYPE may only be first */
	uint8_t width;
	bool is_addr;			/* the heading is wider with full IPv6 addresses */
};

/* Columns of addresses, and with full IPv6. */
#define ADDR_WIDTH	16
#define ADDR_WIDTH_LONG	39

/* The tag of a format that the text after a % starts with: the longest, and no letter after it; or NULL. */
const struct tag *tag_find(const char *);

/* Does it print how many rows there were before? */
bool	tag_counts_rows(const struct tag *);

/* A compiled piece of a format: text, or a tag bound to the batch's columns. */
struct step {
	const struct tag *tag;		/* NULL: text */
	const char *text;
	size_t len;
	const char *col[STEP_FIELDS];
	uint8_t stride[STEP_FIELDS];	/* 0 when the batch has no such column: the value is zero */
	uint8_t width[STEP_FIELDS];
};

/* Part of a row of the batch at hand: a step, or text that all rows have there. */
struct span {
	const struct step *step;	/* NULL: text */
	size_t at, len;			/* of the text in constants */
};

struct render {
	const struct query *query;
	struct arena *arena;
	const struct output *output;
	int (*write)(void *ctx, const char *s, size_t n);	/* NULL: of a printer, whose text is taken */
	void *ctx;
	bool gone;			/* write failed: nobody reads any more */
	struct strbuf out;
	unsigned flags;			/* text_flags */
	struct fieldset fields;
	struct step *steps;
	size_t nsteps;
	struct span *spans;		/* made by steps_bind */
	size_t nspans;
	struct strbuf constants;
	bool headed;
	bool framed;			/* head and end stand even with -q, and around everything */
	bool lines;			/* ndjson: an object a line */
	bool masked;			/* rows are groups by keys: what is no key is zero */
	uint64_t nrows;			/* printed so far */
	struct digest *digest;		/* of the output "summary" */
	struct fan *fan;		/* of "fanout" and "fanin", else NULL */
};

/* The format of the output of that name, NULL when it is none: formats may name others. */
const char *render_format(const char *name, size_t len);

/* Empties the buffer into write() when it is full enough, or `all` of it. */
void	render_flush(struct render *, bool all);

/* "fmt:" and the outputs that are formats. */
int	fmt_start(struct render *, const char *argument, struct err *);
void	fmt_head(struct render *);
void	fmt_rows(struct render *, const struct batch *);

int	csv_start(struct render *, const char *argument, struct err *);
void	csv_head(struct render *);
void	csv_proto(struct strbuf *, const char *name);
void	csv_stat(struct render *, const struct table *, const struct result *);
void	csv_finish(struct render *, const struct result *);

int	csv_format_start(struct render *, const char *argument, struct err *);
void	csv_format_head(struct render *);
void	csv_format_rows(struct render *, const struct batch *);

int	raw_start(struct render *, const char *argument, struct err *);
void	raw_rows(struct render *, const struct batch *);

int	pipe_start(struct render *, const char *argument, struct err *);
void	pipe_rows(struct render *, const struct batch *);
void	pipe_stat(struct render *, const struct table *, const struct result *);

int	ndjson_start(struct render *, const char *argument, struct err *);
int	json_start(struct render *, const char *argument, struct err *);
void	json_head(struct render *);
void	json_rows(struct render *, const struct batch *);
void	json_groups(struct render *, const struct table *);
void	json_stat(struct render *, const struct table *, const struct result *);
void	json_finish(struct render *, const struct result *);

/* Begins an object of an array, after what separates it from the one before. */
void	json_object_start(struct render *);

int	digest_start(struct render *, const char *argument, struct err *);
void	digest_rows(struct render *, const struct batch *);
void	digest_finish(struct render *, const struct result *);

int	fan_start(struct render *, const char *argument, struct err *);
void	fan_print_rows(struct render *, const struct batch *);
void	fan_finish(struct render *, const struct result *);

void	text_series(struct render *, const struct result *);
void	csv_series(struct render *, const struct result *);
void	json_series(struct render *, const struct result *);

void	text_stat(struct render *, const struct table *, const struct result *);
uint64_t summary_msec(const struct result *);		/* from the first to the last flow */
void	summary_finish(struct render *, const struct result *);

/* Steps: makes room for n, binds them to a batch, runs them over its rows. */
struct step *steps_new(struct render *, size_t n);
void	step_take(struct render *, struct step *, const struct tag *);	/* and asks for its fields */
void	steps_bind(struct render *, const struct batch *);
void	steps_run(struct render *, size_t nrows);
bool	steps_are_apart(const struct render *);		/* none counts rows */
void	steps_copy(struct render *, const struct render *);

/* The k-th value of a step in a row. */
static inline uint64_t
step_number(const struct step *s, int k, size_t row)
{
	const char *p = s->col[k] + row * s->stride[k];

	switch (s->width[k]) {
	case 1:
		return *(const uint8_t *)p;
	case 2:
		return *(const uint16_t *)(const void *)p;
	case 4:
		return *(const uint32_t *)(const void *)p;
	case 8:
		return *(const uint64_t *)(const void *)p;
	default:
		return 0;
	}
}

static inline const struct addr *
step_addr(const struct step *s, int k, size_t row)
{
	return (const struct addr *)(const void *)(s->col[k] + row * s->stride[k]);
}

static inline const struct slice *
step_slice(const struct step *s, int k, size_t row)
{
	return (const struct slice *)(const void *)(s->col[k] + row * s->stride[k]);
}

/* May rows that are groups show the field?  Keys, and what is counted. */
bool	render_shows(const struct render *, enum field);

/* Of a step whose first two values are an address and the other of its pair. */
bool	step_is_ipv6(const struct render *, const struct step *, size_t row);
void	step_print_addr(struct render *, const struct step *, size_t row, unsigned flags);

/* Right-aligns in `width` places what was appended since `start`. */
void	align_right(struct strbuf *, size_t start, unsigned width);

#endif
