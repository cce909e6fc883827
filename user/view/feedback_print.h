/* SPDX-License-Identifier: GPL-2.0-only */
/* A backend's latency factor and what it was computed from, as text lines and as JSON. */
#ifndef VIEW_FEEDBACK_PRINT_H
#define VIEW_FEEDBACK_PRINT_H

#include <jansson.h>

#include "lb/abi.h"

/* `feedback` is the service's enum lb_feedback_mode. Prints nothing without a factor. */
void print_feedback_text(const struct lb_feedback_record *feedback_record, __u8 feedback);

/* The caller owns the value; null without a factor. */
json_t *feedback_json(const struct lb_feedback_record *feedback_record);

#endif
