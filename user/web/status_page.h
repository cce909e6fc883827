/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Status page: user/web/assets/page.html with the style and script inlined at build time
 * (tools/page), so a browser makes no further request for it.
 */
#ifndef WEB_STATUS_PAGE_H
#define WEB_STATUS_PAGE_H

#include <stddef.h>

const char *status_page_text(void);
size_t status_page_bytes(void);

/* Its Content-Security-Policy: only its own script and style, identified by their hashes. */
const char *status_page_policy(void);

#endif
