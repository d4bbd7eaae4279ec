#include "query/ft_config.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/strbuf.h"

#define CONFIG_MAX	((size_t)4 * 1024 * 1024)

int
ft_config_open(struct ft_config *c, const char *path, const char *beside, const struct ft_variable *variables,
    struct arena *a, struct err *e)
{
	const char *name = strrchr(path, '/'), *slash = beside != NULL ? strrchr(beside, '/') : NULL;

	if (beside != NULL && access(path, F_OK) == -1)
		path = slash == NULL ? (name != NULL ? name + 1 : path) :
		    arena_printf(a, "%.*s/%s", (int)(slash - beside), beside, name != NULL ? name + 1 : path);
	*c = (struct ft_config){ .path = arena_strdup(a, path), .variables = variables, .arena = a };
	c->rest = file_read(path, CONFIG_MAX, a, NULL, e);
	return c->rest != NULL ? 0 : -1;
}

int
ft_config_error(const struct ft_config *c, struct err *e, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(e, ERR_INPUT, "%s line %u: %s", c->path, c->line, text);
}

int
ft_config_words(const struct ft_config *c, size_t n, struct err *e)
{
	if (c->n > n)
		return ft_config_error(c, e, "Unexpected \"%s\".", c->word[n]);
	if (c->n < n)
		return ft_config_error(c, e, "\"%s\" needs %zu words.", c->word[0], n - 1);
	return 0;
}

static const char *
variable_value(const struct ft_config *c, const char *name, size_t len)
{
	for (const struct ft_variable *v = c->variables; v != NULL && v->name != NULL; v++)
		if (strlen(v->name) == len && strncasecmp(v->name, name, len) == 0)
			return v->value;
	return NULL;
}

static size_t
name_length(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	return n;
}

/* Puts the value of the variable at s, behind its @; moves behind it. */
static int
expand_one(const struct ft_config *c, const char **s, struct strbuf *out, struct err *e)
{
	bool braces = **s == '{';
	const char *name = *s + braces, *value, *end;
	size_t n = name_length(name);

	value = variable_value(c, name, n);
	if (n == 0)
		return ft_config_error(c, e, "a name must follow @.");
	*s = name + n;
	if (braces) {
		if ((end = strchr(*s, '}')) == NULL)
			return ft_config_error(c, e, "} is missing.");
		if (strncmp(*s, ":-", 2) == 0 && value == NULL) {
			strbuf_add(out, *s + 2, end - *s - 2);
			*s = end + 1;
			return 0;
		}
		if (**s != '}' && strncmp(*s, ":-", 2) != 0)
			return ft_config_error(c, e, "@{%.*s: expecting } or :-.", (int)n, name);
		*s = end + 1;
	}
	if (value == NULL)
		return ft_config_error(c, e, "the variable %.*s is not set (-v %.*s=…).", (int)n, name, (int)n, name);
	strbuf_adds(out, value);
	return 0;
}

/* The line with its variables replaced. */
static int
expand(const struct ft_config *c, const char *line, struct strbuf *out, struct err *e)
{
	while (*line != '\0') {
		size_t n = strcspn(line, "@");

		strbuf_add(out, line, n);
		line += n;
		if (*line++ == '\0')
			break;
		if (expand_one(c, &line, out, e) == -1)
			return -1;
	}
	return 0;
}

static int
split(struct ft_config *c, const char *line, struct err *e)
{
	char *save, *copy = arena_strdup(c->arena, line);

	c->n = 0;
	for (char *w = strtok_r(copy, " \t\r", &save); w != NULL; w = strtok_r(NULL, " \t\r", &save)) {
		if (c->n == FT_WORDS_MAX)
			return ft_config_error(c, e, "too many words.");
		c->word[c->n++] = w;
	}
	return 0;
}

int
ft_config_next(struct ft_config *c, struct err *e)
{
	struct strbuf line = { 0 };
	int rc = 0;

	c->n = 0;
	while (rc == 0 && c->n == 0 && c->rest != NULL && *c->rest != '\0') {
		char *text = strsep(&c->rest, "\n");

		c->line++;
		if (text[strspn(text, " \t\r")] == '#')
			continue;
		strbuf_reset(&line);
		rc = expand(c, text, &line, e);
		if (rc == 0)
			rc = split(c, strbuf_text(&line), e);
	}
	strbuf_free(&line);
	return rc == -1 ? -1 : c->n > 0;
}
