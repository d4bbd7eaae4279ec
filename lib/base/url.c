#include "base/url.h"

#include <ctype.h>
#include <string.h>

#define PAIRS_MOST	64
#define VALUE_MOST	(16 * 1024)
#define NAME_MOST	64

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	    c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte at *p, decoded, and *p behind it; -1 for bad percent-encoding. */
static int
byte_decode(const char **p, const char *end)
{
	int high, low;

	if (**p != '%') {
		char c = *(*p)++;

		return c == '+' ? ' ' : (unsigned char)c;
	}
	if (end - *p < 3 || (high = hex_digit((*p)[1])) == -1 || (low = hex_digit((*p)[2])) == -1)
		return -1;
	*p += 3;
	return high << 4 | low;
}

/* Lines of a text area arrive with CR LF. */
static const char *
text_check(char *s, size_t n)
{
	char *from, *to = s;

	if (strlen(s) != n)
		return "NUL byte";
	for (from = s; *from != '\0'; from++) {
		if (from[0] == '\r' && from[1] == '\n')
			continue;
		*to++ = *from == '\t' || *from == '\r' ? ' ' : *from;
	}
	*to = '\0';
	for (from = s; *from != '\0'; from += utf8_length(from)) {
		if (iscntrl((unsigned char)*from) && *from != '\n')
			return "control byte";
		if (utf8_length(from) == 0)
			return "invalid UTF-8";
	}
	return NULL;
}

/* Decodes p … end; NULL with *wrong saying why not. */
static char *
text_decode(const char *p, const char *end, struct arena *a, const char **wrong)
{
	char *s = arena_alloc(a, (size_t)(end - p) + 1);
	size_t n = 0;
	int c;

	while (p < end) {
		if ((c = byte_decode(&p, end)) == -1) {
			*wrong = "bad percent-encoding";
			return NULL;
		}
		s[n++] = (char)c;
	}
	*wrong = text_check(s, n);
	return *wrong == NULL ? s : NULL;
}

/* A name that is itself at fault is not repeated: its position tells which. */
static const char *
name_decode(const char *p, const char *end, size_t position, struct arena *a, struct err *e)
{
	const char *wrong, *name;

	if (end - p > NAME_MOST * 3)
		wrong = "name too long";
	else if ((name = text_decode(p, end, a, &wrong)) != NULL) {
		if (*name != '\0' && strlen(name) <= NAME_MOST && strchr(name, '\n') == NULL)
			return name;
		wrong = *name == '\0' ? "no name" : strlen(name) > NAME_MOST ? "name too long" : "control byte";
	}
	err_set(e, ERR_INPUT, "parameter %zu: %s", position, wrong);
	return NULL;
}

static int
pair_parse(const char *p, const char *end, size_t position, struct arena *a, struct pair *pair, struct err *e)
{
	const char *equals = memchr(p, '=', (size_t)(end - p));
	const char *wrong;

	*pair = (struct pair){ .value = "" };
	if ((pair->name = name_decode(p, equals != NULL ? equals : end, position, a, e)) == NULL)
		return -1;
	if (equals == NULL)
		return 0;
	if (end - equals - 1 > VALUE_MOST * 3)
		return err_set(e, ERR_INPUT, "%s: longer than %d bytes", pair->name, VALUE_MOST);
	if ((pair->value = text_decode(equals + 1, end, a, &wrong)) == NULL)
		return err_set(e, ERR_INPUT, "%s: %s", pair->name, wrong);
	if (strlen(pair->value) > VALUE_MOST)
		return err_set(e, ERR_INPUT, "%s: longer than %d bytes", pair->name, VALUE_MOST);
	return 0;
}

static struct pair *
pair_find(const struct pairs *pairs, const char *name)
{
	size_t i;

	for (i = 0; i < pairs->n; i++)
		if (strcmp(pairs->pair[i].name, name) == 0)
			return &pairs->pair[i];
	return NULL;
}

/* Empty ones are dropped only at the end: "a=&a=1" gives a name twice, too. */
static void
drop_empty(struct pairs *pairs)
{
	size_t i, kept = 0;

	for (i = 0; i < pairs->n; i++)
		if (*pairs->pair[i].value != '\0')
			pairs->pair[kept++] = pairs->pair[i];
	pairs->n = kept;
}

int
pairs_parse(const char *query, struct arena *a, struct pairs *pairs, struct err *e)
{
	const char *p, *end;

	pairs->n = 0;
	pairs->pair = arena_array(a, PAIRS_MOST, sizeof(*pairs->pair));
	for (p = query; *p != '\0'; p = end + (*end == '&')) {
		struct pair pair;

		end = p + strcspn(p, "&");
		if (end == p)
			continue;
		if (pairs->n == PAIRS_MOST)
			return err_set(e, ERR_INPUT, "more than %d parameters", PAIRS_MOST);
		if (pair_parse(p, end, pairs->n + 1, a, &pair, e) == -1)
			return -1;
		if (pair_find(pairs, pair.name) != NULL)
			return err_set(e, ERR_INPUT, "parameter \"%s\" is given twice", pair.name);
		pairs->pair[pairs->n++] = pair;
	}
	drop_empty(pairs);
	return 0;
}

const char *
pairs_value(const struct pairs *pairs, const char *name)
{
	const struct pair *pair = pair_find(pairs, name);

	return pair != NULL ? pair->value : NULL;
}

const char *
pairs_take(struct pairs *pairs, const char *name)
{
	struct pair *pair = pair_find(pairs, name);

	if (pair == NULL)
		return NULL;
	pair->used = true;
	return pair->value;
}

int
pairs_done(const struct pairs *pairs, struct err *e)
{
	size_t i;

	for (i = 0; i < pairs->n; i++)
		if (!pairs->pair[i].used)
			return err_set(e, ERR_INPUT, "unknown parameter \"%s\"", pairs->pair[i].name);
	return 0;
}

void
url_add(struct strbuf *sb, const char *name, const char *value)
{
	if (sb->len != 0 && sb->s[sb->len - 1] != '?')
		strbuf_addc(sb, '&');
	strbuf_add_url(sb, name);
	strbuf_addc(sb, '=');
	strbuf_add_url(sb, value);
}
