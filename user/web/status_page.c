// SPDX-License-Identifier: GPL-2.0-only
#include "web/status_page.h"

#include "page_policy.h" /* created by tools/page, as is PAGE_FILE */

__asm__(".pushsection .rodata\n"
	"page_begins:\n"
	".incbin \"" PAGE_FILE "\"\n"
	"page_ends:\n"
	".popsection\n");

extern const char page_begins[], page_ends[];

const char *status_page_text(void)
{
	return page_begins;
}

size_t status_page_bytes(void)
{
	return page_ends - page_begins;
}

const char *status_page_policy(void)
{
	return PAGE_POLICY;
}
