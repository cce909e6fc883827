/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lineup: which cases the real program is measured in, the scenes that they
 * need, and what is asked of each.
 */
#ifndef BENCH_CASES_H
#define BENCH_CASES_H

#include "fixture.h"
#include "measurement.h"

struct lineup {
	struct subjects subjects;
	struct scene few; /* memory of default size, few flows in it */
	struct scene sixteen_k, sixteen_k6; /* memory for the flows that are in it */
	struct scene sixty_k, sixty_k6;
	struct scene million; /* room for a million flows */
	struct scene million6;
	struct scene carried_sixteen_k[2], carried_million[2]; /* for tunnels; by IP version */
	struct scene defaults; /* memory of default size, and more flows */
	struct scene roomy; /* room for every new flow of the run */
	struct scene flooded; /* memory full of what a flood has left */
	struct scene full; /* memory full of established flows */
};

void lineup_prepare(struct lineup *lineup);

#endif
