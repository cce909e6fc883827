// SPDX-License-Identifier: GPL-2.0-only
#include "bare.h"

#include <linux/bpf.h>
#include <linux/if_ether.h>

#include "difference.h"
#include "quote.h"

bool bare_is(const struct packet *packet, const struct layout *layout)
{
	return layout_is_rest(layout) || quote_is_there(packet, layout);
}

/*
 * A packet without ports of its own gets another address at this place, if `is_moved`; an
 * error's quote is translated in any case.
 */
static const char *readdressed(const struct packet *in, const struct packet *out, bool is_sent,
			       unsigned int address, bool is_moved, bool is_homeward)
{
	struct ranges ranges = {0};
	struct layout layout;
	const char *why;

	layout_read(in, &layout);
	if (is_sent)
		ranges_allow(&ranges, 0, 2 * ETH_ALEN);
	ranges_allow_hop(&ranges, &layout);
	if (is_moved)
		ranges_allow(&ranges, address, layout_address_bytes(&layout));
	if (quote_is_there(in, &layout))
		quote_allow(&ranges, in, &layout, is_homeward);
	if (!differs_only_in(in, out, &ranges))
		return "differs where the translation of addresses changes nothing";
	why = a_hop_further(in, out, &layout);
	if (!why && quote_is_there(in, &layout))
		why = quote_sums_hold(in, out, &layout);
	return why;
}

const char *bare_to_backend(const struct packet *in, const struct packet *out, bool is_sent,
			    const struct cast_service *service)
{
	struct endpoint backend, said, sent;
	struct layout layout, quoted;

	layout_read(in, &layout);
	backend = layout_receiver(out, &layout);
	if (!cast_has_host(service, &backend))
		return "not to a backend of the service";
	if (quote_read(in, &layout, &quoted)) {
		said = layout_sender(in, &quoted);
		sent = layout_sender(out, &quoted);
		if (!cast_serves(service, &said, quoted.protocol) ||
		    !cast_has(service, &sent, said.port))
			return "quotes what the backend has not sent";
	}
	return readdressed(in, out, is_sent, layout_destination(&layout), true, false);
}

/* Is one host a backend of a service by nat at the other's address? */
static bool is_host_of(const struct endpoint *backend, const struct endpoint *said)
{
	for (unsigned int i = 0; i < cast_service_count; i++) {
		const struct cast_service *service = &cast_services[i];
		struct endpoint at = *said;

		at.port = service->endpoint.port;
		if (cast_forwards(service, LB_FORWARD_NAT) &&
		    endpoint_same(&at, &service->endpoint) && cast_has_host(service, backend))
			return true;
	}
	return false;
}

/* An error may come from a router, whose address it keeps. */
const char *bare_to_client(const struct shot *shot, const struct layout *layout)
{
	bool is_sent = shot->action == XDP_TX || shot->action == XDP_REDIRECT;
	struct endpoint from = layout_sender(shot->in, layout);
	struct endpoint said = layout_sender(shot->out, layout);
	struct endpoint sent, asked;
	struct layout quoted;
	bool is_moved;

	from.port = said.port = 0;
	is_moved = !endpoint_same(&from, &said);
	if (quote_read(shot->in, layout, &quoted)) {
		sent = layout_receiver(shot->in, &quoted);
		asked = layout_receiver(shot->out, &quoted);
		if (!cast_answers(&sent, &asked, quoted.protocol, LB_FORWARD_NAT))
			return "quotes what the client has not sent";
	} else if (!is_moved) {
		return "from a backend still";
	}
	if (is_moved && !is_host_of(&from, &said))
		return "not from a backend to a service of it";
	return readdressed(shot->in, shot->out, is_sent, layout_source(layout), is_moved, true);
}
