// SPDX-License-Identifier: GPL-2.0-only
#include "oracle/oracle_portless.h"

#include <linux/bpf.h>

#include "oracle/oracle_icmp_inner.h"
#include "oracle/oracle_snat.h"
#include "packets/packet_diff.h"

bool is_portless(const struct packet *packet, const struct layout *layout)
{
	return layout_is_later_fragment(layout) || inner_is_present(packet, layout);
}

/* The addresses that translation changes. snat changes both inner endpoints. */
struct rewrite {
	bool source;
	bool destination;
	bool to_client; /* direction */
	bool by_snat;
};

static const char *check_translation(const struct packet *in, const struct packet *out,
				     bool is_sent, const struct rewrite *rewrite)
{
	struct ranges ranges = {0};
	struct layout layout;
	const char *why;

	layout_read(in, &layout);
	ranges_allow_forwarding(&ranges, &layout, is_sent);
	if (rewrite->source)
		ranges_allow(&ranges, layout_source(&layout), layout_address_bytes(&layout));
	if (rewrite->destination)
		ranges_allow(&ranges, layout_destination(&layout), layout_address_bytes(&layout));
	if (inner_is_present(in, &layout))
		inner_allow(&ranges, in, &layout, !rewrite->to_client || rewrite->by_snat,
			    rewrite->to_client || rewrite->by_snat);
	why = check_rewrite(in, out, &layout, &ranges);
	if (!why && inner_is_present(in, &layout))
		why = inner_check_sums(in, out, &layout);
	return why;
}

static bool is_snat_address(const struct endpoint *endpoint)
{
	return fixture_source_contains(&fixture_snat_source, endpoint);
}

/*
 * True if the endpoint in the translated inner packet is an SNAT endpoint of the plain inner
 * packet's flow.
 */
static bool is_snat_endpoint_of(const struct packet *translated, const struct packet *plain,
				const struct layout *inner, bool is_request)
{
	struct endpoint snat_source =
		is_request ? layout_sender(translated, inner) : layout_receiver(translated, inner);
	struct oracle_snat_flow flow = {
		is_request ? layout_sender(plain, inner) : layout_receiver(plain, inner),
		is_request ? layout_receiver(plain, inner) : layout_sender(plain, inner),
		inner->protocol};

	return is_snat_address(&snat_source) && snat_source.port >= LB_SNAT_PORT_FIRST &&
	       oracle_snat_allows(&snat_source, &flow);
}

const char *portless_check_to_backend(const struct packet *in, const struct packet *out,
				      bool is_sent, const struct fixture_service *service,
				      bool by_snat)
{
	const struct rewrite rewrite = {.source = by_snat, .destination = true, .by_snat = by_snat};
	struct endpoint backend, source, source_shown, sent;
	struct layout layout, inner;

	layout_read(in, &layout);
	backend = layout_receiver(out, &layout);
	source = layout_sender(out, &layout);
	if (!fixture_service_has_host(service, &backend))
		return "destination is not a backend of the service";
	if (by_snat && !is_snat_address(&source))
		return "source is not in the SNAT pool";
	if (inner_read(in, &layout, &inner)) {
		source_shown = layout_sender(in, &inner);
		sent = layout_sender(out, &inner);
		if (!fixture_service_matches(service, &source_shown, inner.protocol) ||
		    !fixture_service_has_backend(service, &sent, source_shown.port))
			return "inner packet was not sent by the backend";
		if (by_snat && !is_snat_endpoint_of(out, in, &inner, false))
			return "inner packet was not sent to this SNAT endpoint";
	}
	return check_translation(in, out, is_sent, &rewrite);
}

/* True if the host is a backend, in this mode, of a service with the address of `source_shown`. */
static bool is_backend_of(const struct endpoint *backend, const struct endpoint *source_shown,
			  enum lb_forward forward)
{
	for (unsigned int i = 0; i < fixture_service_count; i++) {
		const struct fixture_service *service = &fixture_services[i];
		struct endpoint at = *source_shown;

		at.port = service->endpoint.port;
		if (fixture_service_forwards(service, forward) &&
		    endpoint_same(&at, &service->endpoint) &&
		    fixture_service_has_host(service, backend))
			return true;
	}
	return false;
}

/* An error may come from a router, and the router's address is kept. */
const char *portless_check_to_client(const struct run *run, const struct layout *layout)
{
	bool is_sent = run->action == XDP_TX || run->action == XDP_REDIRECT;
	struct endpoint from = layout_sender(run->in, layout),
			to = layout_receiver(run->in, layout);
	struct endpoint source_shown = layout_sender(run->out, layout), sent, requested;
	bool by_snat = endpoint_is_v6(&to) == layout->v6 && is_snat_address(&to);
	enum lb_forward forward = by_snat ? LB_FORWARD_SNAT : LB_FORWARD_NAT;
	struct rewrite rewrite = {.destination = by_snat, .to_client = true, .by_snat = by_snat};
	struct layout inner;

	from.port = source_shown.port = 0;
	rewrite.source = !endpoint_same(&from, &source_shown);
	if (inner_read(run->in, layout, &inner)) {
		sent = layout_receiver(run->in, &inner);
		requested = layout_receiver(run->out, &inner);
		if (!fixture_backend_replies_for(&sent, &requested, inner.protocol, forward))
			return "inner packet was not sent by the client";
		if (by_snat && !is_snat_endpoint_of(run->in, run->out, &inner, true))
			return "inner packet was not sent from this SNAT endpoint";
	} else if (!rewrite.source) {
		return "source address of the backend was not translated";
	}
	if (rewrite.source && !is_backend_of(&from, &source_shown, forward))
		return "source is not a backend of a service at the new address";
	return check_translation(run->in, run->out, is_sent, &rewrite);
}
