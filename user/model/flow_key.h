/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text form of a flow key (layout: include/lb/flow.h). A key does not contain the address
 * family, which is that of its service.
 *
 * Pure: owns nothing. Addresses and ports are in network byte order.
 */
#ifndef MODEL_FLOW_KEY_H
#define MODEL_FLOW_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/flow.h"

/* Size of any client, with the terminating NUL. */
#define FLOW_KEY_TEXT_BYTES 22

/* Writes the client, "203.0.113.7:4711"; "-" for IPv6: the key contains only its hash. */
void flow_key_format(const struct lb_flow *flow, bool ipv4, char text[FLOW_KEY_TEXT_BYTES]);

#endif
