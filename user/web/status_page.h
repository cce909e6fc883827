/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The status page, as it is sent: user/web/assets/page.html with web/assets/page.css and web/assets/page.js put into it when
 * lbctl is built (tools/page), so that it needs nothing but itself.
 */
#ifndef WEB_STATUS_PAGE_H
#define WEB_STATUS_PAGE_H

#include <stddef.h>

const char *status_page_text(void);
size_t status_page_bytes(void);

/* What a browser is to allow it: its own script and style, known by their hashes. */
const char *status_page_policy(void);

#endif
