/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HTTP server for GET and HEAD, on the event loop's thread; the only user of libmicrohttpd.
 *
 * The owner's handler supplies a response per request and may cache it. A response that is being
 * sent holds its own reference. A client gets one response per connection and 20 s for all of it.
 * At most 32 clients are connected, 16 of one address, so slow or many clients neither block
 * the loop nor use much memory.
 *
 * Functions that return int return 0 or a negative errno, with outputs untouched on failure.
 */
#ifndef WEB_HTTP_SERVER_H
#define WEB_HTTP_SERVER_H

#include <stddef.h>

struct endpoint;
struct loop;
struct http_server;
struct http_response;

/*
 * Creates a response and takes ownership of the text, even on failure. `type` is its Content-Type.
 * Returns NULL if out of memory.
 */
struct http_response *http_response_create(unsigned status, const char *type, char *text,
					   size_t bytes);

/* The same for a text with static lifetime. */
struct http_response *http_response_static(unsigned status, const char *type, const char *text,
					   size_t bytes);

/* Adds a header. */
void http_response_add_header(struct http_response *response, const char *header,
			      const char *value);

/* NULL is allowed. */
void http_response_free(struct http_response *response);

/*
 * Returns the response for a path, which the owner keeps valid until the next call, or NULL if
 * there is no such path.
 */
typedef const struct http_response *(*http_handler)(void *owner, const char *path);

int http_server_open(struct http_server **http_server, struct loop *loop, const struct endpoint *at,
		     http_handler handler, void *owner);

/* Closes all connections. NULL is allowed. */
void http_server_close(struct http_server *http_server);

#endif
