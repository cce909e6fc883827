// SPDX-License-Identifier: GPL-2.0-only
#include "config/schema.h"

const char schema_text[] =
#include "schema.inc"
	;
