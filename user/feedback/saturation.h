/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How full a backend is: how long its answers take, against the least that they took. 1 is
 * idle; of a server with one queue it is 1/(1 - load).
 *
 * Both are means of some hundred samples, as the least of single ones would make everybody
 * look full. The least is that of the last five to ten minutes.
 *
 * Pure: the caller owns the memory, and tells when it turns.
 */
#ifndef FEEDBACK_SATURATION_H
#define FEEDBACK_SATURATION_H

/* Of a backend; begins as zero. */
struct saturation {
	double mean_us; /* latency */
	double filled; /* the part of that mean which was heard */
	double min_us[2]; /* means: of this while, and of the one before; 0 = none */
};

/* What a step brought: so many samples, at least 1. */
void saturation_update(struct saturation *saturation, double latency_us, double samples);

/* Every five minutes: what was least before the last turn is forgotten. */
void saturation_rotate(struct saturation *saturation);

/* 0 = not known, else at least 1. */
double saturation_estimate(const struct saturation *saturation);

#endif
