// SPDX-License-Identifier: GPL-2.0-only
// Status page: polls the controller every 2 s, less often while it does not respond, and marks
// the data as stale.

const EVERY_MS = 2000, HIDDEN_MS = 8000, SLOWEST_MS = 30000, TIMEOUT_MS = 8000, STALE_MS = 5000;
const SHORTEST_MS = 60000; // shortest plot range
const SPANS = { 2: "2 minutes", 5: "5 minutes", 15: "15 minutes" };
const FIGURES = { p50: "median", p99: "99th percentile", mean: "mean" };
const TOTALS = [
	["New flows", (sum) => sum.new_flows, (value) => rate(value), "/s"],
	["Packets to backends", (sum) => sum.packets, (value) => scaled(Math.round(value), ""), "/s"],
	["Traffic to backends", (sum) => sum.bytes, bits, ""],
	["Replies", (sum) => sum.reply_bytes, bits, ""],
	["Active flows", (sum) => sum.flows, whole, ""],
];

const page = {
	minutes: 5,
	figure: "p50",
	services: new Map(),
	totals: TOTALS.map(() => []),
	data: null, // the last response
	since: 0, // its time
	first: 0, // time of the first response
	failures: 0,
	why: "",
	paused: false,
	timer: 0,
	due: 0,
	request: null, // AbortController of the current request
};

// --- display -------------------------------------------------------------------

function attention(data) {
	const items = [], lost = Object.entries(data.outcomes_per_second || {})
		.filter(([name, perSecond]) => perSecond > 0 && data.outcomes_lost.includes(name));
	if (!data.attached.length)
		items.push("No interface is attached: no traffic is balanced.");
	for (const { interface: name, mode } of data.attached)
		if (mode === "detached")
			items.push(`${name} is detached: its traffic is not balanced.`);
	for (const service of data.services)
		items.push(...serviceAlerts(service, data.now));
	for (const [name, perSecond] of lost)
		items.push(`${name}: ${rate(perSecond)} packets/s, ${data.outcome_help[name]}.`);
	return items;
}

function serviceAlerts(service, now) {
	const down = service.backends.filter((backend) => backendState(backend) === "down"), items = [];
	if (!service.backends.length)
		items.push(`${service.name} has no backend.`);
	else if (service.fail_open)
		items.push(`${service.name} fails open: all backends are down, so all of them get new flows.`);
	else if (!service.backends.some((backend) => backend.effective_weight > 0))
		items.push(`${service.name} has no backend for new flows.`);
	for (const backend of down.slice(0, 5))
		items.push(`${service.name}: ${endpoint(backend)} is down: ${reason(backend, now)}.`);
	if (down.length > 5)
		items.push(`${service.name}: ${whole(down.length - 5)} more of ${whole(service.backends.length)} backends are down.`);
	return items;
}

function showSummary(data) {
	const items = attention(data), backends = data.services.flatMap((service) => service.backends), tally = {};
	for (const backend of backends)
		tally[backendState(backend)] = (tally[backendState(backend)] || 0) + 1;
	const down = tally.down || 0;
	const words = Object.keys(WORDS).filter((name) => tally[name]).map((name) => `${whole(tally[name])} ${WORDS[name]}`);
	setText(byId("headline"), !items.length ? "No problems"
		: down ? count(down, "backend is down", "backends are down") : count(items.length, "problem"));
	setText(byId("counts"), `${count(data.services.length, "service")}, ${count(backends.length, "backend")}` +
		(words.length ? ": " + words.join(", ") + "." : "."));
	replace(byId("attention"), ...items.map((text) => make("li", {}, icon("alarm"), make("span", {}, text))));
	setText(byId("facts"), "Attached to " + (data.attached.map((at) => `${at.interface} (${at.mode})`).join(", ") || "nothing") +
		` · generation ${whole(data.generation)}` + (data.controller.running ? ` · controller process ${data.controller.pid}` : ""));
	setText(byId("instance"), data.instance);
	setText(byId("version"), "lbctl " + data.version);
	document.title = (items.length ? `(${items.length}) ` : "") + data.instance + " – lbctl";
}

// Sums over all services; rates are undefined without an earlier sample.
function sums(data) {
	const sum = { flows: 0 };
	for (const service of data.services) {
		sum.flows += service.flows;
		for (const [name, value] of Object.entries(service.per_second || {}))
			sum[name] = (sum[name] || 0) + value;
	}
	return sum;
}

function showTotals(data) {
	const sum = sums(data);
	TOTALS.forEach(([, select, format, unit], i) => {
		const value = select(sum), past = page.totals[i], tile = byId("totals").children[i];
		replace(tile.children[1], value === undefined ? NONE : format(value),
			...(value === undefined || !unit ? [] : [make("small", {}, " " + unit)]));
		if (value !== undefined)
			past.push({ at: data.now, value });
		while (past.length && past[0].at < data.now - HISTORY_MS)
			past.shift();
	});
}

function showOutcomes(data) {
	const names = Object.keys(data.outcomes), rates = data.outcomes_per_second || {};
	const present = names.filter((name) => data.outcomes[name]), absent = names.filter((name) => !data.outcomes[name]);
	const body = byId("outcomes");
	replace(body, ...present.map((name) => {
		const lost = data.outcomes_lost.includes(name);
		return make("tr", { role: "row" },
			make("th", { scope: "row", role: "rowheader" }, make("span", { class: "outcome" }, ...(lost ? [icon("note")] : []), name)),
			make("td", { class: "number", role: "cell", "data-label": "Packets/s" }, rate(rates[name])),
			make("td", { class: "number", role: "cell", "data-label": "Packets" }, whole(data.outcomes[name])),
			make("td", { class: "wide", role: "cell" }, data.outcome_help[name]));
	}));
	byId("never").hidden = !absent.length;
	setText(byId("never-title"), count(absent.length, "outcome") + " without packets");
	replace(byId("never-list"), ...absent.flatMap((name) => [make("dt", {}, name), make("dd", {}, data.outcome_help[name])]));
}

function showPlots() {
	if (!page.data)
		return;
	const until = page.since, known = Math.max(until - page.first, SHORTEST_MS);
	const from = until - Math.min(known, page.minutes * 60000);
	for (const section of page.services.values())
		section.plot(from, until, page.figure);
	page.totals.forEach((points, i) => spark(byId("totals").children[i].lastChild, points, from, until));
}

function show(data) {
	syncChildren(byId("services"), page.services, data.services.map((service) => service.name), (name) => new ServiceSection(name));
	for (const service of data.services)
		page.services.get(service.name).show(service, data.now);
	showSummary(data);
	showTotals(data);
	showOutcomes(data);
	showPlots();
}

// --- age of the data -----------------------------------------------------------

function showAge() {
	const now = Date.now(), isStale = !page.paused && page.failures > 0 && now - page.since > STALE_MS;
	const wait = Math.max(0, Math.ceil((page.due - now) / 1000));
	document.body.classList.toggle("is-stale", isStale);
	document.body.classList.toggle("live", !isStale && !page.paused && page.since > 0);
	setText(byId("updated"), (page.paused ? "paused" : isStale ? "stale" : page.since ? "live" : "connecting") +
		(page.since ? " · " + clock(page.since) : ""));
	byId("stale").hidden = !isStale;
	if (!isStale)
		return;
	setText(byId("stale-since"), page.since ? `Stale since ${clock(page.since)}.` : "No response from the controller yet.");
	setText(byId("stale-why"), `${page.why} ${page.request ? "Retrying." : `Retrying in ${wait} s.`}`);
	document.title = "stale – lbctl";
}

// --- polling ---------------------------------------------------------------------

function schedulePoll(ms) {
	clearTimeout(page.timer);
	page.due = Date.now() + ms;
	page.timer = setTimeout(poll, ms);
}

function failed(why) {
	page.failures++;
	page.why = why;
	schedulePoll(Math.min(SLOWEST_MS, EVERY_MS * 2 ** (page.failures - 1)) * (0.8 + Math.random() * 0.4));
}

async function fetchStatus(signal) {
	const response = await fetch("api/live", { cache: "no-store", signal });
	if (!response.ok)
		throw new Error(`The controller reports: ${(await response.text()).trim() || response.status}.`);
	return response.json();
}

async function poll() {
	if (page.request || page.paused)
		return;
	page.request = new AbortController();
	const timeout = setTimeout(() => page.request.abort(), TIMEOUT_MS);
	let data = null;
	try {
		data = await fetchStatus(page.request.signal);
	} catch (error) {
		failed(error.name === "Error" ? error.message : "The controller does not respond.");
	}
	clearTimeout(timeout);
	page.request = null;
	if (data) {
		page.failures = 0;
		page.since = data.now = Date.now();
		page.first = page.first || page.since;
		page.data = data;
		schedulePoll(document.hidden ? HIDDEN_MS : EVERY_MS);
		show(data);
	}
	showAge();
}

// --- controls ----------------------------------------------------------------------

function choices(fieldset, name, options, chosen, choose) {
	for (const [value, words] of Object.entries(options)) {
		const input = make("input", { type: "radio", name, value });
		input.checked = value === chosen;
		input.addEventListener("change", () => choose(value));
		fieldset.append(make("label", {}, input, words));
	}
}

function pause() {
	page.paused = !page.paused;
	byId("pause").setAttribute("aria-pressed", String(page.paused));
	setText(byId("pause"), page.paused ? "Resume" : "Pause");
	if (!page.paused)
		schedulePoll(0);
	showAge();
}

function begin() {
	for (const [name] of TOTALS)
		byId("totals").append(make("li", {}, make("p", { class: "name" }, name), make("p", { class: "figure" }, NONE),
			draw("svg", { class: "spark", viewBox: "0 0 100 28", preserveAspectRatio: "none", "aria-hidden": "true" })));
	choices(byId("span"), "span", SPANS, String(page.minutes), (value) => {
		page.minutes = Number(value);
		showPlots();
	});
	choices(byId("figure"), "figure", FIGURES, page.figure, (value) => {
		page.figure = value;
		showPlots();
	});
	byId("pause").addEventListener("click", pause);
	byId("retry").addEventListener("click", () => schedulePoll(0));
	document.addEventListener("visibilitychange", () => document.hidden || page.failures || schedulePoll(0));
	setInterval(showAge, 500);
	poll();
}

begin();
