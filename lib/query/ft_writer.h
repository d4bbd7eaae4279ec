/*
 * Tables of flow-report: as CSV like flow-report's own, as a table in HTML, or as
 * text in columns with octets that people can read.  Private to lib/query.
 */
#ifndef QUERY_FT_WRITER_H
#define QUERY_FT_WRITER_H

#include "base/strbuf.h"
#include "query/ft_report.h"

#define FT_CELLS_MAX	160

struct ft_writer {
	FILE *out;
	enum ft_form form;
	/* What a column holds; of text and HTML. */
	size_t n;
	const char *heading[FT_CELLS_MAX];
	bool is_key[FT_CELLS_MAX], is_octets[FT_CELLS_MAX];
	struct strbuf cells;		/* of rows that wait for their widths: NUL-terminated texts */
	size_t nrows;
	bool open;			/* a table was begun */
};

void	ft_writer_init(struct ft_writer *, FILE *, enum ft_form);

/* A remark, in CSV a line with #. */
void	ft_writer_note(struct ft_writer *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Begins a table: "# recn: a*,b*,c".  The strings must live until the end. */
void	ft_writer_heading(struct ft_writer *, const char *record, const char *const *heading, const bool *is_key,
	    size_t n);

/* A row: values separated by commas. */
void	ft_writer_row(struct ft_writer *, const char *values);

/* Ends the table. */
void	ft_writer_end(struct ft_writer *);

#endif
