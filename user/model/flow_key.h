/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keys of remembered flows, as the controller shows them; their layout
 * is include/lb/flow.h's. The flow's family is its service's: a key does not say.
 *
 * Pure: owns nothing. Addresses and ports are in network byte order.
 */
#ifndef MODEL_FLOW_KEY_H
#define MODEL_FLOW_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/flow.h"

/* Room for any client, with the terminating NUL. */
#define FLOW_KEY_TEXT_BYTES 22

/* The client, "203.0.113.7:4711"; "-" for IPv6, whose keys hold but a hash of it. */
void flow_key_format(const struct lb_flow *flow, bool ipv4, char text[FLOW_KEY_TEXT_BYTES]);

#endif
