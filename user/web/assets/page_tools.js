// SPDX-License-Identifier: GPL-2.0-only
// Helpers of the status page: DOM elements, number formats, icons. Data from the server becomes
// text nodes and attributes, never markup.
"use strict";

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
	for (const [name, value] of Object.entries(attributes || {}))
		if (value !== null && value !== undefined)
			element.setAttribute(name, value);
	element.append(...children);
	return element;
}

function make(tag, attributes, ...children) {
	return fill(document.createElement(tag), attributes, children);
}

function draw(tag, attributes, ...children) {
	return fill(document.createElementNS(SVG, tag), attributes, children);
}

function byId(id) {
	return document.getElementById(id);
}

// Changes the text only if it differs, so selections and screen readers are not disturbed.
function setText(element, text) {
	if (element.textContent !== text)
		element.textContent = text;
}

// Replaces the children only if they differ.
function replace(element, ...children) {
	const next = make("div", {}, ...children), now = element.childNodes;
	if (next.childNodes.length !== now.length || [...next.childNodes].some((node, place) => !node.isEqualNode(now[place])))
		element.replaceChildren(...next.childNodes);
}

// Keeps one element per key, in the order of the keys. Creates and removes elements as needed.
function syncChildren(parent, kept, keys, create) {
	const wanted = new Set(keys);
	for (const [key, entry] of kept)
		if (!wanted.has(key)) {
			entry.element.remove();
			kept.delete(key);
		}
	let next = parent.firstElementChild;
	keys.forEach((key) => {
		if (!kept.has(key))
			kept.set(key, create(key));
		const element = kept.get(key).element;
		if (next !== element)
			parent.insertBefore(element, next);
		next = element.nextElementSibling;
	});
}

// --- number formats --------------------------------------------------------

const NONE = "–";

function scaled(number, unit) {
	const steps = ["", "k", "M", "G", "T"];
	let step = 0;
	while (number >= 999.5 && step < steps.length - 1) {
		number /= 1000;
		step++;
	}
	const digits = number >= 99.5 || (step === 0 && Number.isInteger(number)) ? 0 : number >= 9.95 ? 1 : 2;
	return number.toFixed(step === 0 && number >= 9.95 ? 0 : digits) + (step || unit ? " " : "") + steps[step] + unit;
}

function rate(number) {
	return number === undefined ? NONE : number > 0 && number < 9.95 ? number.toFixed(1) : scaled(number, "");
}

function bits(bytes) {
	return bytes === undefined ? NONE : scaled(bytes * 8, "bit/s");
}

function whole(number) {
	return number.toLocaleString("en-US");
}

function time(us) {
	if (us === null || us === undefined)
		return NONE;
	if (us < 999.5)
		return us.toFixed(0) + " µs";
	if (us < 999500)
		return (us / 1000).toFixed(us < 9950 ? 1 : 0) + " ms";
	return (us / 1e6).toFixed(us < 9.95e6 ? 1 : 0) + " s";
}

function weight(number) {
	return String(Number(number.toFixed(2)));
}

function span(ms) {
	const seconds = Math.max(0, Math.round(ms / 1000));
	if (seconds < 90)
		return seconds + " s";
	if (seconds < 5400)
		return Math.round(seconds / 60) + " min";
	return seconds < 172800 ? Math.round(seconds / 3600) + " h" : Math.round(seconds / 86400) + " d";
}

function clock(ms) {
	const at = new Date(ms), two = (number) => String(number).padStart(2, "0");
	return two(at.getHours()) + ":" + two(at.getMinutes()) + ":" + two(at.getSeconds());
}

function count(number, one, many) {
	return whole(number) + " " + (number === 1 ? one : many || one + "s");
}

// --- icons: one shape per state, shown beside the text -----------------------

const SHAPES = {
	up: ["good", "M3 8.5 6.5 12 13 4.5"],
	down: ["bad", "M3.5 3.5l9 9M12.5 3.5l-9 9"],
	unknown: ["still", "M8 3a5 5 0 1 0 .01 0z"],
	drain: ["warn", "M5.5 3.5v9M10.5 3.5v9"],
	maint: ["warn", "M3.5 3.5h9v9h-9z"],
	alarm: ["bad", "M8 2 14.5 13.5h-13zM8 6.5v3M8 11.6v.2"],
	note: ["warn", "M8 2 14.5 13.5h-13zM8 6.5v3M8 11.6v.2"],
};

function icon(name) {
	const [tone, path] = SHAPES[name];
	return draw("svg", { class: "icon " + tone, viewBox: "0 0 16 16", "aria-hidden": "true" }, draw("path", { d: path }));
}
