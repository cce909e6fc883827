/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A backend's standing: what packets are told of it beside its address, made of what
 * was configured, what the operator said since, and what checks say.
 *
 * Pure: owns nothing.
 */
#ifndef MODEL_BACKEND_FLAGS_H
#define MODEL_BACKEND_FLAGS_H

#include "lb/abi.h"

/* For lb_backend.flags. */
__u32 backend_flags_compile(const struct lb_backend_config *backend,
			    const struct lb_service_config *service);

/*
 * Of a backend's deputy in another service: in and out of service as its owner, reached
 * in the service's way, and its flows are counted and timed as its owner's.
 */
__u32 backend_flags_compile_alias(const struct lb_service_config *service,
				  const struct lb_backend_config *owner,
				  const struct lb_service_config *owner_service);

/* The words for what operators and checks say. */
const char *state_name(__u8 state);
const char *health_name(__u8 health);

#endif
