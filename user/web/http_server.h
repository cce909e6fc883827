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
struct http_server;
struct http_response;

/* Owns the text from now on, also when it fails; NULL: no memory. `type` is its Content-Type. */
struct http_response *http_response_create(unsigned status, const char *type, char *text,
					   size_t bytes);

/* Of a text that lives as long as the process. */
struct http_response *http_response_static(unsigned status, const char *type, const char *text,
					   size_t bytes);

/* One more header. */
void http_response_add_header(struct http_response *response, const char *header,
			      const char *value);

/* May be NULL. */
void http_response_free(struct http_response *response);

/*
 * What there is at a path: a document of the owner's that stays until the function is called
 * again, or NULL: there is no such path.
 */
typedef const struct http_response *(*http_handler)(void *owner, const char *path);

int http_server_open(struct http_server **http_server, struct loop *loop, const struct endpoint *at,
		     http_handler handler, void *owner);

/* At once, whoever is being served. May be NULL. */
void http_server_close(struct http_server *http_server);

#endif
