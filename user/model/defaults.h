/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Settings of a new service and of a new backend.
 *
 * Pure: owns nothing.
 */
#ifndef MODEL_DEFAULTS_H
#define MODEL_DEFAULTS_H

#include "base/address.h"
#include "lb/abi.h"

/* A service of this name at this VIP, with all settings at their defaults. */
struct lb_service_config service_defaults(const char *name, const struct endpoint *vip);

/* A backend at this endpoint, of no service yet, with all settings at their defaults. */
struct lb_backend_config backend_defaults(const struct endpoint *endpoint);

#endif
