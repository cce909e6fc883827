// SPDX-License-Identifier: GPL-2.0-only
#include "schema.h"

const char schema_text[] =
#include "schema.inc"
	;
