/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rules: what services and backends must keep to, whether a command or a file says so.
 *
 * Functions return 0, or the exit code of the problem that they record.
 */
#ifndef STORE_VALIDATE_H
#define STORE_VALIDATE_H

#include "base/address.h"
#include "base/problem.h"
#include "lb/abi.h"
#include "store/store.h"

int validate_name(struct problem *problem, const char *name);

/* There is no service of this name; `what` asked for it ("--spill x: "). */
int validate_unknown_service(struct problem *problem, const struct store *store, const char *what,
			     const char *name);

/* "ADDR:PORT/PROTO" of a service. */
int validate_vip(struct problem *problem, const char *text, struct endpoint *vip);

/* A backend of a service of which nothing else is said. */
struct lb_backend_config backend_defaults(const struct endpoint *endpoint);

/* Settings that do not go together. */
int validate_settings(struct problem *problem, const struct lb_service_config *service);

/* BACKEND of a service: "ADDR[:PORT]", which its way of forwarding must reach. */
int validate_endpoint(struct problem *problem, const struct lb_service_config *service,
		      const char *text, struct endpoint *endpoint);

/* Can a service's way of forwarding reach a backend? */
int validate_forward(struct problem *problem, const struct lb_service_config *service,
		     const __u64 address[2], __be16 port);

/* Another backend: what the directory's format and the service itself demand. */
int validate_new_backend(struct problem *problem, const struct store *store, __u32 service,
			 const struct endpoint *endpoint);

/* Do the backends that a service has go with settings that it is to have? */
int validate_backends(struct problem *problem, const struct store *store, __u32 id,
		      const struct lb_service_config *wanted);

/* Gives the service the addresses of snat that its settings ask for. */
int validate_snat_pool(struct problem *problem, const struct store *store, __u32 id,
		       struct lb_service_config *wanted);

/*
 * A service's backends together: there are not too many, and if it remembers nothing (--persist
 * none), none is another such service's as well: nobody could tell whose replies are whose.
 */
int validate_pool(struct problem *problem, const struct store *store, __u32 service);

#endif
