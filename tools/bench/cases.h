/* SPDX-License-Identifier: GPL-2.0-only */
/* The benchmark's cases: their fixtures, packets, expected outcomes and limits. */
#ifndef BENCH_CASES_H
#define BENCH_CASES_H

#include "fixture.h"
#include "measurement.h"

struct cases {
	struct measurements measurements;
	struct fixture few; /* flow table of default size, few flows */
	struct fixture sixteen_k, sixteen_k6; /* flow table sized for the flows in it */
	struct fixture sixty_k, sixty_k6;
	struct fixture million, million6;
	struct fixture tunnel_sixteen_k[2], tunnel_million[2]; /* ipip; index 1 is IPv6 */
	struct fixture defaults; /* flow table of default size, many flows */
	struct fixture large; /* free entries for all new flows of the run */
	struct fixture flooded; /* flow table full of half-open flows of a SYN flood */
	struct fixture full; /* flow table full of established flows */
};

/* Opens all fixtures and adds all measurements. */
void cases_prepare(struct cases *cases);

#endif
