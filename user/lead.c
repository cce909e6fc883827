// SPDX-License-Identifier: GPL-2.0-only
#include "lead.h"

#include <math.h>

#define PART	   0.25 /* of a new count in its mean: 2 s */
#define PART_USUAL (1.0 / 60) /* 30 s */
#define NEAR	   0.1
#define LEAD_MAX   0.5
#define VARIANCE   4.0 /* of a count, against chance of one */
#define FLOWS_FEW  5.0 /* so many flows of all tell as much as weights do */

void lead_note(struct lead *lead, __u32 weight_milli, double factor,
	       const struct lead_traffic *traffic, struct lead_pool *pool)
{
	if (lead->weight_milli != weight_milli)
		lead->arriving = true;
	lead->weight_milli = weight_milli;
	lead->packets += PART * (traffic->packets - lead->packets);
	lead->flows += PART * (traffic->flows - lead->flows);
	lead->due += PART * (weight_milli * factor - lead->due);
	if (!weight_milli)
		return;
	pool->packets += lead->packets;
	pool->flows += lead->flows;
	pool->due += lead->due;
}

/* Whether there is anything to compare. */
static bool is_told(const struct lead *lead, const struct lead_pool *pool)
{
	return lead->weight_milli && lead->due > 0 && pool->packets > 0;
}

static double part_due(const struct lead *lead, const struct lead_pool *pool)
{
	return lead->due / pool->due;
}

/* Of a backend that gets nothing, as if it were one packet. */
static double part_had(const struct lead *lead, const struct lead_pool *pool)
{
	return fmax(lead->packets, PART) / pool->packets;
}

/* Of new flows; where there are few, as many as are due. */
static double part_new(const struct lead *lead, const struct lead_pool *pool)
{
	double few = FLOWS_FEW * PART;

	return (lead->flows + few * part_due(lead, pool)) / (pool->flows + few);
}

/* The one of both that is nearer to 0; 0 if these are on either side. */
static double lesser(double a, double b)
{
	if (a * b <= 0)
		return 0;
	return fabs(a) < fabs(b) ? a : b;
}

double lead_tell(struct lead *lead, const struct lead_pool *pool, double factor)
{
	double had, due, back, packets, chance;

	if (!(lead->usual > 0))
		lead->usual = factor;
	lead->usual *= exp(PART_USUAL * log(factor / lead->usual));
	if (!is_told(lead, pool))
		return 0;
	had = part_had(lead, pool);
	due = part_due(lead, pool);
	back = log(had / due);
	if (fabs(back) < NEAR)
		lead->arriving = false;
	if (lead->arriving)
		return 0;
	back = lesser(back, log(had / part_new(lead, pool)));
	back = lesser(back, log(lead->usual / factor));
	packets = fmin(had, due) * pool->packets / PART;
	chance = VARIANCE / (packets * back * back);
	return chance < 1 ? fmin(fmax(back * (1 - chance), -LEAD_MAX), LEAD_MAX) : 0;
}
