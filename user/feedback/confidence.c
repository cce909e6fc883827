// SPDX-License-Identifier: GPL-2.0-only
#include "feedback/confidence.h"

#include <math.h>

#define PART	     0.03 /* of a new wish in the means */
#define PART_TURNED  0.1
#define DOUBT	     0.3 /* the first mean of |d| */
#define POWER	     2.0
#define POWER_MAX    5.0
#define FULL	     1.2 /* slowness from which chance grows, and its doubts */
#define FULLNESS_MAX 4.0

#define USUAL_PART   0.2 /* of a new step's samples in their mean */
#define USUAL_ENOUGH 4.0
#define STIR_MAX     2.0 /* means of |d|: what is larger is steady no further */

#define LARGE	 3.0 /* no chance, of many samples */
#define VARIANCE 8.0 /* of one sample, against its mean's square */

/* The first ones make the means, and later ones move them. */
static void hear(struct trust *trust, double d, double samples, double fullness)
{
	double enough = fmin(fmax(trust->usual, 1), TRUST_SAMPLES);
	double counts = fmin(samples / enough, 1);
	double part = d * trust->drift < 0 ? PART_TURNED : PART / fullness;

	if (!(trust->stir > 0))
		trust->stir = DOUBT;
	trust->told += counts;
	part = counts * fmax(part, 1 / (1 + trust->told));
	trust->drift += part * (d - trust->drift);
	trust->stir += part * (fabs(d) - trust->stir);
}

/* What keeps its sign; chance does not. */
static double steady(const struct trust *trust, double d, double fullness)
{
	double few = fmin(trust->usual / USUAL_ENOUGH, 1);
	double far = fmin(STIR_MAX * trust->stir / fabs(d), 1);

	if (!(d * trust->drift > 0))
		return 0;
	return pow(fabs(trust->drift) / trust->stir, fmin(POWER * fullness, POWER_MAX)) * few * far;
}

/* What is too large for so few samples to be chance, and so in two steps. */
static double large(const struct trust *trust, double d, double samples)
{
	double size = d * trust->last > 0 ? fmin(fabs(d), fabs(trust->last)) : 0;
	double known = samples * size * size;

	return pow(fmin(size / LARGE, 1), 4) * known / (known + VARIANCE);
}

double trust_tell(struct trust *trust, double wish, double samples, double slowness)
{
	double fullness = fmin(fmax(slowness / FULL, 1), FULLNESS_MAX);
	double trusted;

	trust->usual += USUAL_PART * (samples - trust->usual);
	hear(trust, wish, samples, fullness);
	trusted = fmax(steady(trust, wish, fullness), large(trust, wish, samples));
	trust->last = wish;
	return trusted;
}
