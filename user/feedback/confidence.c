// SPDX-License-Identifier: GPL-2.0-only
#include "feedback/confidence.h"

#include <math.h>

#define MEAN_PART	   0.03 /* of a new wish in the means */
#define MEAN_PART_REVERSED 0.1
#define MEAN_ABS_INITIAL   0.3 /* the first mean of |d| */
#define POWER		   2.0
#define POWER_MAX	   5.0
#define NOISE_SATURATION   1.2 /* slowness from which chance grows, and its doubts */
#define NOISE_SCALE_MAX	   4.0

#define USUAL_PART    0.2 /* of a new step's samples in their mean */
#define USUAL_ENOUGH  4.0
#define OUTLIER_RATIO 2.0 /* means of |d|: what is larger is steady no further */

#define LARGE_CHANGE 3.0 /* no chance, of many samples */
#define VARIANCE     8.0 /* of one sample, against its mean's square */

/* The first ones make the means, and later ones move them. */
static void update_means(struct confidence *confidence, double d, double samples,
			 double noise_scale)
{
	double enough = fmin(fmax(confidence->usual_samples, 1), CONFIDENCE_SAMPLES);
	double counts = fmin(samples / enough, 1);
	double part = d * confidence->mean < 0 ? MEAN_PART_REVERSED : MEAN_PART / noise_scale;

	if (!(confidence->mean_abs > 0))
		confidence->mean_abs = MEAN_ABS_INITIAL;
	confidence->steps += counts;
	part = counts * fmax(part, 1 / (1 + confidence->steps));
	confidence->mean += part * (d - confidence->mean);
	confidence->mean_abs += part * (fabs(d) - confidence->mean_abs);
}

/* What keeps its sign; chance does not. */
static double consistency(const struct confidence *confidence, double d, double noise_scale)
{
	double few = fmin(confidence->usual_samples / USUAL_ENOUGH, 1);
	double far = fmin(OUTLIER_RATIO * confidence->mean_abs / fabs(d), 1);

	if (!(d * confidence->mean > 0))
		return 0;
	return pow(fabs(confidence->mean) / confidence->mean_abs,
		   fmin(POWER * noise_scale, POWER_MAX)) *
	       few * far;
}

/* What is too large for so few samples to be chance, and so in two steps. */
static double magnitude(const struct confidence *confidence, double d, double samples)
{
	double size = d * confidence->previous > 0 ? fmin(fabs(d), fabs(confidence->previous)) : 0;
	double known = samples * size * size;

	return pow(fmin(size / LARGE_CHANGE, 1), 4) * known / (known + VARIANCE);
}

double confidence_update(struct confidence *confidence, double change, double samples,
			 double saturation)
{
	double noise_scale = fmin(fmax(saturation / NOISE_SATURATION, 1), NOISE_SCALE_MAX);
	double result;

	confidence->usual_samples += USUAL_PART * (samples - confidence->usual_samples);
	update_means(confidence, change, samples, noise_scale);
	result = fmax(consistency(confidence, change, noise_scale),
		      magnitude(confidence, change, samples));
	confidence->previous = change;
	return result;
}
