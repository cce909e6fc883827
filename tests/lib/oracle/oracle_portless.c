// SPDX-License-Identifier: GPL-2.0-only
#include "oracle/oracle_portless.h"

#include <linux/bpf.h>
#include <linux/if_ether.h>

#include "oracle/oracle_icmp_inner.h"
#include "oracle/oracle_snat.h"
#include "packets/packet_diff.h"

bool bare_is(const struct packet *packet, const struct layout *layout)
{
	return layout_is_rest(layout) || quote_is_there(packet, layout);
}

/* Which of the packet's addresses differ; by snat both ends of what an error quotes do. */
struct moves {
	bool source;
	bool destination;
	bool is_homeward; /* else to a backend */
	bool by_snat;
};

static const char *readdressed(const struct packet *in, const struct packet *out, bool is_sent,
			       const struct moves *moves)
{
	struct ranges ranges = {0};
	struct layout layout;
	const char *why;

	layout_read(in, &layout);
	if (is_sent)
		ranges_allow(&ranges, 0, 2 * ETH_ALEN);
	ranges_allow_hop(&ranges, &layout);
	if (moves->source)
		ranges_allow(&ranges, layout_source(&layout), layout_address_bytes(&layout));
	if (moves->destination)
		ranges_allow(&ranges, layout_destination(&layout), layout_address_bytes(&layout));
	if (quote_is_there(in, &layout))
		quote_allow(&ranges, in, &layout, !moves->is_homeward || moves->by_snat,
			    moves->is_homeward || moves->by_snat);
	if (!differs_only_in(in, out, &ranges))
		return "differs where the translation of addresses changes nothing";
	why = a_hop_further(in, out, &layout);
	if (!why && quote_is_there(in, &layout))
		why = quote_sums_hold(in, out, &layout);
	return why;
}

static bool is_ours(const struct endpoint *endpoint)
{
	return cast_source_has(&cast_snat_source, endpoint);
}

/* Is a quoted endpoint of ours, in one of both, that of the flow which is quoted in the other? */
static bool is_place_of(const struct packet *translated, const struct packet *plain,
			const struct layout *quoted, bool is_request)
{
	struct endpoint place = is_request ? layout_sender(translated, quoted)
					   : layout_receiver(translated, quoted);
	struct recalled flow = {
		is_request ? layout_sender(plain, quoted) : layout_receiver(plain, quoted),
		is_request ? layout_receiver(plain, quoted) : layout_sender(plain, quoted),
		quoted->protocol};

	return is_ours(&place) && place.port >= LB_SNAT_PORT_FIRST && recall_allows(&place, &flow);
}

const char *bare_to_backend(const struct packet *in, const struct packet *out, bool is_sent,
			    const struct cast_service *service, bool by_snat)
{
	const struct moves moves = {.source = by_snat, .destination = true, .by_snat = by_snat};
	struct endpoint backend, source, said, sent;
	struct layout layout, quoted;

	layout_read(in, &layout);
	backend = layout_receiver(out, &layout);
	source = layout_sender(out, &layout);
	if (!cast_has_host(service, &backend))
		return "not to a backend of the service";
	if (by_snat && !is_ours(&source))
		return "not from an address of ours";
	if (quote_read(in, &layout, &quoted)) {
		said = layout_sender(in, &quoted);
		sent = layout_sender(out, &quoted);
		if (!cast_serves(service, &said, quoted.protocol) ||
		    !cast_has(service, &sent, said.port))
			return "quotes what the backend has not sent";
		if (by_snat && !is_place_of(out, in, &quoted, false))
			return "quotes what was not sent to this endpoint of ours";
	}
	return readdressed(in, out, is_sent, &moves);
}

/* Is one host a backend of a service, in this way, at the other's address? */
static bool is_host_of(const struct endpoint *backend, const struct endpoint *said,
		       enum lb_forward forward)
{
	for (unsigned int i = 0; i < cast_service_count; i++) {
		const struct cast_service *service = &cast_services[i];
		struct endpoint at = *said;

		at.port = service->endpoint.port;
		if (cast_forwards(service, forward) && endpoint_same(&at, &service->endpoint) &&
		    cast_has_host(service, backend))
			return true;
	}
	return false;
}

/* An error may come from a router, whose address it keeps. */
const char *bare_to_client(const struct shot *shot, const struct layout *layout)
{
	bool is_sent = shot->action == XDP_TX || shot->action == XDP_REDIRECT;
	struct endpoint from = layout_sender(shot->in, layout),
			to = layout_receiver(shot->in, layout);
	struct endpoint said = layout_sender(shot->out, layout), sent, asked;
	bool by_snat = endpoint_is_v6(&to) == layout->v6 && is_ours(&to);
	enum lb_forward forward = by_snat ? LB_FORWARD_SNAT : LB_FORWARD_NAT;
	struct moves moves = {.destination = by_snat, .is_homeward = true, .by_snat = by_snat};
	struct layout quoted;

	from.port = said.port = 0;
	moves.source = !endpoint_same(&from, &said);
	if (quote_read(shot->in, layout, &quoted)) {
		sent = layout_receiver(shot->in, &quoted);
		asked = layout_receiver(shot->out, &quoted);
		if (!cast_answers(&sent, &asked, quoted.protocol, forward))
			return "quotes what the client has not sent";
		if (by_snat && !is_place_of(shot->in, shot->out, &quoted, true))
			return "quotes what the client has not sent from this endpoint of ours";
	} else if (!moves.source) {
		return "from a backend still";
	}
	if (moves.source && !is_host_of(&from, &said, forward))
		return "not from a backend to a service of it";
	return readdressed(shot->in, shot->out, is_sent, &moves);
}
