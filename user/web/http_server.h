/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small web server, on the event loop's own thread, for those who only ask.
 *
 * One file knows libmicrohttpd. It answers GET and HEAD out of documents that its owner
 * makes when they are asked for, and keeps for as long as it likes: who is being sent
 * one holds on to it by itself. Whoever connects gets one answer, has twenty seconds for all
 * of it, and shares a few places with all others, so that nobody who is slow, or
 * many, holds up the loop or takes more than a little memory.
 *
 * Functions that return int return 0 or a negative errno, outputs untouched on failure.
 */
#ifndef WEB_HTTP_SERVER_H
#define WEB_HTTP_SERVER_H

#include <stddef.h>

struct endpoint;
struct loop;
struct http;
struct http_document;

/* Owns the text from now on, also when it fails; NULL: no memory. `type` is its Content-Type. */
struct http_document *http_document_make(unsigned status, const char *type, char *text,
					 size_t bytes);

/* Of a text that lives as long as the process. */
struct http_document *http_document_of(unsigned status, const char *type, const char *text,
				       size_t bytes);

/* One more header. */
void http_document_tell(struct http_document *document, const char *header, const char *value);

/* May be NULL. */
void http_document_free(struct http_document *document);

/*
 * What there is at a path: a document of the owner's that stays until the function is called
 * again, or NULL: there is no such path.
 */
typedef const struct http_document *(*http_ask)(void *owner, const char *path);

int http_open(struct http **http, struct loop *loop, const struct endpoint *at, http_ask ask,
	      void *owner);

/* At once, whoever is being served. May be NULL. */
void http_close(struct http *http);

#endif
