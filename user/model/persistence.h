/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Persistence, as operators write it: what stays with a backend. A flow (`flow`),
 * nothing (`none`), or a client (`source`), for some time after its last new flow, and known
 * by its address or the first bits of it: source=10m, source=10m/24.
 *
 * Pure: owns nothing.
 */
#ifndef MODEL_PERSISTENCE_H
#define MODEL_PERSISTENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/abi.h"

#define PERSIST_EXPECTED \
	"flow, none, or source[=DUR[/BITS]], a duration from 1s to 24h and bits of the client's " \
	"address"

/* 0, or -EINVAL with `service` untouched; bits are held against the IP version of its VIP. */
int persist_parse(const char *text, struct lb_service_config *service);
void persist_format(const struct lb_service_config *service, char *text, size_t size);

/* Are the service's replies known by their source alone, which then must be nobody else's? */
bool persist_needs_exclusive_backends(const struct lb_service_config *service);

/* Is something else to stay than before? Then what is remembered of it counts no more. */
bool persist_differs(const struct lb_service_config *now, const struct lb_service_config *before);

/* What packets read of it, each word at once. */
void persist_write(struct lb_service *service, const struct lb_service_config *config);

/* Why the service cannot have what it asks for, in a sentence; NULL if it can. */
const char *persist_validate(const struct lb_service_config *service);

#endif
