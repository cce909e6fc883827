/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints the doctor's findings as text or JSON. */
#ifndef DIAGNOSE_DOCTOR_PRINT_DOCTOR_H
#define DIAGNOSE_DOCTOR_PRINT_DOCTOR_H

#include "base/output.h"

struct doctor;

void print_doctor(const struct output *out, const struct doctor *doctor);

#endif
