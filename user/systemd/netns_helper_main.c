// SPDX-License-Identifier: GPL-2.0-only
/*
 * The controller's keeper (user/probe/vip/netns_helper.h), where a service manager puts it into a network of its
 * own: the way to the controller is the standard input.
 */
#include <unistd.h>

#include "probe/vip/netns_helper.h"

int main(void)
{
	return netns_helper_run(STDIN_FILENO) ? 1 : 0;
}
