// SPDX-License-Identifier: GPL-2.0-only
/*
 * Network namespace helper (user/probe/vip/netns_helper.h) as a program. The service manager starts it
 * in a private network namespace, with the socket to the controller as standard input.
 */
#include <unistd.h>

#include "probe/vip/netns_helper.h"

int main(void)
{
	return netns_helper_run(STDIN_FILENO) ? 1 : 0;
}
