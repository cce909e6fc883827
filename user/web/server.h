/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Controller web server: read-only status of the instance for browsers and Prometheus.
 *
 *     /            the status page (user/web/assets/page.html)
 *     /metrics     as `lbctl metrics`
 *     /healthz     200 while the controller works and the instance is attached; else 503 with
 *                  the reason
 *     /api/status  as `lbctl -j status`
 *     /api/live    the same with rates since the last request; the status page polls it
 *
 * A response is created on request and cached for a time that grows with its cost. The controller
 * spends at most 1/20 of its time on each resource, whatever the number of clients and the
 * size of the instance.
 */
#ifndef WEB_SERVER_H
#define WEB_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"

#define WEB_LISTEN_MAX 4 /* addresses */

struct loop;
struct web_server;

/* Returns 0 or a negative errno. All functions except open and listen accept a NULL web_server. */
int web_server_open(struct web_server **web_server, struct loop *loop, const char *instance);

/* Listens on one more address. Returns 0 or a negative errno. */
int web_server_listen(struct web_server *web_server, const struct endpoint *at);
void web_server_close(struct web_server *web_server);

/* Reports a tick of the controller; see controller/liveness.h. */
void web_server_ticked(struct web_server *web_server, bool is_ready);

/* Reports a failure of the controller. */
void web_server_failed(struct web_server *web_server, const char *failure);

#endif
