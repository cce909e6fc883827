// SPDX-License-Identifier: GPL-2.0-only
// A service section: settings, plots, and a table of backends.

const SHOWN = 20; // backends, unless all are shown
const HISTORY_MS = 1000 * 60 * 15; // older points are discarded

function endpoint(backend) {
	return (backend.address.includes(":") ? "[" + backend.address + "]" : backend.address) + ":" + backend.port;
}

// The state to show: the administrative state takes precedence over health.
function backendState(backend) {
	return backend.state === "ready" ? backend.health : backend.state;
}

const WORDS = { up: "up", down: "down", unknown: "not checked", drain: "draining", maint: "in maintenance" };

function downFor(backend, now) {
	return backend.check.changed_ms ? ", for " + span(now - backend.check.changed_ms) : "";
}

// Why the backend is not up, or that it is flapping; "" otherwise.
function reason(backend, now) {
	if (backend.state === "drain")
		return "no new flows, " + (backend.flows ? count(backend.flows, "active flow") : "no active flows");
	if (backend.state === "maint")
		return backend.reset ? "connections are reset" : "flows move to other backends";
	if (backend.health === "down")
		return backend.check.reason + ", " + count(backend.check.consecutive, "consecutive failure") + downFor(backend, now);
	return backend.check && backend.check.flapping ? "flapping: " + backend.check.reason : "";
}

// Why the effective weight differs from the configured one, except for the state.
function causes(backend) {
	const parts = [];
	if (!backend.effective_weight && backendState(backend) !== "up")
		return "";
	if (backend.override !== null)
		parts.push("override " + weight(backend.override));
	if (backend.latency_factor !== 1)
		parts.push("latency × " + weight(backend.latency_factor));
	if (backend.slow_start !== 1)
		parts.push("slow start × " + weight(backend.slow_start));
	return parts.join(", ");
}

function cell(label, kind) {
	return make("td", { "data-label": label, class: kind || "number", role: "cell" });
}

function percent(part) {
	return part > 0 && part < 0.005 ? "< 1 %" : Math.round(part * 100) + " %";
}

class BackendRow {
	constructor(name) {
		this.key = make("span", {});
		this.name = make("span", {}, name);
		this.state = make("td", { class: "wide", role: "cell" });
		this.weight = cell("Weight", "weight wide");
		this.figures = [["Flows", "flows"], ["New/s", "new"], ["To backend", "in"], ["Replies", "out"], ["Median", "p50"], ["99th", "p99"]]
			.map(([label]) => cell(label));
		this.element = make("tr", { role: "row" },
			make("th", { scope: "row", role: "rowheader" }, make("span", { class: "backend" }, this.key, this.name)),
			this.state, this.weight, ...this.figures);
	}

	show(backend, style, total, now) {
		const rates = backend.per_second || {}, known = backend.per_second && backend.latency_us.samples;
		const state = backendState(backend), why = reason(backend, now);
		replace(this.key, ...(style === undefined ? [] : [key(style)]));
		replace(this.state, make("span", { class: "state" }, icon(state), WORDS[state] || state),
			...(why ? [make("span", { class: "why" }, why)] : []));
		this.showWeight(backend, total);
		[whole(backend.flows), rate(rates.new_flows), bits(rates.bytes), bits(rates.reply_bytes),
			known ? time(backend.latency_us.p50) : NONE, known ? time(backend.latency_us.p99) : NONE]
			.forEach((text, i) => setText(this.figures[i], text));
	}

	showWeight(backend, total) {
		const effective = backend.effective_weight, part = total ? effective / total : 0, why = causes(backend);
		const same = effective === backend.weight;
		const bar = make("i", {});
		bar.style.width = (part * 100).toFixed(1) + "%";
		replace(this.weight,
			make("span", {}, same ? weight(effective) : weight(backend.weight) + " → " + weight(effective)),
			make("span", { class: "quiet" }, ", " + percent(part)),
			make("div", { class: "share", "aria-hidden": "true" }, bar),
			...(why ? [make("span", { class: "why" }, why)] : []));
	}
}

function table(body) {
	const heads = [["Backend", ""], ["State", ""], ["Weight, share", ""], ["Flows", "number"], ["New flows/s", "number"],
		["To backend", "number"], ["Replies", "number"], ["Median", "number"], ["99th percentile", "number"]];
	return make("table", { role: "table" },
		make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, ...heads.map(([text, kind]) =>
			make("th", { scope: "col", role: "columnheader", class: kind }, text)))), body);
}

class ServiceSection {
	constructor(name) {
		const id = "service-" + name;
		this.name = name;
		this.rows = new Map();
		this.past = new Map(); // style and points of the plotted backends
		this.all = false;
		this.address = make("span", { class: "address" });
		this.settings = make("p", { class: "settings" });
		this.body = make("tbody", { role: "rowgroup" });
		this.more = make("button", { type: "button", class: "more", hidden: "" });
		this.more.addEventListener("click", () => {
			this.all = !this.all;
			this.showBackends();
		});
		this.flows = new Plot("New flows per second", rate, 1);
		this.times = new Plot("Response time", time, 100);
		this.element = make("section", { class: "service", "aria-labelledby": id },
			make("div", { class: "service-head" }, make("h2", { id }, name), this.address, this.settings),
			make("div", { class: "plots" }, this.flows.element, this.times.element), table(this.body), this.more);
	}

	show(service, now) {
		this.service = service;
		this.now = now;
		setText(this.address, (service.address.includes(":") ? "[" + service.address + "]" : service.address) +
			":" + (service.port || "*") + "/" + service.protocol);
		setText(this.settings, [service.scheduler, service.forward, "persist " + service.persist,
			service.check === "none" ? "no check" : "check " + service.check.split(",")[0], "feedback " + service.feedback]
			.concat(service.spill === "none" ? [] : ["spill " + service.spill]).join(" · "));
		this.selectPlotted();
		this.recordHistory();
		this.showBackends();
	}

	// Selects the backends to plot: up to STYLES, the busiest first. A backend keeps its style.
	selectPlotted() {
		const busiest = this.service.backends.length <= STYLES ? this.service.backends
			: [...this.service.backends].sort((a, b) => b.packets - a.packets).slice(0, STYLES);
		const names = busiest.map(endpoint);
		for (const name of this.past.keys())
			if (!names.includes(name))
				this.past.delete(name);
		for (const name of names) {
			const taken = [...this.past.values()].map((past) => past.style);
			if (!this.past.has(name))
				this.past.set(name, { points: [], style: [0, 1, 2, 3, 4, 5].find((style) => !taken.includes(style)) });
		}
	}

	recordHistory() {
		for (const backend of this.service.backends) {
			const past = this.past.get(endpoint(backend)), figures = backend.latency_us;
			if (!past || !backend.per_second)
				continue;
			past.points.push({ at: this.now, flows: backend.per_second.new_flows, times: figures.samples ? figures : null });
			while (past.points[0].at < this.now - HISTORY_MS)
				past.points.shift();
		}
	}

	plot(from, until, figure) {
		const lines = (value) => [...this.past].map(([name, past]) =>
			({ name, style: past.style, points: past.points.map((point) => ({ at: point.at, value: value(point) })) }));
		const timed = [...this.past.values()].some((past) => past.points.some((point) => point.times));
		const some = this.service && this.service.backends.length > STYLES ? `, the ${STYLES} busiest backends` : "";
		this.flows.title = "New flows per second" + some;
		this.times.title = `Response time, ${FIGURES[figure]}` + some;
		this.flows.show(lines((point) => point.flows), from, until, null);
		this.times.show(lines((point) => point.times && point.times[figure]), from, until,
			timed ? null : this.service && this.service.feedback === "off" && this.service.scheduler !== "lrt"
				? "Response times need --feedback or the lrt scheduler." : "No response time measured yet.");
	}

	// The backends to show. If not all, those that are not up come first.
	visibleBackends() {
		const backends = this.service.backends, notUp = (backend) => (backendState(backend) === "up" ? 0 : 1);
		if (this.all || backends.length <= SHOWN)
			return backends;
		return [...backends].sort((a, b) => notUp(b) - notUp(a) || b.packets - a.packets).slice(0, SHOWN);
	}

	showBackends() {
		const backends = this.service.backends, chosen = this.visibleBackends(), names = chosen.map(endpoint);
		const total = backends.reduce((sum, backend) => sum + backend.effective_weight, 0);
		syncChildren(this.body, this.rows, names, (name) => new BackendRow(name));
		chosen.forEach((backend, i) => {
			const past = this.past.get(names[i]);
			this.rows.get(names[i]).show(backend, past && past.style, total, this.now);
		});
		this.more.hidden = backends.length <= SHOWN;
		setText(this.more, this.all ? `Show ${SHOWN} only` : "Show all " + whole(backends.length));
	}
}
