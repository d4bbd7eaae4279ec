#include "flow/netnames.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"

#define FILE_MOST	(256 << 20)

struct netnames {
	struct arena *arena;
	struct net_name *net;		/* by address, wider ones first */
	size_t n, room;
	const struct net_name **by_as;	/* those with AS and name */
	size_t nas;
};

static int
by_address(const void *one, const void *two)
{
	const struct net_name *a = one, *b = two;
	int c = memcmp(a->prefix.addr.b, b->prefix.addr.b, sizeof(a->prefix.addr.b));

	return c != 0 ? c : (a->prefix.bits > b->prefix.bits) - (a->prefix.bits < b->prefix.bits);
}

static int
by_as(const void *one, const void *two)
{
	const struct net_name *a = *(const struct net_name *const *)one, *b = *(const struct net_name *const *)two;

	if (a->as != b->as)
		return a->as < b->as ? -1 : 1;
	return a < b ? -1 : a > b;
}

static int
read_as(const char *text, uint32_t *as)
{
	char *end;
	unsigned long n;

	if (strncmp(text, "AS", 2) == 0)
		text += 2;
	n = strtoul(text, &end, 10);
	*as = (uint32_t)n;
	return *end == '\0' && n <= UINT32_MAX && *text != '-' && *text != '+' ? 0 : -1;
}

/* One line, without its end. */
static const char *
read_line(char *line, struct net_name *net)
{
	char *word[4] = { NULL };

	for (int i = 0; i < 4 && line != NULL; i++)
		word[i] = i < 3 ? strsep(&line, ",") : line;
	memset(net, 0, sizeof(*net));
	if (prefix_parse(word[0], &net->prefix) != 0)
		return "expected a network";
	if (word[1] != NULL && *word[1] != '\0') {
		if (strlen(word[1]) != 2 || !isalpha((unsigned char)word[1][0]) || !isalpha((unsigned char)word[1][1]))
			return "expected a country of two letters";
		for (int i = 0; i < 2; i++)
			net->country[i] = (char)toupper((unsigned char)word[1][i]);
	}
	if (word[2] != NULL && *word[2] != '\0' && read_as(word[2], &net->as) == -1)
		return "expected the number of an AS";
	net->name = word[3] != NULL ? word[3] : "";
	return NULL;
}

static struct net_name *
net_next(struct netnames *names)
{
	if (names->n == names->room) {
		names->room = names->room * 2 + 64;
		names->net = xrealloc(names->net, names->room, sizeof(*names->net));
	}
	return &names->net[names->n];
}

/* Which network lies in which: they are in order, so those around the next one are a chain. */
static void
find_parents(struct netnames *names)
{
	size_t around = 0;		/* plus one */

	for (size_t i = 0; i < names->n; i++) {
		while (around != 0 && !prefix_has(&names->net[around - 1].prefix, &names->net[i].prefix.addr))
			around = names->net[around - 1].parent;
		names->net[i].parent = around;
		around = i + 1;
	}
}

static void
sort_names(struct netnames *names)
{
	if (names->n > 1)
		qsort(names->net, names->n, sizeof(*names->net), by_address);
	find_parents(names);
	names->by_as = xcalloc(names->n + 1, sizeof(const struct net_name *));
	for (size_t i = 0; i < names->n; i++)
		if (names->net[i].as != 0 && *names->net[i].name != '\0')
			names->by_as[names->nas++] = &names->net[i];
	if (names->nas > 1)
		qsort(names->by_as, names->nas, sizeof(const struct net_name *), by_as);
}

struct netnames *
netnames_parse(const char *path, char *text, struct err *e)
{
	struct netnames *names = xcalloc(1, sizeof(*names));
	unsigned number = 0;
	char *line;

	while ((line = strsep(&text, "\n")) != NULL) {
		const char *wrong;

		number++;
		line[strcspn(line, "#\r")] = '\0';
		for (size_t n = strlen(line); n > 0 && strchr(" \t", line[n - 1]) != NULL; n--)
			line[n - 1] = '\0';
		if (*line == '\0')
			continue;
		if ((wrong = read_line(line, net_next(names))) != NULL) {
			err_set(e, ERR_INPUT, "%s:%u: %s", path, number, wrong);
			netnames_free(names);
			return NULL;
		}
		names->n++;
	}
	sort_names(names);
	return names;
}

struct netnames *
netnames_read(const char *path, struct err *e)
{
	struct arena *a = arena_new();
	struct netnames *names = NULL;
	size_t n;
	char *text = file_read(path, FILE_MOST, a, &n, e);

	if (text != NULL)
		names = netnames_parse(path, text, e);
	if (names == NULL)
		arena_free(a);
	else
		names->arena = a;
	return names;
}

void
netnames_free(struct netnames *names)
{
	if (names == NULL)
		return;
	free(names->net);
	free(names->by_as);
	arena_free(names->arena);
	free(names);
}

const struct net_name *
netnames_find(const struct netnames *names, const struct addr *addr)
{
	size_t low = 0, high = names->n;

	/* The last that begins at the address or before it; what else has it is around that one. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(names->net[middle].prefix.addr.b, addr->b, sizeof(addr->b)) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (low != 0 && !prefix_has(&names->net[low - 1].prefix, addr))
		low = names->net[low - 1].parent;
	return low != 0 ? &names->net[low - 1] : NULL;
}

const char *
netnames_as(const struct netnames *names, uint32_t as)
{
	size_t low = 0, high = names->nas;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (names->by_as[middle]->as < as)
			low = middle + 1;
		else
			high = middle;
	}
	return low < names->nas && names->by_as[low]->as == as ? names->by_as[low]->name : NULL;
}
