#include "base/template.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"

#define FILE_MOST	(1024 * 1024)
#define PARSE_DEPTH	32
#define RENDER_DEPTH	100
#define OUTPUT_MOST	(64 * 1024 * 1024)
#define STEPS_MOST	10000000	/* nodes of one rendering: loops in loops end here */
#define PARTS_MOST	8

enum kind {
	TEXT, VALUE, RAW, SECTION, INVERTED, PARTIAL, LAYOUT, BLOCK,
	CLOSE, COMMENT,		/* only while parsing */
};

/* "^.a.b": up 1, parts a and b.  "." has no parts. */
struct path {
	unsigned up;
	size_t n;
	const char *part[PARTS_MOST];
};

struct node {
	enum kind kind;
	unsigned line;
	const char *text;		/* TEXT: the text; else the name as written */
	size_t len;
	struct path path;		/* VALUE … INVERTED */
	const struct template *target;	/* PARTIAL, LAYOUT */
	struct node *child, *next;
};

struct template {
	const char *name;	/* of templates in a set */
	const char *file;	/* for messages */
	struct node *root;
};

struct templates {
	struct arena *arena;
	struct template *list;
	size_t n;
};

/* A tag, or text up to a tag or the end of its line. */
struct token {
	enum kind kind;
	unsigned line;
	const char *text;
	size_t len;
};

struct parser {
	const struct template *template;
	struct arena *arena;
	struct token *tokens;
	size_t n, cap, next;
	struct err *err;
};

static int wrong(struct parser *, unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int
wrong(struct parser *ps, unsigned line, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(ps->err, ERR_DATA, "%s:%u: %s", ps->template->file, line, text);
}

/* Scanning. */

static void
token_add(struct parser *ps, enum kind kind, unsigned line, const char *text, size_t len)
{
	if (ps->n == ps->cap) {
		ps->cap = ps->cap != 0 ? ps->cap * 2 : 64;
		ps->tokens = xrealloc(ps->tokens, ps->cap, sizeof(*ps->tokens));
	}
	ps->tokens[ps->n++] = (struct token){ kind, line, text, len };
}

/* What is between the braces, without blanks around it. */
static void
tag_add(struct parser *ps, unsigned line, const char *p, size_t len)
{
	static const struct { char sign; enum kind kind; } signs[] = {
		{ '#', SECTION }, { '^', INVERTED }, { '/', CLOSE }, { '>', PARTIAL },
		{ '<', LAYOUT }, { '$', BLOCK }, { '&', RAW }, { '{', RAW }, { '!', COMMENT },
	};
	enum kind kind = VALUE;
	size_t i;

	/* "^.a" is a value of the outer level; "^." alone is an inverted section. */
	bool outer = len > 2 && p[0] == '^' && p[1] == '.';

	for (i = 0; i < sizeof(signs) / sizeof(signs[0]) && len > 0 && !outer; i++)
		if (p[0] == signs[i].sign) {
			kind = signs[i].kind;
			p++, len--;
			break;
		}
	while (len > 0 && isspace((unsigned char)p[0]))
		p++, len--;
	while (len > 0 && isspace((unsigned char)p[len - 1]))
		len--;
	token_add(ps, kind, line, p, len);
}

static int
scan(struct parser *ps, const char *p)
{
	unsigned line = 1;

	while (*p != '\0') {
		const char *open = strstr(p, "{{"), *close;
		const char *eol = strchr(p, '\n');

		if (open != p) {
			const char *end = eol != NULL && (open == NULL || eol < open) ? eol + 1 :
			    open != NULL ? open : p + strlen(p);

			token_add(ps, TEXT, line, p, (size_t)(end - p));
			line += end[-1] == '\n';
			p = end;
			continue;
		}
		p += 2;
		close = strstr(p, *p == '{' ? "}}}" : "}}");
		if (close == NULL)
			return wrong(ps, line, "tag is never closed");
		tag_add(ps, line, p, (size_t)(close - p));
		for (const char *q = p; q < close; q++)
			line += *q == '\n';
		p = close + (*p == '{' ? 3 : 2);
	}
	return 0;
}

static bool
is_blank(const struct token *t)
{
	size_t i;

	for (i = 0; i < t->len; i++)
		if (!isspace((unsigned char)t->text[i]))
			return false;
	return true;
}

/* A line of nothing but structure and blanks leaves nothing. */
static void
drop_blank_lines(struct parser *ps)
{
	size_t i, start, end;

	for (start = 0; start < ps->n; start = end) {
		bool tags = false, shown = false;

		for (end = start; end < ps->n; ) {
			const struct token *t = &ps->tokens[end++];

			tags |= t->kind != TEXT;
			shown |= t->kind == VALUE || t->kind == RAW || (t->kind == TEXT && !is_blank(t));
			if (t->kind == TEXT && t->text[t->len - 1] == '\n')
				break;
		}
		for (i = start; i < end && tags && !shown; i++)
			if (ps->tokens[i].kind == TEXT)
				ps->tokens[i].len = 0;
	}
}

/* Parsing. */

static bool
is_name(const char *s, const char *more)
{
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++)
		if (!isalnum((unsigned char)*s) && strchr(more, *s) == NULL)
			return false;
	return true;
}

static int
path_parse(struct parser *ps, struct node *node)
{
	struct path *path = &node->path;
	char *s = arena_strdup(ps->arena, node->text), *dot;

	for (; strncmp(s, "^.", 2) == 0; s += 2)
		path->up++;
	if (strcmp(s, ".") == 0)
		return 0;
	for (; s != NULL; s = dot) {
		if ((dot = strchr(s, '.')) != NULL)
			*dot++ = '\0';
		if (!is_name(s, "_-"))
			return wrong(ps, node->line, "bad name \"%s\"", node->text);
		if (path->n == PARTS_MOST)
			return wrong(ps, node->line, "more than %d parts in \"%s\"", PARTS_MOST, node->text);
		path->part[path->n++] = s;
	}
	return 0;
}

static int	parse(struct parser *, struct node *parent, unsigned depth);

static int
node_parse(struct parser *ps, struct node *node, unsigned depth)
{
	static const bool is_parent[COMMENT + 1] = {
		[SECTION] = true, [INVERTED] = true, [LAYOUT] = true, [BLOCK] = true,
	};
	bool by_path = node->kind <= INVERTED;

	if (node->kind == TEXT)
		return 0;
	if (by_path && path_parse(ps, node) == -1)
		return -1;
	if (!by_path && !is_name(node->text, "_-"))
		return wrong(ps, node->line, "bad name \"%s\"", node->text);
	return is_parent[node->kind] ? parse(ps, node, depth + 1) : 0;
}

static struct node *
node_new(struct parser *ps, const struct token *t)
{
	struct node *node = arena_alloc(ps->arena, sizeof(*node));

	node->kind = t->kind;
	node->line = t->line;
	node->text = arena_strndup(ps->arena, t->text, t->len);
	node->len = t->len;
	return node;
}

/* Children up to the tag that closes the parent, or to the end for the root. */
static int
parse(struct parser *ps, struct node *parent, unsigned depth)
{
	bool root = depth == 0;
	struct node **end = &parent->child;

	if (depth > PARSE_DEPTH)
		return wrong(ps, parent->line, "more than %d sections in each other", PARSE_DEPTH);
	while (ps->next < ps->n) {
		const struct token *t = &ps->tokens[ps->next++];

		if (t->kind == COMMENT || (t->kind == TEXT && t->len == 0))
			continue;
		if (t->kind == CLOSE) {
			if (root)
				return wrong(ps, t->line, "\"%.*s\" is closed but was not opened",
				    (int)t->len, t->text);
			if (t->len != parent->len || memcmp(t->text, parent->text, t->len) != 0)
				return wrong(ps, t->line, "\"%.*s\" is closed where \"%s\" of line %u is open",
				    (int)t->len, t->text, parent->text, parent->line);
			return 0;
		}
		*end = node_new(ps, t);
		if (node_parse(ps, *end, depth) == -1)
			return -1;
		end = &(*end)->next;
	}
	return root ? 0 : wrong(ps, parent->line, "\"%s\" is never closed", parent->text);
}

static int
compile(struct template *template, const char *text, struct arena *a, struct err *e)
{
	struct parser ps = { .template = template, .arena = a, .err = e };
	int rc = scan(&ps, text);

	if (rc == 0) {
		drop_blank_lines(&ps);
		template->root = arena_alloc(a, sizeof(*template->root));
		rc = parse(&ps, template->root, 0);
	}
	free(ps.tokens);
	return rc;
}

/* Sets of templates. */

static int
compare_names(const void *a, const void *b)
{
	return strcmp(((const struct template *)a)->name, ((const struct template *)b)->name);
}

static const struct template *
template_find(const struct templates *set, const char *name)
{
	const struct template key = { .name = name };

	return set == NULL || set->n == 0 ? NULL :
	    bsearch(&key, set->list, set->n, sizeof(*set->list), compare_names);
}

/* Depth is that of the parser's tree. */
static int
resolve(const struct templates *set, const char *file, struct node *node, struct err *e)
{
	for (; node != NULL; node = node->next) {
		if (node->kind == PARTIAL || node->kind == LAYOUT) {
			node->target = template_find(set, node->text);
			if (node->target == NULL)
				return err_set(e, ERR_DATA, "%s:%u: there is no template \"%s\"", file,
				    node->line, node->text);
		}
		if (resolve(set, file, node->child, e) == -1)
			return -1;
	}
	return 0;
}

static int
load_file(struct templates *set, const char *dir, const char *name, struct err *e)
{
	struct template t = { .file = arena_printf(set->arena, "%s/%s", dir, name) };
	struct template *list;
	const char *text;
	size_t n;

	if ((text = file_read(t.file, FILE_MOST, set->arena, &n, e)) == NULL)
		return -1;
	if (strlen(text) != n)
		return err_set(e, ERR_DATA, "%s: holds a NUL byte", t.file);
	t.name = arena_strndup(set->arena, name, strlen(name) - strlen(".html"));
	if (compile(&t, text, set->arena, e) == -1)
		return -1;
	list = arena_array(set->arena, set->n + 1, sizeof(*list));
	if (set->n != 0)
		memcpy(list, set->list, set->n * sizeof(*list));
	list[set->n++] = t;
	set->list = list;
	return 0;
}

static int
load_dir(struct templates *set, const char *dir, struct err *e)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	int rc = 0;

	if (d == NULL)
		return err_sys(e, "%s", dir);
	while (rc == 0 && (errno = 0, entry = readdir(d)) != NULL) {
		size_t n = strlen(entry->d_name);

		if (entry->d_name[0] != '.' && n > 5 && strcmp(entry->d_name + n - 5, ".html") == 0)
			rc = load_file(set, dir, entry->d_name, e);
	}
	if (rc == 0 && errno != 0)
		rc = err_sys(e, "%s", dir);
	closedir(d);
	if (rc == 0 && set->n == 0)
		rc = err_set(e, ERR_ABSENT, "%s: no templates (*.html) there", dir);
	return rc;
}

struct templates *
templates_load(const char *dir, struct err *e)
{
	struct arena *a = arena_new();
	struct templates *set = arena_alloc(a, sizeof(*set));
	int rc;
	size_t i;

	set->arena = a;
	rc = load_dir(set, dir, e);
	if (rc == 0)
		qsort(set->list, set->n, sizeof(*set->list), compare_names);
	for (i = 0; i < set->n && rc == 0; i++)
		rc = resolve(set, set->list[i].file, set->list[i].root, e);
	if (rc == 0)
		return set;
	templates_free(set);
	return NULL;
}

void
templates_free(struct templates *set)
{
	if (set != NULL)
		arena_free(set->arena);
}

/* Rendering. */

struct scope {
	json_t *value;
	bool item;			/* of a list: what is outside needs "^." */
	const struct scope *outer;
};

/* The blocks with which a layout was asked for. */
struct overrides {
	const struct node *blocks;
	const struct overrides *outer;
};

struct render {
	struct strbuf *out;
	size_t start;			/* length of out at the beginning */
	unsigned long steps;
	unsigned depth;
	struct err *err;
};

/* Where a node is rendered: which file, what is visible. */
struct place {
	const struct template *template;
	const struct scope *scope;
	const struct overrides *overrides;
};

static int	render(struct render *, const struct place *, const struct node *);

static json_t *
lookup(const struct scope *scope, const struct path *path)
{
	json_t *value = NULL;
	unsigned up;
	size_t i;

	for (up = path->up; up > 0 && scope != NULL; up--) {
		while (scope != NULL && !scope->item)
			scope = scope->outer;
		if (scope != NULL)
			scope = scope->outer;
	}
	if (path->n == 0)
		return scope != NULL ? scope->value : NULL;
	for (; scope != NULL; scope = scope->item ? NULL : scope->outer)
		if ((value = json_object_get(scope->value, path->part[0])) != NULL)
			break;
	for (i = 1; i < path->n && value != NULL; i++)
		value = json_object_get(value, path->part[i]);
	return value;
}

static bool
is_true(const json_t *value)
{
	if (value == NULL || json_is_null(value) || json_is_false(value))
		return false;
	if (json_is_string(value))
		return json_string_length(value) != 0;
	return !json_is_array(value) || json_array_size(value) != 0;
}

static int
fault(struct render *r, const struct place *at, const struct node *node, const char *what)
{
	return err_set(r->err, ERR_DATA, "%s:%u: \"%s\" %s", at->template->file, node->line,
	    node->text, what);
}

static int
render_value(struct render *r, const struct place *at, const struct node *node)
{
	json_t *value = lookup(at->scope, &node->path);

	if (value == NULL || json_is_null(value))
		return 0;
	if (json_is_string(value) && node->kind == RAW)
		strbuf_add(r->out, json_string_value(value), json_string_length(value));
	else if (json_is_string(value))
		strbuf_add_html(r->out, json_string_value(value));
	else if (json_is_integer(value))
		strbuf_addf(r->out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value))
		strbuf_addf(r->out, "%.15g", json_real_value(value));
	else if (json_is_boolean(value))
		strbuf_adds(r->out, json_is_true(value) ? "true" : "false");
	else
		return fault(r, at, node, "is a list or an object, not a value");
	return 0;
}

static int
render_section(struct render *r, const struct place *at, const struct node *node)
{
	json_t *value = lookup(at->scope, &node->path);
	struct scope inner = { .value = value, .outer = at->scope };
	struct place inside = { at->template, &inner, at->overrides };
	size_t i;

	if (!is_true(value))
		return 0;
	/* A flag only decides: "." stays what it is. */
	if (json_is_true(value))
		return render(r, at, node->child);
	if (!json_is_array(value))
		return render(r, &inside, node->child);
	inner.item = true;
	for (i = 0; i < json_array_size(value); i++) {
		inner.value = json_array_get(value, i);
		if (render(r, &inside, node->child) == -1)
			return -1;
	}
	return 0;
}

static int
render_inverted(struct render *r, const struct place *at, const struct node *node)
{
	return is_true(lookup(at->scope, &node->path)) ? 0 : render(r, at, node->child);
}

static int
render_text(struct render *r, const struct place *at, const struct node *node)
{
	(void)at;
	strbuf_add(r->out, node->text, node->len);
	return 0;
}

static int
render_partial(struct render *r, const struct place *at, const struct node *node)
{
	struct place inside = { node->target, at->scope, at->overrides };

	return render(r, &inside, node->target->root->child);
}

static int
render_layout(struct render *r, const struct place *at, const struct node *node)
{
	struct overrides overrides = { node->child, at->overrides };
	struct place inside = { node->target, at->scope, &overrides };

	return render(r, &inside, node->target->root->child);
}

static const struct node *
block_find(const struct node *node, const char *name)
{
	for (; node != NULL; node = node->next)
		if (node->kind == BLOCK && strcmp(node->text, name) == 0)
			break;
	return node;
}

/*
 * The outermost page decides what is in a block.  Inside of an override only
 * those further out count, so that a block cannot replace itself for ever.
 */
static int
render_block(struct render *r, const struct place *at, const struct node *node)
{
	struct place inside = *at;
	const struct overrides *o;
	const struct node *found;

	for (o = at->overrides; o != NULL; o = o->outer)
		if ((found = block_find(o->blocks, node->text)) != NULL) {
			node = found;
			inside.overrides = o->outer;
		}
	return render(r, &inside, node->child);
}

static int
render(struct render *r, const struct place *at, const struct node *node)
{
	static int (*const renderers[])(struct render *, const struct place *, const struct node *) = {
		[TEXT] = render_text, [VALUE] = render_value, [RAW] = render_value,
		[SECTION] = render_section, [INVERTED] = render_inverted,
		[PARTIAL] = render_partial, [LAYOUT] = render_layout, [BLOCK] = render_block,
	};
	int rc = 0;

	if (r->depth == RENDER_DEPTH && node != NULL)
		return fault(r, at, node, "is too deep: does a template include itself?");
	r->depth++;
	for (; node != NULL && rc == 0; node = node->next) {
		if (++r->steps > STEPS_MOST || r->out->len - r->start > OUTPUT_MOST) {
			fault(r, at, node, "makes the page too large");
			r->err->kind = ERR_LIMIT;
			return -1;
		}
		rc = renderers[node->kind](r, at, node);
	}
	r->depth--;
	return rc;
}

static int
render_template(const struct template *t, json_t *model, struct strbuf *out, struct err *e)
{
	struct render r = { .out = out, .start = out->len, .err = e };
	struct scope scope = { .value = model };
	struct place at = { t, &scope, NULL };

	return render(&r, &at, t->root->child);
}

int
template_render_text(const struct templates *set, const char *text, json_t *model,
    struct strbuf *out, struct err *e)
{
	struct arena *a = arena_new();
	struct template t = { .file = "template" };
	int rc = compile(&t, text, a, e);

	if (rc == 0)
		rc = resolve(set, t.file, t.root, e);
	if (rc == 0)
		rc = render_template(&t, model, out, e);
	arena_free(a);
	return rc;
}

int
template_render(const struct templates *set, const char *name, json_t *model,
    struct strbuf *out, struct err *e)
{
	const struct template *t = template_find(set, name);

	if (t == NULL)
		return err_set(e, ERR_SYSTEM, "there is no template \"%s\"", name);
	return render_template(t, model, out, e);
}
