/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The status page, as it is sent: user/page.html with page.css and page.js put into it when
 * lbctl is built (tools/page), so that it needs nothing but itself.
 */
#ifndef PAGE_H
#define PAGE_H

#include <stddef.h>

const char *page_text(void);
size_t page_bytes(void);

/* What a browser is to allow it: its own script and style, known by their hashes. */
const char *page_policy(void);

#endif
