/*
 * The figures of a graph, per second: its table, its picture and the title of a small
 * one all say the same, because they have them from here.
 */
#ifndef CGI_FIGURES_H
#define CGI_FIGURES_H

#include "model.h"
#include "query/series.h"

struct args;

struct figures { double last, average, most, p95; };

#define FIGURES_TOGETHER	"together"	/* whom, of more than one */

/* Those of a series' line, or with line == nlines of all together. */
struct figures figures_of(const struct series_figures *);

/* Members last, average, most, p95 of a row. */
void	figures_model(json_t *, const struct figures *);

/* "figures" of a picture's model: the same and their unit; null where nothing is known (or f is NULL). */
void	figures_title(json_t *, const struct figures *, const char *unit);

/* "together: max 1.23 M, 95th 987 k, avg 456 k, last 123 k bit/s", in the arena; of whom may be NULL. */
const char *figures_text(const struct figures *, const char *whom, const char *unit, struct arena *);

/*
 * Asking librrd, which then draws nothing: the arguments begin by figures_start, each
 * series<i> and highest<i> that was defined after it is asked for by figures_ask (name
 * begins the names of what that needs), and figures_read has them in that order.
 */
void	figures_start(struct args *, int64_t start, int64_t end);
void	figures_ask(struct args *, const char *name, const char *series, const char *highest, size_t i);
int	figures_read(struct args *, struct figures *, size_t n, struct err *);

/* n that the site's cache has, in the arena, or NULL. */
struct figures *figures_kept(struct site *, const char *key, uint64_t version, size_t n, struct arena *);

#endif
