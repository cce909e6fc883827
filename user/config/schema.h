/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The JSON schema, user/config/lbctl.schema.json, which is also installed as a file. It describes
 * configuration files and, under $defs, the JSON answer of each command: "backend-list".
 */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

extern const char schema_text[];

#endif
