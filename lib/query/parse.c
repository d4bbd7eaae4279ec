#include "query/parse.h"

#include <stdlib.h>
#include <string.h>

#include "query/param.h"

/* A line being split. */
struct split {
	const char *line, *s;
	struct strbuf word;
	bool begun;			/* a word, if only of "" */
	char **words;
	size_t n, room;
	struct arena *arena;
};

static void
end_word(struct split *p)
{
	if (!p->begun)
		return;
	/* One more for the NULL at the end. */
	if (p->n + 1 >= p->room) {
		char **more = arena_array(p->arena, p->room * 2 + 8, sizeof(*more));

		if (p->n > 0)
			memcpy(more, p->words, p->n * sizeof(*more));
		p->words = more;
		p->room = p->room * 2 + 8;
	}
	p->words[p->n++] = arena_strdup(p->arena, strbuf_text(&p->word));
	strbuf_reset(&p->word);
	p->begun = false;
}

static void
take(struct split *p, char c)
{
	strbuf_addc(&p->word, c);
	p->begun = true;
}

/* From a quote to the next; in double ones a backslash keeps what would be special. */
static int
quoted(struct split *p, struct err *e)
{
	const char *start = p->s;
	char quote = *p->s++;

	p->begun = true;
	for (; *p->s != quote; p->s++) {
		if (*p->s == '\0')
			return err_set(e, ERR_INPUT, "column %zu: a quote without its end",
			    (size_t)(start - p->line) + 1);
		if (quote == '"' && *p->s == '\\' && p->s[1] == '\n') {
			p->s++;
			continue;
		}
		if (quote == '"' && *p->s == '\\' && p->s[1] != '\0' && strchr("\"\\$`", p->s[1]) != NULL)
			p->s++;
		take(p, *p->s);
	}
	p->s++;
	return 0;
}

static int
split_char(struct split *p, struct err *e)
{
	switch (*p->s) {
	case ' ': case '\n':
		end_word(p);
		p->s++;
		return 0;
	case '\'': case '"':
		return quoted(p, e);
	case '\\':
		if (p->s[1] == '\n')
			p->s++;
		else if (p->s[1] != '\0')
			take(p, *++p->s);
		p->s++;
		return 0;
	case '|': case '&': case ';': case '<': case '>': case '(': case ')':
		return err_set(e, ERR_INPUT, "column %zu: '%c' means something else to a shell: quote the filter, "
		    "and give one command alone", (size_t)(p->s - p->line) + 1, *p->s);
	default:
		take(p, *p->s++);
		return 0;
	}
}

/* Bytes that no URL may hold are none of a command line that somebody meant. */
static int
check_text(const char *line, struct err *e)
{
	for (const char *s = line; *s != '\0'; s += utf8_length(s))
		if (utf8_length(s) == 0 || ((unsigned char)*s < ' ' && strchr("\t\n\r", *s) == NULL) || *s == 0x7f)
			return err_set(e, ERR_INPUT, "column %zu: not text", (size_t)(s - line) + 1);
	return 0;
}

/* As URLs read it: a tab is a blank, and lines end with "\n". */
static const char *
plain_blanks(const char *line, struct arena *a)
{
	char *copy = arena_strdup(a, line), *to = copy;

	for (const char *s = line; *s != '\0'; s++)
		if (s[0] != '\r' || s[1] != '\n')
			*to++ = *s == '\t' || *s == '\r' ? ' ' : *s;
	*to = '\0';
	return copy;
}

int
words_split(const char *line, struct arena *a, char ***words, int *n, struct err *e)
{
	struct split p = { .arena = a };
	int rc = check_text(line, e);

	p.line = p.s = plain_blanks(line, a);
	p.words = arena_array(a, 8, sizeof(*p.words));
	p.room = 8;
	while (rc == 0 && *p.s != '\0')
		rc = split_char(&p, e);
	end_word(&p);
	strbuf_free(&p.word);
	p.words[p.n] = NULL;
	*words = p.words;
	*n = (int)p.n;
	return rc;
}

/* nfdump's options that are not ours. */
static const struct other {
	char letter;
	bool takes_value;
	const char *why;		/* refused, and why; NULL: it changes no answer */
} others[] = {
	{ 'i', true, "changes a file" },
	{ 'J', true, "changes files" },
	{ 'f', true, "reads the filter from a file: paste the filter itself" },
	{ 'E', true, "lists exporters: see flowlight check" },
	{ 'v', true, "checks a file: see flowlight check" },
	{ 'x', true, "checks a file: see flowlight check" },
	{ 'X', false, "prints nfdump's own filter program" },
	{ 'Z', false, "only checks the filter" },
	{ 'S', false, "is of an nfdump of long ago: say -s record" },
	{ 'h', false, "is no query" },
	{ 'V', false, "is no query" },
	{ 'D', true, NULL }, { 'G', true, NULL }, { 'C', true, NULL }, { 'H', true, NULL }, { 'W', true, NULL },
	{ 'K', true, "makes addresses anonymous" },
	{ 'z', false, NULL }, { 'y', false, NULL }, { 'j', false, NULL }, { 'm', false, NULL }, { 'T', false, NULL },
};

static const struct other *
other_find(char letter)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].letter == letter)
			return &others[i];
	return NULL;
}

static const struct param *
param_find(char letter)
{
	for (const struct param *p = params; p->help != NULL; p++)
		if (p->letter == letter)
			return p;
	return NULL;
}

/*
 * One word of short options, without those that change nothing: "-qzn".
 * *next says that the word after it is the value of the last: 1 to keep, -1 to drop.
 */
static int
short_options(const char *word, struct strbuf *kept, int *next, struct err *e)
{
	*next = 0;
	strbuf_addc(kept, '-');
	for (const char *s = word + 1; *s != '\0'; s++) {
		const struct param *p = param_find(*s);
		const struct other *o = p == NULL ? other_find(*s) : NULL;
		bool value = p != NULL ? p->takes_value : o != NULL && o->takes_value;

		if (o != NULL && o->why != NULL)
			return err_set(e, ERR_INPUT, "-%c %s", *s, o->why);
		/* query_from_argv tells of options that nobody knows. */
		if (o == NULL)
			strbuf_addc(kept, *s);
		if (!value)
			continue;
		if (s[1] == '\0')
			*next = o == NULL ? 1 : -1;
		else if (o == NULL)
			strbuf_adds(kept, s + 1);
		break;
	}
	return 0;
}

/* The words without nfdump's options that change nothing. */
static int
keep_options(struct query *q, int argc, char **argv, char **kept, struct err *e)
{
	struct strbuf word = { 0 };
	int n = 0, next = 0, rc = 0;

	kept[n++] = arena_strdup(q->arena, "nfdump");
	for (int i = 0; i < argc && rc == 0; i++) {
		if (next != 0 || argv[i][0] != '-' || argv[i][1] == '-' || argv[i][1] == '\0') {
			if (next != -1)
				kept[n++] = argv[i];
			/* After "--" all is filter; -t -60 is a value. */
			if (next == 0 && strcmp(argv[i], "--") == 0)
				while (++i < argc)
					kept[n++] = argv[i];
			next = 0;
			continue;
		}
		strbuf_reset(&word);
		rc = short_options(argv[i], &word, &next, e);
		if (word.len > 1)
			kept[n++] = arena_strdup(q->arena, strbuf_text(&word));
		else if (next == 1)
			next = 0;
	}
	strbuf_free(&word);
	kept[n] = NULL;
	return rc == 0 ? n : -1;
}

/* "TZ=UTC", "FOO=": what a shell puts into the environment. */
static bool
is_setting(const char *word)
{
	size_t n = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");

	return n > 0 && word[n] == '=' && (word[0] < '0' || word[0] > '9');
}

static bool
is_program(const char *word, const char *name)
{
	const char *slash = strrchr(word, '/');

	return strcmp(slash != NULL ? slash + 1 : word, name) == 0;
}

/* How many words stand before the options; -1 when they are of another program. */
static int
skip_program(int argc, char **argv, struct err *e)
{
	int i = 0;

	if (argc > 0 && (strcmp(argv[0], "$") == 0 || strcmp(argv[0], "#") == 0))
		i++;
	while (i < argc && is_setting(argv[i]))
		i++;
	if (i < argc && is_program(argv[i], "nfdump"))
		return i + 1;
	if (i + 1 < argc && is_program(argv[i], "flowlight") && strcmp(argv[i + 1], "query") == 0)
		return i + 2;
	if (i < argc && argv[i][0] == '-')
		return i;
	return err_set(e, ERR_INPUT, "expected a command line of nfdump%s%.40s%s", i < argc ? ", not \"" : "",
	    i < argc ? argv[i] : "", i < argc ? "\"" : "");
}

/* Is path dir, or below it?  Slashes at the end and double ones do not count. */
static bool
is_below(const char *path, const char *dir)
{
	for (;;) {
		while (path[0] == '/' && path[1] == '/')
			path++;
		while (dir[0] == '/' && dir[1] == '/')
			dir++;
		if (*dir == '\0' || (dir[0] == '/' && dir[1] == '\0'))
			return *path == '\0' || *path == '/';
		if (*path++ != *dir++)
			return false;
	}
}

static const struct source *
source_of(const char *path, const struct source *sources, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_below(path, sources[i].dir))
			return &sources[i];
	return NULL;
}

/* The time of a file that an option names. */
static bool
file_time(const char *path, int64_t *start)
{
	const char *slash = strrchr(path, '/');

	return slot_parse(slash != NULL ? slash + 1 : path, start);
}

/* The files by which the query reads: a directory, or several, and first to last. */
struct files {
	const char *dirs;		/* "base/a:b", or "" */
	const char *first, *last;	/* last NULL: to the end */
};

static bool
files_of(const struct query *q, struct files *f)
{
	const char *range = q->read_file != NULL ? q->read_file : q->read_range;
	const char *colon;

	if (range == NULL)
		return false;
	f->dirs = q->read_dirs != NULL ? q->read_dirs : "";
	colon = q->read_file == NULL ? strchr(range, ':') : NULL;
	f->first = colon != NULL ? arena_strndup(q->arena, range, (size_t)(colon - range)) : range;
	f->last = colon != NULL ? colon + 1 : q->read_file;
	return true;
}

static void
add_source(const struct source *source, struct strbuf *names)
{
	if (names->len > 0)
		strbuf_addc(names, ',');
	strbuf_adds(names, source->name);
}

/* The names of the sources whose directories -M lists; false when one is no source's. */
static bool
sources_of(struct query *q, const struct files *f, const struct source *sources, size_t n, struct strbuf *names)
{
	char *copy = arena_strdup(q->arena, f->dirs), *dir, *base = NULL;

	if (copy[0] == '\0') {
		const struct source *source = source_of(f->first, sources, n);

		if (source != NULL)
			add_source(source, names);
		return source != NULL;
	}
	while ((dir = strsep(&copy, ":")) != NULL) {
		const struct source *source;

		if (base != NULL)
			dir = arena_printf(q->arena, "%s/%s", base, dir);
		source = source_of(dir, sources, n);
		if (source == NULL)
			return false;
		add_source(source, names);
		if (base == NULL) {
			base = arena_strdup(q->arena, dir);
			if (strrchr(base, '/') != NULL)
				*strrchr(base, '/') = '\0';
		}
	}
	return true;
}

static void
use_index(struct query *q, const struct source *sources, size_t n, unsigned slot)
{
	struct strbuf names = { 0 };
	struct window w = { 0, 0 };
	struct files f;

	if (!files_of(q, &f) || !file_time(f.first, &w.from) || !sources_of(q, &f, sources, n, &names) ||
	    (f.last != NULL && !file_time(f.last, &w.to))) {
		strbuf_free(&names);
		return;
	}
	w.to = f.last != NULL ? w.to + slot : when_now();
	if (w.from > 0 && w.from < w.to) {
		q->sources = arena_strdup(q->arena, strbuf_text(&names));
		q->window = w;
		q->read_file = q->read_range = q->read_dirs = NULL;
	}
	strbuf_free(&names);
}

/*
 * A filter of several lines, maybe with comments, as one, which is shorter to read in a URL.
 * One without a program asks for nothing.
 */
static const char *
one_line(const char *text, const struct filter *program, struct arena *a)
{
	struct strbuf sb = { 0 };

	if (text == NULL || strchr(text, '\n') == NULL)
		return text;
	if (program == NULL)
		return NULL;
	if (filter_print(program, FILTER_OURS, &sb, NULL) == 0)
		text = arena_strdup(a, strbuf_text(&sb));
	strbuf_free(&sb);
	return text;
}

int
query_from_command(struct query *q, int argc, char **argv, const struct source *sources, size_t nsources,
    unsigned slot, struct err *e)
{
	int skip = skip_program(argc, argv, e), n;
	char **kept;

	if (skip == -1)
		return -1;
	kept = arena_array(q->arena, (size_t)(argc - skip) + 2, sizeof(*kept));
	n = keep_options(q, argc - skip, argv + skip, kept, e);
	if (n == -1 || query_from_argv(q, n, kept, e) == -1)
		return -1;
	if (q->sources != NULL && strchr(q->sources, '\n') != NULL)
		return err_set(e, ERR_INPUT, "source: a name has no line ends");
	if (q->output != NULL && strchr(q->output, '\n') != NULL)
		return err_set(e, ERR_INPUT, "output: a format is one line");
	q->filter = one_line(q->filter, q->program, q->arena);
	q->post = one_line(q->post, q->post_program, q->arena);
	use_index(q, sources, nsources, slot);
	return 0;
}

bool
query_has_paths(const struct query *q)
{
	return q->read_file != NULL || q->read_range != NULL || q->read_dirs != NULL || q->conf != NULL;
}
