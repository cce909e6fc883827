/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Recall: whose each of snat's endpoints is, as requests have shown, so that no answer
 * goes to another client. Now and then a flow gets its endpoint by a packet that goes no
 * further; then nobody has seen which, and any may be that flow's.
 */
#ifndef TEST_LIB_ORACLE_ORACLE_SNAT_H
#define TEST_LIB_ORACLE_ORACLE_SNAT_H

#include "packets/packet_builder.h"

/* A flow of snat. */
struct oracle_snat_flow {
	struct endpoint client;
	struct endpoint requested; /* of the service */
	__u8 protocol;
};

/* Forgets everything. */
void oracle_snat_clear(void);

/* A flow speaks from an endpoint of ours; or from one that was not seen. */
void oracle_snat_learn(const struct endpoint *snat_source, const struct oracle_snat_flow *flow);
void oracle_snat_learn_unknown(const struct oracle_snat_flow *flow);

/* May an answer to this endpoint be one to that flow? */
bool oracle_snat_allows(const struct endpoint *snat_source, const struct oracle_snat_flow *flow);

#endif
