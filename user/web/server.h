/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the controller shows to web browsers and to Prometheus: the instance, as it is, to be
 * read only.
 *
 *     /            the status page (user/web/assets/page.html)
 *     /metrics     as `lbctl metrics`
 *     /healthz     200 while the controller does its work and the instance is attached; else 503
 *                  and why
 *     /api/status  as `lbctl -j status`
 *     /api/live    the same, with what the last seconds brought: what the page lives on
 *
 * A document is made when it is asked for, and kept for a moment, the longer the more it
 * cost: however many ask, and however large the instance, the controller spends a
 * twentieth of its time on each at the most.
 */
#ifndef WEB_SERVER_H
#define WEB_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"

#define WEB_LISTEN_MAX 4 /* to listen at */

struct loop;
struct web_server;

/* Who is told what the site has to know of the controller. All but open take NULL for a site. */
int web_server_open(struct web_server **web_server, struct loop *loop, const char *instance);

/* One more place to listen at. 0 or a negative errno. */
int web_server_listen(struct web_server *web_server, const struct endpoint *at);
void web_server_close(struct web_server *web_server);

/* The controller looked whether something is to be done; it is ready once it has done all. */
void web_server_ticked(struct web_server *web_server, bool is_ready);

/* Something of its work failed. */
void web_server_failed(struct web_server *web_server, const char *what, const char *why);

#endif
