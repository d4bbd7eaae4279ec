/*
 * A request and its reply, whatever brought it: FastCGI, plain CGI or -r.
 */
#ifndef CGI_SERVE_H
#define CGI_SERVE_H

#include <stdbool.h>

#include "site.h"

struct request {
	struct arena *arena;
	struct site *site;
	const char *method;
	const char *path;		/* below the program, without .json or .csv once routed: "/details" */
	const char *rest;		/* of the path, where the route takes one: "192.0.2.1" of "/host/192.0.2.1"; else "" */
	const char *query;		/* without "?", "" if none */
	const char *base;		/* what every link starts with: "" or "/flow", never ending in a slash */
	const char *user;		/* REMOTE_USER as the web server says, NULL if none */
	const struct role *role;	/* what the user may; set by access_admit */
	bool local;			/* from the shell, by whom the files are readable anyway */
	const char *body;		/* of a POST, a form's; else NULL */
	int body_status;		/* when it could not be read, and why */
	const char *body_fault;
	const char *token;		/* what POSTs must bring along, from the browser's cookie */
	bool new_token;			/* the browser does not have it yet */
	const char *host, *origin, *site_of_origin;	/* Host, Origin and Sec-Fetch-Site; NULL if none */
	bool https;
	const char *etag;		/* If-None-Match, NULL if none */
	bool picture;			/* belongs to a page that was answered before */
	int fd;				/* the connection, to see whether the client has gone; -1: unknown */
	const struct output *listener;	/* events go there; NULL: none are wanted */
	struct events *events;		/* the page's, while it is made (event.h); NULL: none */
};

struct reply {
	int status;			/* 200 unless set */
	const char *type;		/* of the body */
	const char *cache_control;	/* "private, no-store" unless set */
	const char *location;		/* of a redirect */
	const char *filename;		/* offered for saving; a constant */
	char etag[32];
	const char *allow;		/* methods, of status 405 */
	bool kept;			/* answers a question about flows that was asked before: recall.h */
	bool has_token;			/* the body holds TOKEN_PLACE: forms that post */
	struct strbuf body;
};

/* Where a request's body comes from: bytes read, 0 at its end, -1. */
struct input {
	long (*read)(void *ctx, char *buf, size_t n);
	void *ctx;
};

/* Where a reply goes: 0, or -1 when the reader has gone. */
struct output {
	int (*write)(void *ctx, const char *s, size_t n);
	void *ctx;
	int (*flush)(void *ctx);	/* sends what was written so far; may be NULL */
};

/*
 * Answers a request given as CGI variables: get(ctx, "PATH_INFO") and so on.
 * Never fails: what goes wrong becomes an error page.
 */
void	serve(struct site *, const char *(*get)(void *ctx, const char *name), void *ctx, int fd,
	    const struct input *, const struct output *);

/* Answers for a URL as typed: "/details?range=1w". */
void	serve_url(struct site *, const char *url, const char *user, const struct output *);

/* True when the client has closed its side. */
bool	request_gone(const struct request *);

/* Headers that every reply has; and the cookie, if it is new. */
extern const char security_headers[];
void	cookie_add(struct strbuf *, const struct request *);

/* Sets the entity tag; false, and status 304, when the client has that already. */
bool	reply_unless_same(const struct request *, struct reply *, const char *etag);

/* What is answered is a part only: the client asks anew next time. */
void	reply_partial(struct reply *);

#endif
