/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The doctor: runs the examinations in order. doctor.c lists them all.
 *
 * A caller runs doctor_examine_host() first. If the instance is attached it then runs
 * doctor_examine_instance() with store and view set, and, with the store closed,
 * doctor_connect_backends(), doctor_await_losses() and doctor_examine_outcomes()
 * (examinations.h).
 */
#ifndef DIAGNOSE_DOCTOR_DOCTOR_H
#define DIAGNOSE_DOCTOR_DOCTOR_H

#include "diagnose/doctor/findings.h"

/* Examinations that need no instance. */
void doctor_examine_host(struct doctor *doctor);

/* Adds that the instance is not attached, and examines `interface` if there is one. */
void doctor_examine_detached(struct doctor *doctor);

/* Examinations of the instance in store and view. Returns 0 or -ENOMEM. */
int doctor_examine_instance(struct doctor *doctor);

#endif
