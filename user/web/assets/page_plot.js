// SPDX-License-Identifier: GPL-2.0-only
// Plots over time. A series is {style, name, points: [{at, value}]}. Styles differ in colour, dash
// pattern and end mark, so that colour alone never identifies a series.

const STYLES = 6;
const LEFT = 46, RIGHT = 8, TOP = 8, BOTTOM = 20;

// The end mark of a style, centred at (x, y).
function mark(style, x, y) {
	const shapes = [
		"M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0z", "M-3-3h6v6h-6z", "M0-4 4 3.2h-8z",
		"M0-4.5 4.5 0 0 4.5-4.5 0z", "M0 4-4-3.2h8z", "M-1.3-4h2.6v8h-2.6z",
	];
	return draw("path", { class: "mark s" + style, d: shapes[style], transform: `translate(${x} ${y})` });
}

// A sample of the line, for the legend.
function key(style) {
	return draw("svg", { class: "key", viewBox: "0 0 30 12", "aria-hidden": "true" },
		draw("path", { class: "s" + style, d: "M0 6h30" }), mark(style, 15, 6));
}

// The smallest of 1, 2, 5, 10, 20, ... that is not less than `max`.
function ceiling(max) {
	const power = 10 ** Math.floor(Math.log10(max));
	return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= max * 0.999);
}

class Plot {
	// `format` converts a value to text; `minTop` is the lowest upper end of the scale.
	constructor(title, format, minTop) {
		this.title = title;
		this.format = format;
		this.minTop = minTop;
		this.series = [];
		this.cursor = null; // the selected time
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
		let max = this.minTop;
		for (const series of this.series)
			for (const point of series.points)
				if (point.at >= this.from && point.value > max)
					max = point.value;
		this.top = ceiling(max);
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

	// The line of a series, interrupted where values are missing.
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

	// The values now, or at the selected time, as text.
	updateCaption() {
		const at = this.cursor, parts = [];
		for (const series of this.series) {
			const near = at ? series.points.reduce((best, point) =>
				!best || Math.abs(point.at - at) < Math.abs(best.at - at) ? point : best, null) : series.points.at(-1);
			parts.push([series.name, near && near.value !== null ? this.format(near.value) : NONE]);
		}
		const text = parts.map(([name, value]) => name + " " + value).join(", ");
		this.svg.setAttribute("aria-label", this.title + (this.empty ? ": " + this.empty : ": now " + text));
		if (this.empty)
			replace(this.caption, make("b", {}, this.title), ". " + this.empty);
		else if (at)
			replace(this.caption, make("b", {}, clock(at)), " " + text);
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

	// Moves the cursor with the arrow keys.
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

// A line without scale or labels.
function spark(svg, points, from, until) {
	const max = Math.max(...points.map((point) => point.value), 1e-9);
	const path = points.filter((point) => point.at >= from).map((point, i) =>
		(i ? "L" : "M") + ((point.at - from) / (until - from) * 100).toFixed(2) + " " + (27 - point.value / max * 25).toFixed(2));
	svg.replaceChildren(draw("path", { d: path.join("") || "M0 0" }));
}
