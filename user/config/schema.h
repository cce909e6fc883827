/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The schema of all that scripts and editors read and write: user/config/lbctl.schema.json, which is
 * installed as a file and is part of the program as well. It describes configuration files, and
 * under $defs, by the words of each verb with a hyphen between, what the verb answers as JSON.
 */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

extern const char schema_text[];

#endif
