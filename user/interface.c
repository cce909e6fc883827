// SPDX-License-Identifier: GPL-2.0-only
#include "interface.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "address.h"
#include "scope.h"
#include "way.h"

/* Drivers that were never asked about it have none. */
static bool has_gro(const char *name)
{
	struct ethtool_value value = {.cmd = ETHTOOL_GGRO};
	struct ifreq request = {.ifr_data = (void *)&value};
	_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return fd >= 0 && !ioctl(fd, SIOCETHTOOL, &request) && value.data;
}

static void take(struct rtnl_link *link, struct interface *interface)
{
	const char *kind = rtnl_link_get_type(link);
	unsigned int flags = rtnl_link_get_flags(link);
	int elsewhere;

	interface->ifindex = rtnl_link_get_ifindex(link);
	interface->mtu = rtnl_link_get_mtu(link);
	interface->is_up = flags & IFF_UP;
	interface->has_carrier = flags & IFF_RUNNING;
	interface->is_veth = kind && !strcmp(kind, "veth");
	if (interface->is_veth && rtnl_link_get_link_netnsid(link, &elsewhere))
		interface->peer = rtnl_link_get_link(link);
}

int interface_describe(const char *name, struct interface *interface)
{
	struct nl_sock *socket = way_open(true);
	struct rtnl_link *link;
	int error;

	if (!socket)
		return -EIO;
	*interface = (struct interface){0};
	snprintf(interface->name, sizeof(interface->name), "%s", name);
	error = rtnl_link_get_kernel(socket, 0, name, &link);
	if (!error) {
		take(link, interface);
		rtnl_link_put(link);
		interface->has_gro = has_gro(name);
	}
	way_close(socket);
	return error ? -ENODEV : 0;
}

static bool read_address(const struct sockaddr *from, __u64 address[2])
{
	if (from && from->sa_family == AF_INET)
		address_from_ipv4(((const struct sockaddr_in *)from)->sin_addr.s_addr, address);
	else if (from && from->sa_family == AF_INET6)
		memcpy(address, &((const struct sockaddr_in6 *)from)->sin6_addr, 16);
	else
		return false;
	return true;
}

/* The ones in a mask. */
static unsigned int count_bits(const struct sockaddr *mask)
{
	__u64 words[2] = {0};

	if (mask && mask->sa_family == AF_INET)
		return __builtin_popcount(((const struct sockaddr_in *)mask)->sin_addr.s_addr);
	read_address(mask, words);
	return __builtin_popcountll(words[0]) + __builtin_popcountll(words[1]);
}

bool interface_owns(const __u64 address[2], struct interface_owner *owner)
{
	struct ifaddrs *all;
	bool found = false;

	if (getifaddrs(&all))
		return false;
	for (const struct ifaddrs *one = all; one && !found; one = one->ifa_next) {
		__u64 own[2];

		if (!read_address(one->ifa_addr, own) || memcmp(own, address, sizeof(own)) != 0)
			continue;
		snprintf(owner->name, sizeof(owner->name), "%s", one->ifa_name);
		owner->bits = count_bits(one->ifa_netmask);
		found = true;
	}
	freeifaddrs(all);
	return found;
}

int interface_sysctl(const char *format, ...)
{
	char path[128] = "/proc/sys/net/";
	size_t length = strlen(path);
	va_list arguments;
	int value = -1;
	FILE *file;

	va_start(arguments, format);
	vsnprintf(path + length, sizeof(path) - length, format, arguments);
	va_end(arguments);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fscanf(file, "%d", &value) != 1)
		value = -1;
	fclose(file);
	return value;
}
