/* What a filter says of the addresses of all flows that match. */
#include "query/filter_private.h"

#include <string.h>

struct hosts {
	struct prefix *prefix;
	size_t n, max;
};

/* Does the test look at a flow's addresses, and no others? */
static bool
is_address(const struct filter_test *t)
{
	unsigned columns = filter_columns(t->word, t->dir);

	if (t->word->how != HOW_ADDR || columns == 0)
		return false;
	for (int i = 0; i < 4; i++)
		if ((columns >> i & 1) != 0 && t->word->columns[i].field != F_SRCIP &&
		    t->word->columns[i].field != F_DSTIP)
			return false;
	return true;
}

static bool
test_hosts(const struct filter_test *t, struct hosts *h)
{
	if (!is_address(t) || t->n > h->max - h->n)
		return false;
	for (size_t i = 0; i < t->n; i++)
		h->prefix[h->n++] = t->values[i].prefix;
	return true;
}

static bool	node_hosts(const struct filter_node *, struct hosts *);

/* One that every flow must pass is enough: the one that says most, in fewest networks. */
static bool
and_hosts(const struct filter_node *node, struct hosts *h)
{
	size_t start = h->n, best = SIZE_MAX;
	const struct filter_node *chosen = NULL;

	for (const struct filter_node *c = node->child; c != NULL; c = c->next) {
		if (node_hosts(c, h) && h->n - start < best) {
			best = h->n - start;
			chosen = c;
		}
		h->n = start;
	}
	return chosen != NULL && node_hosts(chosen, h);
}

/*
 * Adds networks such that a flow that passes the node has an address in one of
 * them; false, and nothing is added, when it says nothing of that.
 */
static bool
node_hosts(const struct filter_node *node, struct hosts *h)
{
	size_t start = h->n;

	if (node->kind == NODE_TEST)
		return test_hosts(node->test, h);
	if (node->kind == NODE_AND)
		return and_hosts(node, h);
	if (node->kind == NODE_NOT)
		return false;
	for (const struct filter_node *c = node->child; c != NULL; c = c->next)
		if (!node_hosts(c, h)) {
			h->n = start;
			return false;
		}
	return true;
}

size_t
filter_hosts(const struct filter *f, struct prefix *prefix, size_t max)
{
	struct hosts h = { prefix, 0, max };

	return f->tree != NULL && node_hosts(f->tree, &h) ? h.n : 0;
}
