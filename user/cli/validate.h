/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Validation of services and backends, for commands and configuration files alike.
 *
 * Functions return 0, or the exit code of the problem that they record.
 */
#ifndef CLI_VALIDATE_H
#define CLI_VALIDATE_H

#include "base/address.h"
#include "base/problem.h"
#include "lb/abi.h"
#include "store/store.h"

/* The rule for names of services and instances. */
#define VALIDATE_NAME_RULE "use a-z, 0-9 and '-' (1 to 63 characters, not starting with '-')"
bool validate_is_name(const char *name);

/* The name of a service. */
int validate_name(struct problem *problem, const char *name);

/* Records that no service has the name. `prefix` begins the message ("--spill x: "). */
int validate_unknown_service(struct problem *problem, const struct store *store, const char *prefix,
			     const char *name);

/* "ADDR:PORT/PROTO" of a service. */
int validate_vip(struct problem *problem, const char *text, struct endpoint *vip);

/* Settings of a service that exclude each other. */
int validate_settings(struct problem *problem, const struct lb_service_config *service);

/* BACKEND of a service: "ADDR[:PORT]", which the service's forwarding mode can reach. */
int validate_endpoint(struct problem *problem, const struct lb_service_config *service,
		      const char *text, struct endpoint *endpoint);

/* The service's forwarding mode can reach the backend. */
int validate_forward(struct problem *problem, const struct lb_service_config *service,
		     const __u64 address[2], __be16 port);

/* The service can have one more backend, at this endpoint. */
int validate_new_backend(struct problem *problem, const struct store *store, __u32 service,
			 const struct endpoint *endpoint);

/* The service's backends fit the settings that it is to get. */
int validate_backends(struct problem *problem, const struct store *store, __u32 id,
		      const struct lb_service_config *wanted);

/* The service's backends fit together: not too many, and shared only where replies allow it. */
int validate_pool(struct problem *problem, const struct store *store, __u32 service);

/* Records an edit_condition (store/edit.h) about a backend, or 0. */
int validate_edit_problem(struct problem *problem, const struct store *store,
			  const struct lb_service_config *service, const __u64 address[2],
			  __be16 port, int condition);

/* Records a snat_pool_condition (store/snat_pool.h) about a service, or 0. */
int validate_snat_problem(struct problem *problem, const struct store *store,
			  const struct lb_service_config *service, int condition);

#endif
