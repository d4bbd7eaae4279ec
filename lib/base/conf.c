#include "base/conf.h"

#include <confuse.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/strbuf.h"
#include "base/when.h"

#define FILE_MOST	(1024 * 1024)
#define FAULTS_MOST	50
#define NAME_MOST	64
#define IDENT_MOST	127	/* nfcapd 1.7 refuses longer ones */
#define TEXT_MOST	1000

enum value { TEXT, NUMBER, FLAG, TYPE };

/* Says what a text must be, or NULL when it is. */
typedef const char *text_check(const char *);

/* A row for each setting: where it goes, what it is unless set, what it may be. */
struct setting {
	const char *name;
	enum value value;
	size_t offset;			/* in struct conf or struct source */
	const char *text;		/* TEXT, TYPE: default */
	text_check *check;
	long number, least, most;	/* NUMBER, FLAG: default; NUMBER: bounds */
};

static text_check	is_directory, is_program, is_colour, is_ident, is_zone, is_compress, is_type,
			is_user, is_listen, is_text;

#define CONF(member)	#member, .offset = offsetof(struct conf, member)
#define SOURCE(member)	#member, .offset = offsetof(struct source, member)

static const struct setting settings[] = {
	{ CONF(state), .text = "/var/lib/flowlight", .check = is_directory },
	{ CONF(share), .text = SHAREDIR, .check = is_directory },
	{ CONF(zone), .check = is_zone },
	{ CONF(site), .text = "Flowlight" },
	{ CONF(slot), .value = NUMBER, .number = 300, .least = 2, .most = 86400 },
	{ CONF(layout), .value = NUMBER, .number = 0, .least = 0, .most = 8 },
	{ CONF(workers), .value = NUMBER, .number = 0, .least = 0, .most = 256 },
	{ CONF(poll), .value = NUMBER, .number = 1, .least = 1, .most = 3600 },
	{ CONF(query_seconds), .value = NUMBER, .number = 120, .least = 1, .most = 86400 },
	{ CONF(query_mbytes), .value = NUMBER, .number = 1024, .least = 1, .most = 1048576 },
	{ CONF(nfcapd), .text = "/usr/bin/nfcapd", .check = is_program },
	{ CONF(sfcapd), .text = "/usr/bin/sfcapd", .check = is_program },
	{ CONF(compress), .text = "lz4", .check = is_compress },
	{ CONF(user), .check = is_user },
	{ CONF(group), .check = is_user },
	{ CONF(syslog), .value = FLAG },
};

static const struct setting source_settings[] = {
	{ SOURCE(dir), .check = is_directory },
	{ SOURCE(colour), .check = is_colour },
	{ SOURCE(ident), .check = is_ident },
	{ SOURCE(sampling), .value = NUMBER, .number = 1, .least = 1, .most = 16777216 },
	{ SOURCE(port), .value = NUMBER, .number = 0, .least = 0, .most = 65535 },
	{ SOURCE(type), .value = TYPE, .text = "netflow", .check = is_type },
	{ SOURCE(listen), .check = is_listen },
	{ SOURCE(options), .text = "", .check = is_text },
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* Okabe and Ito's, then Tol's: told apart by colour-blind eyes, too. */
static const char *const palette[] = {
	"#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#332288",
	"#44aa99", "#882255", "#999933", "#aa4499", "#117733", "#88ccee", "#ddcc77", "#661100",
};

static const char *const types[] = { [SOURCE_NETFLOW] = "netflow", [SOURCE_SFLOW] = "sflow" };
static const char *const compressions[] = { "none", "lzo", "lz4", "bz2" };

struct fault {
	unsigned line;
	const char *text;
};

/* Where something was set: for a second setting of it, and faults found at the end. */
struct seen {
	struct seen *next;
	const char *source;	/* "" outside of sources */
	const char *name;
	unsigned line;
};

struct reading {
	struct arena *arena;	/* of the conf */
	char *text;		/* of the file; lines that cannot be parsed are blanked */
	struct fault syntax[FAULTS_MOST], wrong[FAULTS_MOST];
	size_t nsyntax, nwrong;
	struct seen *seen;
};

struct owner {
	struct conf conf;
	struct arena *arena;
};

/* libconfuse's callbacks carry no pointer of ours.  One file is read at a time. */
static struct reading *reading;

/* What settings may be. */

static const char *
is_text(const char *s)
{
	return strlen(s) > TEXT_MOST ? "is too long" : NULL;
}

static const char *
is_directory(const char *s)
{
	return *s != '/' ? "must be an absolute path, starting with /" : is_text(s);
}

static const char *
is_program(const char *s)
{
	return *s != '/' || s[strlen(s) - 1] == '/' ? "must be the absolute path of a program" : NULL;
}

static const char *
is_colour(const char *s)
{
	return *s != '#' || strlen(s) != 7 || s[1 + strspn(s + 1, "0123456789abcdefABCDEF")] != '\0' ?
	    "must be a colour like \"#0072b2\"" : NULL;
}

static const char *
is_ident(const char *s)
{
	return strlen(s) > IDENT_MOST || strpbrk(s, " ,") != NULL || *s == '-' ?
	    "must have at most 127 characters, no blank or comma, and not start with -" : NULL;
}

static const char *
is_zone(const char *s)
{
	return when_zone_known(s) ? NULL : "is not a time zone of this system, like UTC or Europe/Berlin";
}

static bool
is_one_of(const char *s, const char *const *words, size_t n)
{
	size_t i;

	for (i = 0; i < n && strcmp(s, words[i]) != 0; i++)
		;
	return i < n;
}

static const char *
is_compress(const char *s)
{
	return is_one_of(s, compressions, COUNT(compressions)) ? NULL : "must be none, lzo, lz4 or bz2";
}

static const char *
is_type(const char *s)
{
	return is_one_of(s, types, COUNT(types)) ? NULL : "must be netflow or sflow";
}

static bool
is_word(const char *s, const char *more, size_t most)
{
	size_t i;

	for (i = 0; s[i] != '\0'; i++)
		if (!isalnum((unsigned char)s[i]) && strchr(more, s[i]) == NULL)
			return false;
	return i > 0 && i <= most && isascii((unsigned char)*s) && *s != '-';
}

static const char *
is_user(const char *s)
{
	return is_word(s, "_-.", 32) ? NULL : "must be the name of a user or group";
}

static const char *
is_listen(const char *s)
{
	struct addr a;

	return addr_parse(s, &a) == 0 || is_word(s, "-.", 253) ? NULL :
	    "must be an address or a host name";
}

static const char *
is_source_name(const char *s)
{
	return is_word(s, "_-.", NAME_MOST) && *s != '.' ? NULL :
	    "a name has 1 to 64 of A-Z a-z 0-9 _ - . and does not start with - or .";
}

/* Control bytes are nowhere wanted: settings go into argv, logs and pages. */
static const char *
is_printable(const char *s)
{
	for (; *s != '\0'; s += utf8_length(s)) {
		if (iscntrl((unsigned char)*s))
			return "holds a control character";
		if (utf8_length(s) == 0)
			return "is not UTF-8";
	}
	return NULL;
}

/* Faults. */

static void
fault_add(struct fault *faults, size_t *n, unsigned line, const char *source, const char *fmt, va_list ap)
{
	char text[400], where[NAME_MOST + 20] = "";

	if (*n == FAULTS_MOST)
		return;
	if (*source != '\0')
		snprintf(where, sizeof(where), "source \"%.*s\": ", NAME_MOST, source);
	vsnprintf(text, sizeof(text), fmt, ap);
	faults[(*n)++] = (struct fault){ line, arena_printf(reading->arena, "%s%s", where, text) };
}

static void wrong(unsigned line, const char *source, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
wrong(unsigned line, const char *source, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fault_add(reading->wrong, &reading->nwrong, line, source, fmt, ap);
	va_end(ap);
}

static void syntax(unsigned line, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void
syntax(unsigned line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fault_add(reading->syntax, &reading->nsyntax, line, "", fmt, ap);
	va_end(ap);
}

static void
on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	const char *title = cfg_title(cfg);

	fault_add(reading->syntax, &reading->nsyntax, (unsigned)cfg->line, title != NULL ? title : "",
	    fmt, ap);
}

static const struct seen *
seen_find(const char *source, const char *name)
{
	const struct seen *s;

	for (s = reading->seen; s != NULL; s = s->next)
		if (strcmp(s->source, source) == 0 && strcmp(s->name, name) == 0)
			break;
	return s;
}

static void
seen_add(const char *source, const char *name, unsigned line)
{
	struct seen *s = arena_alloc(reading->arena, sizeof(*s));

	*s = (struct seen){ reading->seen, arena_strdup(reading->arena, source), name, line };
	reading->seen = s;
}

static unsigned
line_of(const char *source, const char *name)
{
	const struct seen *s = seen_find(source, name);

	return s != NULL ? s->line : 0;
}

/* Called by libconfuse for each setting when it has been read. */

static const struct setting *
setting_find(bool in_source, const char *name)
{
	const struct setting *s = in_source ? source_settings : settings;
	size_t n = in_source ? COUNT(source_settings) : COUNT(settings);

	while (n > 0 && strcmp(s->name, name) != 0)
		s++, n--;
	return n > 0 ? s : NULL;
}

static void
check_text(const struct setting *s, const char *source, unsigned line, const char *text)
{
	const char *fault = is_printable(text);

	if (fault == NULL && *text == '\0' && s->check != is_text)
		fault = "must not be empty";
	if (fault == NULL)
		fault = s->check != NULL ? s->check(text) : is_text(text);
	if (fault != NULL)
		wrong(line, source, "%s: \"%.100s\" %s", s->name, text, fault);
}

static int
on_setting(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *source = cfg_title(cfg) != NULL ? cfg_title(cfg) : "";
	const struct setting *s = setting_find(cfg_title(cfg) != NULL, opt->name);
	const struct seen *before = seen_find(source, opt->name);
	unsigned line = (unsigned)cfg->line;
	long n = s->value == NUMBER ? cfg_opt_getnint(opt, 0) : 0;

	if (before != NULL)
		wrong(line, source, "%s: already set in line %u", s->name, before->line);
	seen_add(source, s->name, line);
	if (s->value == TEXT || s->value == TYPE)
		check_text(s, source, line, cfg_opt_getnstr(opt, 0));
	else if (s->value == NUMBER && (n < s->least || n > s->most))
		wrong(line, source, "%s: %ld is out of range, %ld to %ld", s->name, n, s->least, s->most);
	else if (s == setting_find(false, "slot") && 86400 % n != 0)
		wrong(line, source, "slot: a day is no multiple of %ld seconds", n);
	return 0;
}

static int
on_source(cfg_t *cfg, cfg_opt_t *opt)
{
	cfg_t *section = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
	const char *name = cfg_title(section);
	const char *fault = is_source_name(name);

	if (fault != NULL)
		wrong((unsigned)cfg->line, name, "%s", fault);
	if (cfg_getstr(section, "dir") == NULL)
		wrong((unsigned)cfg->line, name, "dir: is not set");
	return 0;
}

/* Parsing. */

static void
options_of(const struct setting *s, size_t n, cfg_opt_t *opts)
{
	static const cfg_opt_t end = CFG_END();
	size_t i;

	for (i = 0; i < n; i++, s++) {
		cfg_opt_t text = CFG_STR(s->name, s->text, CFGF_NONE);
		cfg_opt_t number = CFG_INT(s->name, s->number, CFGF_NONE);
		cfg_opt_t flag = CFG_BOOL(s->name, cfg_false, CFGF_NONE);

		opts[i] = s->value == NUMBER ? number : s->value == FLAG ? flag : text;
		opts[i].validcb = on_setting;
	}
	opts[n] = end;
}

static cfg_t *
cfg_new(void)
{
	cfg_opt_t inner[COUNT(source_settings) + 1], outer[COUNT(settings) + 2];
	cfg_opt_t section = CFG_SEC("source", inner, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
	cfg_t *cfg;

	options_of(source_settings, COUNT(source_settings), inner);
	options_of(settings, COUNT(settings), outer + 1);
	section.validcb = on_source;
	outer[0] = section;
	if ((cfg = cfg_init(outer, CFGF_NONE)) == NULL)	/* copies all options; only memory can lack */
		abort();
	cfg_set_error_function(cfg, on_error);
	return cfg;
}

/*
 * libconfuse stops at the first thing it cannot parse.  To find the next one,
 * too, that line is blanked and all is read again, unless it opens or closes a
 * block, because then nothing after it could be understood.
 */
static bool
line_blank(unsigned line)
{
	char *p = reading->text;
	size_t n;

	for (; line > 1 && p != NULL; line--)
		if ((p = strchr(p, '\n')) != NULL)
			p++;
	if (p == NULL || line == 0)
		return false;
	n = strcspn(p, "\n");
	if (strcspn(p, "{}") < n || strspn(p, " \t\r") >= n)
		return false;
	memset(p, ' ', n);
	return true;
}

/* Where a comment at p ends, or p when there is none. */
static char *
comment_end(char *p)
{
	char *end;

	if (*p == '#' || (p[0] == '/' && p[1] == '/'))
		return p + strcspn(p, "\n");
	if (p[0] != '/' || p[1] != '*')
		return p;
	end = strstr(p + 2, "*/");
	return end != NULL ? end + 2 : p + strlen(p);
}

static char *
quoted_end(char *p)
{
	char quote = *p++;

	for (; *p != quote && *p != '\n' && *p != '\0'; p++)
		if (*p == '\\' && p[1] != '\0' && p[1] != '\n')
			p++;
	return *p == quote ? p + 1 : NULL;
}

/*
 * Blanks comments, because libconfuse 3.3 counts the lines of some of them
 * twice, and finds what it does not: quotes that are not closed in their line
 * and a block that is open at the end.  False when what follows makes no sense.
 */
static bool
text_prepare(void)
{
	bool start = true;	/* of a word: in a word # and // are part of it */
	unsigned line = 1, opened = 0;
	char *p, *end;

	for (p = reading->text; *p != '\0'; p = end) {
		end = p + 1;
		if (start && (end = comment_end(p)) != p) {
			for (; p < end; p++)
				if (*p == '\n')
					line++;
				else
					*p = ' ';
			continue;
		}
		end = p + 1;
		if ((*p == '"' || *p == '\'') && (end = quoted_end(p)) == NULL) {
			syntax(line, "a quote is opened in this line but not closed");
			if (!line_blank(line))
				return false;
			end = p + strcspn(p, "\n");
		}
		opened = *p == '{' ? line : *p == '}' ? 0 : opened;
		line += *p == '\n';
		start = strchr(" \t\r\n{}=,;\"'", *p) != NULL;
	}
	if (opened != 0)
		syntax(opened, "a block is opened in this line but not closed");
	return true;
}

/* What was read, with nsyntax 0 if all of it made sense. */
static cfg_t *
parse(void)
{
	cfg_t *cfg;

	for (;;) {
		size_t before = reading->nsyntax;

		reading->seen = NULL;
		reading->nwrong = 0;
		cfg = cfg_new();
		if (cfg_parse_buf(cfg, reading->text) == CFG_SUCCESS || before == FAULTS_MOST)
			return cfg;
		if (reading->nsyntax == before)		/* of some things it does not speak */
			syntax((unsigned)cfg->line, "cannot be understood");
		if (!line_blank(reading->syntax[before].line))
			return cfg;
		cfg_free(cfg);
	}
}

/* Values into the structs. */

static void
fill(void *to, const struct setting *s, size_t n, cfg_t *cfg, struct arena *a)
{
	for (; n > 0; n--, s++) {
		void *p = (char *)to + s->offset;
		const char *text = s->value == TEXT || s->value == TYPE ? cfg_getstr(cfg, s->name) : NULL;

		if (s->value == TEXT)
			*(const char **)p = text != NULL ? arena_strdup(a, text) : NULL;
		else if (s->value == TYPE)
			*(enum source_type *)p = strcmp(text, types[SOURCE_SFLOW]) == 0 ?
			    SOURCE_SFLOW : SOURCE_NETFLOW;
		else if (s->value == NUMBER)
			*(unsigned *)p = (unsigned)cfg_getint(cfg, s->name);
		else
			*(bool *)p = cfg_getbool(cfg, s->name) == cfg_true;
	}
}

/* "/data//r1/" is "/data/r1": for comparing, and paths made of it. */
static const char *
dir_plain(const char *dir, struct arena *a)
{
	char *plain = arena_strdup(a, dir), *to = plain;

	for (; *dir != '\0'; dir++)
		if (dir[0] != '/' || dir[1] != '/')
			*to++ = *dir;
	if (to - plain > 1 && to[-1] == '/')
		to--;
	*to = '\0';
	return plain;
}

static void
fill_sources(struct conf *conf, cfg_t *cfg, struct arena *a)
{
	size_t i;

	conf->nsources = cfg_size(cfg, "source");
	conf->sources = arena_array(a, conf->nsources, sizeof(*conf->sources));
	for (i = 0; i < conf->nsources; i++) {
		cfg_t *section = cfg_getnsec(cfg, "source", (unsigned)i);
		struct source *s = &conf->sources[i];

		fill(s, source_settings, COUNT(source_settings), section, a);
		s->id = (int)i;
		s->name = arena_strdup(a, cfg_title(section));
		if (s->dir != NULL)
			s->dir = dir_plain(s->dir, a);
		if (s->colour == NULL)
			s->colour = palette[i % COUNT(palette)];
		if (s->ident == NULL)
			s->ident = s->name;
	}
}

/* Two collectors on one port, two sources of one directory: each flow would be lost or twice. */
static void
check_pair(const struct source *a, const struct source *b)
{
	if (a->port != 0 && a->port == b->port &&
	    (a->listen == NULL || b->listen == NULL || strcmp(a->listen, b->listen) == 0))
		wrong(line_of(b->name, "port"), b->name, "port: %u is already that of source \"%s\"",
		    b->port, a->name);
	if (a->dir != NULL && b->dir != NULL && strcmp(a->dir, b->dir) == 0)
		wrong(line_of(b->name, "dir"), b->name, "dir: \"%.200s\" is already that of source \"%s\"",
		    b->dir, a->name);
}

static void
check_whole(const struct conf *conf)
{
	size_t i, j;

	if (conf->nsources == 0)
		wrong(0, "", "source: there is none; flows come from at least one");
	for (i = 0; i < conf->nsources; i++)
		for (j = 0; j < i; j++)
			check_pair(&conf->sources[j], &conf->sources[i]);
}

static int
compare_lines(const void *a, const void *b)
{
	unsigned x = ((const struct fault *)a)->line, y = ((const struct fault *)b)->line;

	return x < y ? -1 : x > y;
}

/* In order of lines; what does not fit into the text is counted. */
static void
faults_text(const char *path, struct err *e)
{
	struct fault all[2 * FAULTS_MOST];
	size_t i, n = reading->nsyntax, room = sizeof(e->text) - 40;
	struct strbuf sb = { 0 };

	memcpy(all, reading->syntax, n * sizeof(*all));
	memcpy(all + n, reading->wrong, reading->nwrong * sizeof(*all));
	n += reading->nwrong;
	qsort(all, n, sizeof(*all), compare_lines);
	for (i = 0; i < n; i++) {
		size_t before = sb.len;

		strbuf_addf(&sb, all[i].line != 0 ? "%s%s:%u: " : "%s%s: ", i != 0 ? "\n" : "", path,
		    all[i].line);
		strbuf_adds(&sb, all[i].text);
		if (sb.len > room && i > 0) {
			sb.len = before;
			strbuf_addf(&sb, "\nand %zu more", n - i);
			break;
		}
	}
	err_set(e, ERR_DATA, "%s", strbuf_text(&sb));
	strbuf_free(&sb);
}

/* The faults of a file in err, and -1; or 0. */
static int
conf_parse(struct conf *conf, struct arena *a, struct err *e)
{
	cfg_t *cfg = text_prepare() ? parse() : NULL;

	if (reading->nsyntax == 0) {
		fill(conf, settings, COUNT(settings), cfg, a);
		conf->state = dir_plain(conf->state, a);
		conf->share = dir_plain(conf->share, a);
		fill_sources(conf, cfg, a);
		check_whole(conf);
	}
	if (cfg != NULL)
		cfg_free(cfg);
	if (reading->nsyntax + reading->nwrong == 0)
		return 0;
	faults_text(conf->path, e);
	return -1;
}

struct conf *
conf_read_text(const char *path, const char *text, struct err *e)
{
	struct arena *a = arena_new();
	struct owner *owner = arena_alloc(a, sizeof(*owner));
	int rc;

	owner->arena = a;
	owner->conf.path = arena_strdup(a, path);
	reading = arena_alloc(a, sizeof(*reading));
	reading->arena = a;
	reading->text = arena_strdup(a, text);
	rc = conf_parse(&owner->conf, a, e);
	reading = NULL;
	if (rc == 0)
		return &owner->conf;
	arena_free(a);
	return NULL;
}

struct conf *
conf_read(const char *path, struct err *e)
{
	struct arena *a = arena_new();
	struct conf *conf = NULL;
	size_t n;
	const char *text = file_read(path, FILE_MOST, a, &n, e);

	if (text != NULL && strlen(text) != n)
		err_set(e, ERR_DATA, "%s: holds a NUL byte", path);
	else if (text != NULL)
		conf = conf_read_text(path, text, e);
	arena_free(a);
	return conf;
}

void
conf_free(struct conf *conf)
{
	if (conf != NULL)
		arena_free(((struct owner *)(void *)conf)->arena);
}

const struct source *
conf_source(const struct conf *conf, const char *name)
{
	size_t i;

	for (i = 0; i < conf->nsources; i++)
		if (strcmp(conf->sources[i].name, name) == 0)
			return &conf->sources[i];
	return NULL;
}
