/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flags of a backend for the datapath, compiled from its configuration, its administrative
 * state and its health. Names of states.
 *
 * Pure: owns nothing.
 */
#ifndef MODEL_BACKEND_FLAGS_H
#define MODEL_BACKEND_FLAGS_H

#include "lb/abi.h"

/* Returns the value of lb_backend.flags. */
__u32 backend_flags_compile(const struct lb_backend_config *backend,
			    const struct lb_service_config *service);

/*
 * Returns the flags of a backend's alias in another service (spillover). Its state is that of
 * the owner, its forwarding mode that of the service; flows are counted and sampled as the
 * owner's.
 */
__u32 backend_flags_compile_alias(const struct lb_service_config *service,
				  const struct lb_backend_config *owner,
				  const struct lb_service_config *owner_service);

/* Names of administrative states and of health; "?" for other values. */
const char *state_name(__u8 state);
const char *health_name(__u8 health);

#endif
