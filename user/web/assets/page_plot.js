// SPDX-License-Identifier: GPL-2.0-only
// Plots over time. A series is {style, name, points: [{at, value}]}; styles differ in colour, in
// dashes and in the mark at the end of the line, so that none is told by its colour alone.

const STYLES = 6;
const LEFT = 46, RIGHT = 8, TOP = 8, BOTTOM = 20;

// A mark of so many shapes, around a place.
function mark(style, x, y) {
	const shapes = [
		"M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0z", "M-3-3h6v6h-6z", "M0-4 4 3.2h-8z",
		"M0-4.5 4.5 0 0 4.5-4.5 0z", "M0 4-4-3.2h8z", "M-1.3-4h2.6v8h-2.6z",
	];
	return draw("path", { class: "mark s" + style, d: shapes[style], transform: `translate(${x} ${y})` });
}

// The same line in small, beside the name that it belongs to.
function key(style) {
	return draw("svg", { class: "key", viewBox: "0 0 30 12", "aria-hidden": "true" },
		draw("path", { class: "s" + style, d: "M0 6h30" }), mark(style, 15, 6));
}

// The least of 1, 2, 5, 10, 20, ... that is enough.
function ceiling(most) {
	const power = 10 ** Math.floor(Math.log10(most));
	return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= most * 0.999);
}

class Plot {
	// `format` makes text of a value; `least` is the lowest top of the scale.
	constructor(title, format, least) {
		this.title = title;
		this.format = format;
		this.least = least;
		this.series = [];
		this.cursor = null; // a time that is pointed at
		this.svg = draw("svg", { class: "plot", role: "img", tabindex: "0" });
		this.caption = make("figcaption");
		this.element = make("figure", {}, this.caption, this.svg);
		this.svg.addEventListener("pointermove", (event) => this.point(event));
		this.svg.addEventListener("pointerleave", () => this.setCursor(null));
		this.svg.addEventListener("blur", () => this.setCursor(null));
		this.svg.addEventListener("keydown", (event) => this.step(event));
		new ResizeObserver(() => this.paint()).observe(this.svg);
	}

	show(series, from, until, empty) {
		Object.assign(this, { series, from, until, empty });
		this.paint();
	}

	x(at) {
		return LEFT + (at - this.from) / (this.until - this.from) * (this.width - LEFT - RIGHT);
	}

	y(value) {
		return TOP + (1 - value / this.top) * (this.height - TOP - BOTTOM);
	}

	paint() {
		this.width = this.svg.clientWidth;
		this.height = this.svg.clientHeight;
		if (!this.width || !this.until)
			return;
		let most = this.least;
		for (const series of this.series)
			for (const point of series.points)
				if (point.at >= this.from && point.value > most)
					most = point.value;
		this.top = ceiling(most);
		this.svg.replaceChildren(...this.grid(), ...this.series.flatMap((series) => this.line(series)));
		if (this.cursor)
			this.svg.append(draw("path", { class: "cross", d: `M${this.x(this.cursor)} ${TOP}V${this.height - BOTTOM}` }));
		this.updateCaption();
	}

	grid() {
		const parts = [], minutes = (this.until - this.from) / 60000;
		for (const part of [0, 0.5, 1]) {
			const y = this.y(part * this.top);
			parts.push(draw("path", { class: "grid", d: `M${LEFT} ${y}H${this.width - RIGHT}` }));
			parts.push(draw("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, part ? this.format(part * this.top) : "0"));
		}
		for (const part of [0, 0.5, 1]) {
			const ago = Number((minutes * (1 - part)).toFixed(1));
			const anchor = ["start", "middle", "end"][part * 2];
			parts.push(draw("text", { x: LEFT + part * (this.width - LEFT - RIGHT), y: this.height - 4, "text-anchor": anchor },
				ago ? "−" + ago + " min" : "now"));
		}
		return parts;
	}

	// Broken where nothing is known.
	line(series) {
		let path = "", last = null;
		for (const point of series.points) {
			if (point.at < this.from)
				continue;
			if (point.value === null || (last && point.at - last.at > 12000))
				last = null;
			if (point.value === null)
				continue;
			path += (last ? "L" : "M") + this.x(point.at).toFixed(1) + " " + this.y(point.value).toFixed(1);
			last = point;
		}
		if (!path)
			return [];
		const parts = [draw("path", { class: "s" + series.style, d: path })];
		if (last)
			parts.push(mark(series.style, this.x(last.at).toFixed(1), this.y(last.value).toFixed(1)));
		return parts;
	}

	// Values now, or at the time that is pointed at, in words.
	updateCaption() {
		const at = this.cursor, parts = [];
		for (const series of this.series) {
			const near = at ? series.points.reduce((best, point) =>
				!best || Math.abs(point.at - at) < Math.abs(best.at - at) ? point : best, null) : series.points.at(-1);
			parts.push([series.name, near && near.value !== null ? this.format(near.value) : NONE]);
		}
		const spoken = parts.map(([name, value]) => name + " " + value).join(", ");
		this.svg.setAttribute("aria-label", this.title + (this.empty ? ": " + this.empty : ": now " + spoken));
		if (this.empty)
			replace(this.caption, make("b", {}, this.title), ". " + this.empty);
		else if (at)
			replace(this.caption, make("b", {}, clock(at)), " " + spoken);
		else
			replace(this.caption, make("b", {}, this.title));
	}

	setCursor(at) {
		if (this.cursor === at)
			return;
		this.cursor = at;
		this.paint();
	}

	point(event) {
		const box = this.svg.getBoundingClientRect();
		const part = (event.clientX - box.left - LEFT) / (this.width - LEFT - RIGHT);
		this.setCursor(part < 0 || part > 1 ? null : this.from + part * (this.until - this.from));
	}

	// By the arrow keys, too.
	step(event) {
		const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
		if (event.key === "Escape")
			this.setCursor(null);
		if (!direction || !this.until)
			return;
		event.preventDefault();
		const at = (this.cursor || this.until) + direction * (this.until - this.from) / 60;
		this.setCursor(Math.min(this.until, Math.max(this.from, at)));
	}
}

// A line without scale or words: how something went.
function spark(svg, points, from, until) {
	const most = Math.max(...points.map((point) => point.value), 1e-9);
	const path = points.filter((point) => point.at >= from).map((point, place) =>
		(place ? "L" : "M") + ((point.at - from) / (until - from) * 100).toFixed(2) + " " + (27 - point.value / most * 25).toFixed(2));
	svg.replaceChildren(draw("path", { d: path.join("") || "M0 0" }));
}
