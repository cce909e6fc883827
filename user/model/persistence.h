/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Persistence (affinity): what is kept on one backend. A flow (`flow`), nothing (`none`), or a
 * client (`source`), for a time after its last new flow. A client is identified by its address
 * or a prefix of it: source=10m, source=10m/24.
 *
 * Pure: owns nothing.
 */
#ifndef MODEL_PERSISTENCE_H
#define MODEL_PERSISTENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/abi.h"

#define PERSIST_EXPECTED \
	"flow, none or source[=DUR[/BITS]], with a duration from 1s to 24h and a prefix length"

/* Returns 0, or -EINVAL with `service` untouched. The VIP's IP version limits the bits. */
int persist_parse(const char *text, struct lb_service_config *service);
void persist_format(const struct lb_service_config *service, char *text, size_t size);

/*
 * Returns whether replies are identified by their source alone, so that no other service may use
 * the backend.
 */
bool persist_needs_exclusive_backends(const struct lb_service_config *service);

/* Returns whether persistence changed, so that stored clients are no longer valid. */
bool persist_differs(const struct lb_service_config *now, const struct lb_service_config *before);

/* Writes the fields that packets read, each atomically. */
void persist_write(struct lb_service *service, const struct lb_service_config *config);

/* Returns a sentence if persistence is not possible for the service, else NULL. */
const char *persist_validate(const struct lb_service_config *service);

#endif
