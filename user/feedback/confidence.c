// SPDX-License-Identifier: GPL-2.0-only
#include "feedback/confidence.h"

#include <math.h>

/*
 * Constant		unit		derivation or source; all tuned with tests/sim
 * MEAN_PART		1/step		of a new error in its means: 33 steps, 17 s
 * MEAN_PART_REVERSED	1/step		the same for an error of the other sign: 5 s
 * MEAN_ABS_INITIAL	ln		mean |d| at the beginning
 * POWER, POWER_MAX	1		of consistency, at low and at high saturation
 * NOISE_SATURATION	saturation	above it the noise of queues grows
 * NOISE_SCALE_MAX	1		limit of that growth
 * USUAL_PART		1/step		of a step's samples in their mean: 5 steps
 * USUAL_ENOUGH		samples		in a usual step, for full consistency
 * OUTLIER_RATIO	1		of |d| to its mean, beyond which consistency falls
 * LARGE_CHANGE		ln		an error that is no noise, if there are many samples
 * VARIANCE		mean^2		of the latency of one sample: heavy tails
 */
#define MEAN_PART	   0.03
#define MEAN_PART_REVERSED 0.1
#define MEAN_ABS_INITIAL   0.3
#define POWER		   2.0
#define POWER_MAX	   5.0
#define NOISE_SATURATION   1.2
#define NOISE_SCALE_MAX	   4.0
#define USUAL_PART	   0.2
#define USUAL_ENOUGH	   4.0
#define OUTLIER_RATIO	   2.0
#define LARGE_CHANGE	   3.0
#define VARIANCE	   8.0

/* The first errors form plain means, later ones move them. */
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

/* How far errors keep their sign, which noise does not. */
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

/* How far an error is too large to be noise, in two steps and for its number of samples. */
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
