/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The SNAT mappings that requests have shown, so that no reply goes to another client. If a packet
 * allocates a port and is not forwarded, the endpoint stays unknown, and any endpoint may belong to
 * that flow.
 */
#ifndef TEST_LIB_ORACLE_ORACLE_SNAT_H
#define TEST_LIB_ORACLE_ORACLE_SNAT_H

#include "packets/packet_builder.h"

/* A flow in snat mode. */
struct oracle_snat_flow {
	struct endpoint client;
	struct endpoint requested; /* VIP endpoint */
	__u8 protocol;
};

/* Forgets all mappings. */
void oracle_snat_clear(void);

/* Records a flow's SNAT endpoint, or that it is unknown. */
void oracle_snat_learn(const struct endpoint *snat_source, const struct oracle_snat_flow *flow);
void oracle_snat_learn_unknown(const struct oracle_snat_flow *flow);

/* True if a reply to this endpoint may belong to the flow. */
bool oracle_snat_allows(const struct endpoint *snat_source, const struct oracle_snat_flow *flow);

#endif
