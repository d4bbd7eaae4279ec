#include "fields.h"

#include <stdio.h>
#include <string.h>

#include "menu.h"

const struct mode_row modes[MODES] = {
	[MODE_TOP] = { "top", "Top", { "keys", "key", "bits", "aggregate", "bidirectional", "sort", "listsort", "limit",
	    "series", "book", "count" } },
	[MODE_LIST] = { "list", "List flows", { "keys", "key", "bits", "aggregate", "bidirectional", "sort", "by", "stat",
	    "statorder", "statproto", "order", "top", "series", "book", "count" } },
	[MODE_GROUP] = { "group", "Group by", { "by", "stat", "statorder", "statproto", "order", "listsort", "limit",
	    "aggregate", "series", "book", "count" } },
	[MODE_SERIES] = { "series", "Graph", { "keys", "key", "bits", "aggregate", "bidirectional", "sort", "listsort", "by", "stat",
	    "statorder", "statproto", "order", "top", "limit" } },
};

#define UNUSED_MAX	(sizeof(modes[0].unused) / sizeof(modes[0].unused[0]))

/* Limits of groups and rows: flows that are listed have none. */
static const char *const of_rows[] = { "packets", "packets_than", "bytes", "bytes_than", "post" };

bool
fields_have(const struct pairs *pairs, const char *name)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (strcmp(pairs->pair[i].name, name) == 0)
			return true;
	return false;
}

/* "stat3" is one of "stat". */
static bool
is_one_of(const char *name, const char *row)
{
	size_t len = strlen(row);

	return strncmp(name, row, len) == 0 && name[len + strspn(name + len, "0123456789")] == '\0';
}

void
fields_drop(struct pairs *pairs, const char *name)
{
	size_t to = 0;

	for (size_t i = 0; i < pairs->n; i++)
		if (!is_one_of(pairs->pair[i].name, name))
			pairs->pair[to++] = pairs->pair[i];
	pairs->n = to;
}

/* Puts the pair in the place of another that was there. */
static void
replace_pair(struct pairs *pairs, const char *from, const char *name, const char *value)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (strcmp(pairs->pair[i].name, from) == 0)
			pairs->pair[i] = (struct pair){ .name = name, .value = value };
}

static void
rename_pair(struct pairs *pairs, const char *from, const char *to)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (strcmp(pairs->pair[i].name, from) == 0)
			pairs->pair[i].name = to;
}

static const char *
take_numbered(struct pairs *pairs, const char *row, int number)
{
	char name[24];

	snprintf(name, sizeof(name), "%s%d", row, number);
	return pairs_take(pairs, name);
}

/* Menus of keys, "key1" and "bits1" and so on, as one list; no key at all is the five-tuple. */
static void
join_keys(struct pairs *pairs, struct arena *a)
{
	bool bidir = fields_have(pairs, "bidirectional");
	struct strbuf keys = { 0 };

	for (int i = 1; i <= KEYS_MAX; i++) {
		const char *value = take_numbered(pairs, "key", i), *bits = take_numbered(pairs, "bits", i);

		/* Both directions are joined by all of the five-tuple. */
		if (value != NULL && !bidir)
			menu_key(value, bits, &keys);
	}
	if (keys.len > 0)
		replace_pair(pairs, "mode", "keys", arena_strdup(a, strbuf_text(&keys)));
	else if (!bidir && !fields_have(pairs, "keys"))
		replace_pair(pairs, "mode", "aggregate", "1");
	if (bidir)
		fields_drop(pairs, "keys");
	strbuf_free(&keys);
}

/* Menus of statistics, "stat1", "statorder1" and "statproto1" and so on, as one list. */
static void
join_stats(struct pairs *pairs, struct arena *a)
{
	struct strbuf by = { 0 };

	for (int i = 1; i <= STATS_ASKED; i++) {
		const char *stat = take_numbered(pairs, "stat", i), *order = take_numbered(pairs, "statorder", i);
		const char *proto = take_numbered(pairs, "statproto", i);

		if (stat != NULL)
			strbuf_addf(&by, "%s%s%s%s%s", by.len > 0 ? "," : "", stat, proto != NULL ? ":p" : "",
			    order != NULL ? "/" : "", order != NULL ? order : "");
	}
	if (by.len > 0) {
		fields_drop(pairs, "by");
		fields_drop(pairs, "order");
		replace_pair(pairs, "mode", "by", arena_strdup(a, strbuf_text(&by)));
	}
	strbuf_free(&by);
}

/* "less" and "5m" are "-5m". */
static void
join_than(struct pairs *pairs, const char *name, const char *than, struct arena *a)
{
	const char *sign = pairs_take(pairs, than);

	for (size_t i = 0; i < pairs->n; i++) {
		struct pair *p = &pairs->pair[i];

		if (strcmp(p->name, name) == 0 && sign != NULL && strchr("+-", p->value[0]) == NULL)
			p->value = arena_printf(a, "%s%s", strcmp(sign, "less") == 0 ? "-" : "+", p->value);
	}
}

/* A format of one's own is meant when the menu says so, or nothing else. */
static void
join_output(struct pairs *pairs)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (strcmp(pairs->pair[i].name, "output") == 0 && strcmp(pairs->pair[i].value, "format") != 0) {
			fields_drop(pairs, "format");
			return;
		}
	fields_drop(pairs, "output");
	rename_pair(pairs, "format", "output");
}

/* Sorted flows are the first of all, not the first few in order. */
static void
sort_list(struct pairs *pairs)
{
	if (!fields_have(pairs, "listsort"))
		return;
	rename_pair(pairs, "listsort", "order");
	rename_pair(pairs, "limit", "top");
}

/* Takes out what was used: pairs_take only marks it. */
static void
drop_used(struct pairs *pairs)
{
	size_t to = 0;

	for (size_t i = 0; i < pairs->n; i++)
		if (!pairs->pair[i].used)
			pairs->pair[to++] = pairs->pair[i];
	pairs->n = to;
}

int
fields_to_params(struct pairs *pairs, bool *list, struct arena *a, struct err *e)
{
	const char *value = NULL;
	enum mode m = 0;

	*list = false;
	for (size_t i = 0; i < pairs->n; i++)
		if (strcmp(pairs->pair[i].name, "mode") == 0)
			value = pairs->pair[i].value;
	if (value == NULL)
		return 0;
	while (m < MODES && strcmp(modes[m].name, value) != 0)
		m++;
	if (m == MODES)
		return err_set(e, ERR_INPUT, "mode: \"%.40s\" is none of top, list, group, series", value);
	for (size_t i = 0; i < UNUSED_MAX && modes[m].unused[i] != NULL; i++)
		fields_drop(pairs, modes[m].unused[i]);
	for (size_t i = 0; (m == MODE_LIST || m == MODE_SERIES) && i < sizeof(of_rows) / sizeof(of_rows[0]); i++)
		fields_drop(pairs, of_rows[i]);
	join_than(pairs, "packets", "packets_than", a);
	join_than(pairs, "bytes", "bytes_than", a);
	join_output(pairs);
	if (m == MODE_TOP)
		join_stats(pairs, a);
	else if (m == MODE_GROUP)
		join_keys(pairs, a);
	else if (m == MODE_LIST)
		sort_list(pairs);
	rename_pair(pairs, "sort", "order");
	fields_drop(pairs, "mode");
	drop_used(pairs);
	*list = m == MODE_LIST;
	return 0;
}
