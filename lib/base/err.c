#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	int http, exit;
} kinds[] = {
	[ERR_NONE] = { 200, 0 },
	[ERR_INPUT] = { 400, 2 },
	[ERR_DENIED] = { 403, 1 },
	[ERR_ABSENT] = { 404, 1 },
	[ERR_DATA] = { 500, 1 },
	[ERR_LIMIT] = { 503, 1 },
	[ERR_SYSTEM] = { 500, 1 },
};

/* A text that does not fit ends in "...", so that nobody takes it for the whole. */
static void
err_text(struct err *e, const char *fmt, va_list ap)
{
	char text[sizeof(e->text)];
	int n = vsnprintf(text, sizeof(text), fmt, ap);

	if (n < 0)
		text[0] = '\0';
	if (n >= (int)sizeof(text))
		memcpy(text + sizeof(text) - 4, "...", 4);
	memcpy(e->text, text, sizeof(text));
}

int
err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	e->kind = kind;
	e->sysno = 0;
	va_start(ap, fmt);
	err_text(e, fmt, ap);	/* through a buffer: an argument may be e->text itself */
	va_end(ap);
	return -1;
}

int
err_sys(struct err *e, const char *fmt, ...)
{
	int sysno = errno;
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	err_text(e, fmt, ap);
	va_end(ap);
	e->kind = ERR_SYSTEM;
	e->sysno = sysno;
	n = strlen(e->text);
	snprintf(e->text + n, sizeof(e->text) - n, ": %s", strerror(sysno));
	return -1;
}

int
err_in(struct err *e, const char *fmt, ...)
{
	char inner[sizeof(e->text)];
	va_list ap;
	size_t n;

	memcpy(inner, e->text, sizeof(inner));
	va_start(ap, fmt);
	err_text(e, fmt, ap);
	va_end(ap);
	n = strlen(e->text);
	if (snprintf(e->text + n, sizeof(e->text) - n, ": %s", inner) >= (int)(sizeof(e->text) - n))
		memcpy(e->text + sizeof(e->text) - 4, "...", 4);
	return -1;
}

int
err_http(enum err_kind kind)
{
	return kinds[kind].http;
}

int
err_exit(enum err_kind kind)
{
	return kinds[kind].exit;
}
