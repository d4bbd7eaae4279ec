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
#include "base/conf_value.h"
#include "base/file.h"
#include "base/strbuf.h"

#define FILE_MOST	(1024 * 1024)
#define FAULTS_MOST	50
#define DEPTH_MOST	8	/* of blocks in blocks; there are two levels */

enum value { TEXT, NUMBER, FLAG, WORD, INTERFACES };

/* A row for each setting: where it goes, what it is unless set, what it may be. */
struct setting {
	const char *name;
	enum value value;
	size_t offset;			/* in the section's struct */
	const char *text;		/* default of all that are no numbers and flags */
	text_check *check;
	const char *const *words;	/* WORD: what it may be, by value; NULL at the end */
	long number, least, most;	/* NUMBER, FLAG: default; NUMBER: bounds */
};

#define CONF(member)	#member, .offset = offsetof(struct conf, member)
#define SOURCE(member)	#member, .offset = offsetof(struct source, member)
#define ROLE(member)	#member, .offset = offsetof(struct role, member)
#define EXPORTER(member)	#member, .offset = offsetof(struct source_exporter, member)
#define QUIRK(type, member)	#member, .offset = offsetof(struct type, quirks.member)

/* Of a source and, for one of its exporters only, of a section in it. */
#define QUIRKS(type) \
	{ QUIRK(type, scale), .value = NUMBER, .number = 1, .least = 1, .most = 16777216 }, \
	{ QUIRK(type, count), .value = WORD, .text = "both", .check = is_count, .words = count_words }, \
	{ QUIRK(type, outside), .value = INTERFACES, .check = is_interfaces }, \
	{ QUIRK(type, fix_times), .value = FLAG }

static const struct setting settings[] = {
	{ CONF(state), .text = "/var/lib/flowlight", .check = is_directory },
	{ CONF(share), .text = SHAREDIR, .check = is_directory },
	{ CONF(zone), .check = is_zone },
	{ CONF(site), .text = "Flowlight" },
	{ CONF(slot), .value = NUMBER, .number = 300, .least = 2, .most = 86400 },
	{ CONF(layout), .value = NUMBER, .number = 0, .least = 0, .most = 8 },
	{ CONF(workers), .value = NUMBER, .number = 0, .least = 0, .most = 256 },
	{ CONF(poll), .value = NUMBER, .number = 1, .least = 1, .most = 3600 },
	{ CONF(queries), .value = NUMBER, .number = 2, .least = 1, .most = 64 },
	{ CONF(query_seconds), .value = NUMBER, .number = 120, .least = 1, .most = 86400 },
	{ CONF(query_mbytes), .value = NUMBER, .number = 1024, .least = 1, .most = 1048576 },
	{ CONF(nfcapd), .text = "/usr/bin/nfcapd", .check = is_program },
	{ CONF(sfcapd), .text = "/usr/bin/sfcapd", .check = is_program },
	{ CONF(compress), .text = "lz4", .check = is_compress },
	{ CONF(columns), .text = "2G", .check = is_columns },
	{ CONF(keep_slots), .text = "90d", .check = is_age },
	{ CONF(keep_hours), .text = "2y", .check = is_age },
	{ CONF(keep_days), .text = "10y", .check = is_age },
	{ CONF(recheck), .value = NUMBER, .number = 1, .least = 0, .most = 100 },
	{ CONF(user), .check = is_user },
	{ CONF(group), .check = is_user },
	{ CONF(access), .value = WORD, .text = "closed", .check = is_access, .words = access_words },
	{ CONF(web_state), .check = is_directory },
	{ CONF(log_days), .value = NUMBER, .number = 90, .least = 0, .most = 3650 },
	{ CONF(syslog), .value = FLAG },
	{ CONF(sandbox), .value = FLAG, .number = 1 },
	{ CONF(resolve), .value = FLAG },
	{ CONF(host_names), .value = FLAG },
	{ CONF(dns), .check = is_text },
	{ CONF(whois), .check = is_server },
	{ CONF(networks), .check = is_file },
	{ CONF(locations), .check = is_file },
};

static const struct setting source_settings[] = {
	{ SOURCE(dir), .check = is_directory },
	{ SOURCE(colour), .check = is_colour },
	{ SOURCE(ident), .check = is_ident },
	{ SOURCE(port), .value = NUMBER, .number = 0, .least = 0, .most = 65535 },
	{ SOURCE(type), .value = WORD, .text = "netflow", .check = is_type, .words = source_types },
	{ SOURCE(listen), .check = is_listen },
	{ SOURCE(options), .text = "", .check = is_text },
	{ SOURCE(interfaces), .check = is_interface_names },
	{ SOURCE(direction), .value = WORD, .text = "in", .check = is_direction, .words = direction_words },
	QUIRKS(source),
};

static const struct setting exporter_settings[] = {
	QUIRKS(source_exporter),
	{ EXPORTER(interfaces), .check = is_interface_names },
};

static const struct setting role_settings[] = {
	{ ROLE(may), .value = WORD, .text = "view", .check = is_right, .words = right_words },
	{ ROLE(users), .check = is_names },
	{ ROLE(sources), .check = is_names },
	{ ROLE(networks), .check = is_networks },
	{ ROLE(mask), .value = FLAG },
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* What a section holds, by libconfuse's name for it. */
static const struct section {
	const char *name;
	const struct setting *settings;
} sections[] = {
	{ "root", settings },
	{ "source", source_settings },
	{ "exporter", exporter_settings },
	{ "role", role_settings },
};

/* Okabe and Ito's, then Tol's: told apart by colour-blind eyes, too. */
static const char *const palette[] = {
	"#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#332288",
	"#44aa99", "#882255", "#999933", "#aa4499", "#117733", "#88ccee", "#ddcc77", "#661100",
};

struct fault {
	unsigned line;
	const char *text;
};

/* Where something was set: for a second setting of it, and faults found at the end. */
struct seen {
	struct seen *next;
	const cfg_t *section;
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

/* Faults. */

static void
fault_add(struct fault *faults, size_t *n, unsigned line, cfg_t *section, const char *fmt, va_list ap)
{
	char text[400], where[NAME_MOST + 20] = "";
	struct strbuf shown = { 0 };

	if (*n == FAULTS_MOST)
		return;
	if (section != NULL && cfg_title(section) != NULL && *cfg_title(section) != '\0')
		snprintf(where, sizeof(where), "%s \"%.*s\": ", cfg_name(section), NAME_MOST,
		    cfg_title(section));
	vsnprintf(text, sizeof(text), fmt, ap);
	/* What is wrong is shown on terminals: no byte of the file is to be more there than text. */
	strbuf_add_printable(&shown, where);
	strbuf_add_printable(&shown, text);
	faults[(*n)++] = (struct fault){ line, arena_strdup(reading->arena, strbuf_text(&shown)) };
	strbuf_free(&shown);
}

static void wrong(unsigned line, cfg_t *section, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
wrong(unsigned line, cfg_t *section, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fault_add(reading->wrong, &reading->nwrong, line, section, fmt, ap);
	va_end(ap);
}

static void syntax(unsigned line, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void
syntax(unsigned line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fault_add(reading->syntax, &reading->nsyntax, line, NULL, fmt, ap);
	va_end(ap);
}

static void
on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	fault_add(reading->syntax, &reading->nsyntax, (unsigned)cfg->line, cfg, fmt, ap);
}

static const struct seen *
seen_find(const cfg_t *section, const char *name)
{
	const struct seen *s;

	for (s = reading->seen; s != NULL; s = s->next)
		if (s->section == section && strcmp(s->name, name) == 0)
			break;
	return s;
}

static void
seen_add(const cfg_t *section, const char *name, unsigned line)
{
	struct seen *s = arena_alloc(reading->arena, sizeof(*s));

	*s = (struct seen){ reading->seen, section, name, line };
	reading->seen = s;
}

static unsigned
line_of(const cfg_t *section, const char *name)
{
	const struct seen *s = seen_find(section, name);

	return s != NULL ? s->line : 0;
}

/* Called by libconfuse for each setting when it has been read. */

static const struct setting *
setting_find(cfg_t *section, const char *name)
{
	const struct section *in = sections;
	const struct setting *s;

	while (strcmp(in->name, cfg_name(section)) != 0)
		in++;
	for (s = in->settings; strcmp(s->name, name) != 0; s++)
		;
	return s;
}

static void
check_text(const struct setting *s, cfg_t *section, unsigned line, const char *text)
{
	const char *fault = is_printable(text);

	if (fault == NULL && *text == '\0' && s->check != is_text)
		fault = "must not be empty";
	if (fault == NULL)
		fault = s->check != NULL ? s->check(text) : is_text(text);
	if (fault != NULL)
		wrong(line, section, "%s: \"%.100s\" %s", s->name, text, fault);
}

static int
on_setting(cfg_t *cfg, cfg_opt_t *opt)
{
	const struct setting *s = setting_find(cfg, opt->name);
	const struct seen *before = seen_find(cfg, s->name);
	unsigned line = (unsigned)cfg->line;
	long n = s->value == NUMBER ? cfg_opt_getnint(opt, 0) : 0;

	if (before != NULL)
		wrong(line, cfg, "%s: already set in line %u", s->name, before->line);
	seen_add(cfg, s->name, line);
	if (s->value != NUMBER && s->value != FLAG)
		check_text(s, cfg, line, cfg_opt_getnstr(opt, 0));
	else if (s->value == NUMBER && (n < s->least || n > s->most))
		wrong(line, cfg, "%s: %ld is out of range, %ld to %ld", s->name, n, s->least, s->most);
	else if (strcmp(s->name, "slot") == 0 && 86400 % n != 0)
		wrong(line, cfg, "slot: a day is no multiple of %ld seconds", n);
	return 0;
}

static int
on_source(cfg_t *cfg, cfg_opt_t *opt)
{
	cfg_t *section = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
	const char *fault = is_source_name(cfg_title(section));

	if (fault != NULL)
		wrong((unsigned)cfg->line, section, "%s", fault);
	if (cfg_getstr(section, "dir") == NULL)
		wrong((unsigned)cfg->line, section, "dir: is not set");
	return 0;
}

static int
on_role(cfg_t *cfg, cfg_opt_t *opt)
{
	cfg_t *section = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
	const char *fault = is_source_name(cfg_title(section));

	if (fault != NULL)
		wrong((unsigned)cfg->line, section, "%s", fault);
	if (cfg_getstr(section, "users") == NULL)
		wrong((unsigned)cfg->line, section, "users: is not set; \"*\" is everybody whom the web server names");
	return 0;
}

static int
on_exporter(cfg_t *cfg, cfg_opt_t *opt)
{
	cfg_t *section = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
	struct addr addr;

	if (addr_parse(cfg_title(section), &addr) == -1)
		wrong((unsigned)cfg->line, section, "is no address of an exporter");
	seen_add(section, "exporter", (unsigned)cfg->line);
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
		cfg_opt_t flag = CFG_BOOL(s->name, s->number != 0 ? cfg_true : cfg_false, CFGF_NONE);

		opts[i] = s->value == NUMBER ? number : s->value == FLAG ? flag : text;
		opts[i].validcb = on_setting;
	}
	opts[n] = end;
}

static cfg_t *
cfg_new(void)
{
	cfg_opt_t innermost[COUNT(exporter_settings) + 1];
	cfg_opt_t inner[COUNT(source_settings) + 2], outer[COUNT(settings) + 3];
	cfg_opt_t of_role[COUNT(role_settings) + 1];
	cfg_opt_t exporter = CFG_SEC("exporter", innermost, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
	cfg_opt_t role = CFG_SEC("role", of_role, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
	cfg_opt_t source = CFG_SEC("source", inner, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
	cfg_t *cfg;

	options_of(exporter_settings, COUNT(exporter_settings), innermost);
	options_of(source_settings, COUNT(source_settings), inner + 1);
	options_of(role_settings, COUNT(role_settings), of_role);
	options_of(settings, COUNT(settings), outer + 2);
	exporter.validcb = on_exporter;
	inner[0] = exporter;
	source.validcb = on_source;
	role.validcb = on_role;
	outer[0] = source;
	outer[1] = role;
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
	unsigned line = 1, opened[DEPTH_MOST] = { 0 };
	size_t depth = 0;
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
		if (*p == '{' && depth < DEPTH_MOST)
			opened[depth++] = line;
		else if (*p == '}' && depth > 0)
			depth--;
		line += *p == '\n';
		start = strchr(" \t\r\n{}=,;\"'", *p) != NULL;
	}
	if (depth > 0)
		syntax(opened[depth - 1], "a block is opened in this line but not closed");
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

/* All settings, or those that the section has. */
static void
fill(void *to, const struct setting *s, size_t n, cfg_t *cfg, bool all, struct arena *a)
{
	for (; n > 0; n--, s++) {
		void *p = (char *)to + s->offset;
		const char *text = s->value != NUMBER && s->value != FLAG ? cfg_getstr(cfg, s->name) : NULL;

		if (!all && seen_find(cfg, s->name) == NULL)
			continue;
		if (s->value == TEXT)
			*(const char **)p = text != NULL ? arena_strdup(a, text) : NULL;
		else if (s->value == WORD)
			*(unsigned *)p = word_number(text, s->words) > 0 ? (unsigned)word_number(text, s->words) : 0;
		else if (s->value == INTERFACES && text != NULL)
			interfaces_parse(text, p);
		else if (s->value == NUMBER)
			*(unsigned *)p = (unsigned)cfg_getint(cfg, s->name);
		else if (s->value == FLAG)
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

/* Which interfaces lead out has to be known where they are told apart. */
static void
check_quirks(const struct quirks *q, cfg_t *section)
{
	if (q->count != COUNT_BOTH && q->outside.n == 0)
		wrong(line_of(section, "count"), section,
		    "count: needs the setting outside, numbers of the interfaces that lead out");
}

static void
fill_exporters(struct source *src, cfg_t *section, struct arena *a)
{
	src->nexporters = cfg_size(section, "exporter");
	src->exporters = arena_array(a, src->nexporters, sizeof(*src->exporters));
	for (size_t i = 0; i < src->nexporters; i++) {
		cfg_t *inner = cfg_getnsec(section, "exporter", (unsigned)i);
		struct source_exporter *x = &src->exporters[i];

		x->quirks = src->quirks;
		fill(x, exporter_settings, COUNT(exporter_settings), inner, false, a);
		addr_parse(cfg_title(inner), &x->addr);
		check_quirks(&x->quirks, inner);
		for (size_t j = 0; j < i; j++)
			if (addr_cmp(&src->exporters[j].addr, &x->addr) == 0)
				wrong(line_of(inner, "exporter"), inner, "is there twice");
	}
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

		fill(s, source_settings, COUNT(source_settings), section, true, a);
		s->id = (int)i;
		s->name = arena_strdup(a, cfg_title(section));
		if (s->dir != NULL)
			s->dir = dir_plain(s->dir, a);
		if (s->colour == NULL)
			s->colour = palette[i % COUNT(palette)];
		if (s->ident == NULL)
			s->ident = s->name;
		check_quirks(&s->quirks, section);
		fill_exporters(s, section, a);
	}
}

static void
fill_roles(struct conf *conf, cfg_t *cfg, struct arena *a)
{
	conf->nroles = cfg_size(cfg, "role");
	conf->roles = arena_array(a, conf->nroles, sizeof(*conf->roles));
	for (size_t i = 0; i < conf->nroles; i++) {
		cfg_t *section = cfg_getnsec(cfg, "role", (unsigned)i);
		struct role *r = &conf->roles[i];
		char *list, *name;

		fill(r, role_settings, COUNT(role_settings), section, true, a);
		r->name = arena_strdup(a, cfg_title(section));
		if (seen_find(section, "mask") == NULL)
			r->mask = r->may == RIGHT_VIEW;
		list = r->sources != NULL ? arena_strdup(a, r->sources) : NULL;
		while ((name = strsep(&list, ",")) != NULL)
			if (conf_source(conf, name) == NULL)
				wrong(line_of(section, "sources"), section, "sources: there is no source \"%.64s\"", name);
	}
}

/* Two collectors on one port, two sources of one directory: each flow would be lost or twice. */
static void
check_pair(const struct source *a, const struct source *b, cfg_t *section)
{
	if (a->port != 0 && a->port == b->port &&
	    (a->listen == NULL || b->listen == NULL || strcmp(a->listen, b->listen) == 0))
		wrong(line_of(section, "port"), section, "port: %u is already that of source \"%s\"",
		    b->port, a->name);
	if (a->dir != NULL && b->dir != NULL && strcmp(a->dir, b->dir) == 0)
		wrong(line_of(section, "dir"), section, "dir: \"%.200s\" is already that of source \"%s\"",
		    b->dir, a->name);
}

static void
check_whole(const struct conf *conf, cfg_t *cfg)
{
	size_t i, j;

	if (conf->nsources == 0)
		wrong(0, NULL, "source: there is none; flows come from at least one");
	for (i = 0; i < conf->nsources; i++)
		for (j = 0; j < i; j++)
			check_pair(&conf->sources[j], &conf->sources[i],
			    cfg_getnsec(cfg, "source", (unsigned)i));
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
		fill(conf, settings, COUNT(settings), cfg, true, a);
		conf->state = dir_plain(conf->state, a);
		conf->share = dir_plain(conf->share, a);
		fill_sources(conf, cfg, a);
		fill_roles(conf, cfg, a);
		conf->web_state = conf->web_state != NULL ? dir_plain(conf->web_state, a) :
		    arena_printf(a, "%s/web", conf->state);
		check_whole(conf, cfg);
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

bool
conf_listed(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = list; p != NULL; p = strchr(p, ',') != NULL ? strchr(p, ',') + 1 : NULL)
		if (strncmp(p, name, len) == 0 && (p[len] == ',' || p[len] == '\0'))
			return true;
	return false;
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
