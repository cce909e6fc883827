/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lineup: which cases the real program is measured in, the scenes that they
 * need, and what is asked of each.
 */
#ifndef BENCH_CASES_H
#define BENCH_CASES_H

#include "fixture.h"
#include "measurement.h"

struct cases {
	struct measurements measurements;
	struct fixture few; /* memory of default size, few flows in it */
	struct fixture sixteen_k, sixteen_k6; /* memory for the flows that are in it */
	struct fixture sixty_k, sixty_k6;
	struct fixture million; /* room for a million flows */
	struct fixture million6;
	struct fixture tunnel_sixteen_k[2], tunnel_million[2]; /* for tunnels; by IP version */
	struct fixture defaults; /* memory of default size, and more flows */
	struct fixture large; /* room for every new flow of the run */
	struct fixture flooded; /* memory full of what a flood has left */
	struct fixture full; /* memory full of established flows */
};

void cases_prepare(struct cases *cases);

#endif
