/*
 * Primitives of flow-nfilter: what is permitted, what is denied.  Private to
 * lib/query.
 */
#ifndef QUERY_FT_PRIMITIVE_H
#define QUERY_FT_PRIMITIVE_H

#include "flow/batch.h"
#include "query/ft_config.h"

/* What a primitive is about; a bit each. */
enum ft_class {
	FT_AS = 1, FT_ADDRESS = 2, FT_PROTOCOL = 4, FT_PREFIX_LEN = 8, FT_TOS = 16, FT_FLAGS = 32, FT_PORT = 64,
	FT_IFINDEX = 128, FT_TIME = 256, FT_DATE = 512, FT_COUNTER = 1024, FT_ENGINE = 2048, FT_TAG = 4096,
	FT_DOUBLE = 8192, FT_RATE = 16384,
};

enum ft_op { FT_LT, FT_GT, FT_EQ, FT_NE, FT_GE, FT_LE, FT_OPS };

/* One line of permit or deny; which members count is up to the type. */
struct ft_rule {
	bool permit;
	enum ft_op op;
	uint64_t number;
	double real;
	uint32_t addr, mask;
	size_t line;			/* in order */
};

struct ft_primitive;

struct ft_type {
	const char *name;
	enum ft_class class;
	uint32_t max;			/* of a value in a table */
	/* Takes the words behind permit or deny. */
	int (*take)(struct ft_primitive *, struct ft_config *, bool permit, struct err *);
	/* Clears list[i] for flows that are not permitted. */
	void (*run)(const struct ft_primitive *, const struct batch *, enum field, uint8_t *list);
	void (*done)(struct ft_primitive *);	/* NULL: nothing to do */
};

struct ft_primitive {
	const char *name;
	const struct ft_type *type;	/* NULL: not defined yet */
	bool permit;			/* by default */
	uint32_t mask;			/* of ip-tos and ip-tcp-flags */
	uint8_t *table;			/* of small numbers: 0 default, else MODE_… */
	struct ft_rule *rules;
	size_t n, room;
	struct arena *arena;
	struct ft_primitive *next;
};

struct ft_primitive *ft_primitive_new(const char *name, struct arena *);

/* "type", "permit", "deny", "default", "mask". */
int	ft_primitive_line(struct ft_primitive *, struct ft_config *, struct err *);

/* All lines were read. */
void	ft_primitive_done(struct ft_primitive *);

/* Clears list[i] for flows of which the field is not permitted. */
void	ft_primitive_run(const struct ft_primitive *, const struct batch *, enum field, uint8_t *list);

#endif
