/*
 * A string that grows.  Zero it (`struct strbuf sb = { 0 };`) to start, free
 * it with strbuf_free(); s is NUL-terminated after the first addition and
 * NULL before it (strbuf_text() is never NULL).
 */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include <stddef.h>
#include <stdint.h>

struct strbuf {
	char *s;
	size_t len, cap;
};

void	strbuf_add(struct strbuf *, const void *, size_t n);
void	strbuf_adds(struct strbuf *, const char *);
void	strbuf_addc(struct strbuf *, char);
void	strbuf_addf(struct strbuf *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void	strbuf_addu(struct strbuf *, uint64_t);		/* decimal, without printf's cost */
char	*strbuf_room(struct strbuf *, size_t n);	/* n writable bytes at the end; add to len what was used; strbuf_text() ends it */
const char *strbuf_text(const struct strbuf *);
void	strbuf_reset(struct strbuf *);			/* empty, keeps its memory */
void	strbuf_free(struct strbuf *);

/* Escapers, one per context.  Each appends the escaped form of s. */
void	strbuf_add_html(struct strbuf *, const char *s);	/* & < > " ' ` */
void	strbuf_add_url(struct strbuf *, const char *s);		/* a query value: space is +, unreserved and : / , kept */
void	strbuf_add_shell(struct strbuf *, const char *s);	/* a word for sh: quoted only where needed */
void	strbuf_add_csv(struct strbuf *, const char *s);		/* RFC 4180 text, formulas made harmless: ' before = + - @ tab; numbers go by addf */
void	strbuf_add_json(struct strbuf *, const char *s);	/* without the quotes; also < as \u003c; bad UTF-8 replaced */
void	strbuf_add_printable(struct strbuf *, const char *s);	/* for terminals and logs: control bytes and bad UTF-8 as \x1b */
void	strbuf_add_utf8(struct strbuf *, const char *s);	/* bad bytes as U+FFFD: what jansson takes */

/* Bytes of the character at s when it is well-formed UTF-8, else 0 (also at the end). */
size_t	utf8_length(const char *s);

#endif
