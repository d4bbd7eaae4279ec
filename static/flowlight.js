"use strict";
/*
 * What needs a script: dragging a window on a graph, the time under the
 * pointer, and copying a command line.  Pages work without it.
 */

const SVG = "http://www.w3.org/2000/svg";

/* Times in the zone of the page; in the browser's own when it does not know that by name. */
function clock_of(zone, seconds) {
	const parts = { weekday: "short", year: "numeric", month: "2-digit", day: "2-digit",
		hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
	if (seconds)
		parts.second = "2-digit";
	try {
		return new Intl.DateTimeFormat("en-CA", { ...parts, hourCycle: "h23", timeZone: zone });
	} catch {
		return new Intl.DateTimeFormat("en-CA", { ...parts, hourCycle: "h23" });
	}
}

function graph(plot) {
	const img = plot.querySelector("img"), link = plot.querySelector("a"), marks = plot.querySelector("svg");
	const g = {};
	for (const key of ["left", "top", "width", "height", "start", "end", "slot"])
		g[key] = Number(img.dataset[key]);
	if (!(g.width > 0 && g.end > g.start))
		return;
	const text = plot.parentElement.querySelector(".hover");
	const clock = clock_of(img.dataset.zone, g.slot < 60);
	let from = null, box = null, line = null, dragged = false;

	/* The pointer's place in the picture's own pixels, within the graph. */
	function place(event) {
		const r = img.getBoundingClientRect();
		const x = (event.clientX - r.left) * Number(img.getAttribute("width")) / r.width;
		return Math.min(Math.max(x, g.left), g.left + g.width);
	}
	function time(x) {
		return g.start + (x - g.left) / g.width * (g.end - g.start);
	}
	function slot(seconds) {
		return Math.floor(seconds / g.slot) * g.slot;
	}
	function shape(name, attributes) {
		const s = document.createElementNS(SVG, name);
		for (const key in attributes)
			s.setAttribute(key, attributes[key]);
		marks.append(s);
		return s;
	}
	function name(seconds) {
		const p = {};
		for (const part of clock.formatToParts(new Date(seconds * 1000)))
			p[part.type] = part.value;
		return `${p.weekday} ${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}${p.second ? ":" + p.second : ""} ${p.timeZoneName}`;
	}
	function end() {
		if (box)
			box.remove();
		box = from = null;
	}

	link.addEventListener("dragstart", (event) => event.preventDefault());
	link.addEventListener("click", (event) => {
		if (event.detail === 0 && !dragged)
			return;		/* by keyboard: the link itself */
		event.preventDefault();
		if (!dragged)
			go(slot(time(place(event))), slot(time(place(event))) + g.slot);
		dragged = false;
	});
	img.addEventListener("pointerdown", (event) => {
		if (event.button === 0 && event.isPrimary) {
			from = place(event);
			img.setPointerCapture(event.pointerId);
		}
	});
	img.addEventListener("pointermove", (event) => {
		const x = place(event);
		if (!line)
			line = shape("line", { class: "cursor", y1: g.top, y2: g.top + g.height });
		line.setAttribute("x1", x);
		line.setAttribute("x2", x);
		if (from === null) {
			text.textContent = name(slot(time(x)));
			return;
		}
		if (!box && Math.abs(x - from) > 3)
			box = shape("rect", { class: "drag", y: g.top, height: g.height });
		if (!box)
			return;
		const a = Math.min(x, from), b = Math.max(x, from);
		box.setAttribute("x", a);
		box.setAttribute("width", b - a);
		text.textContent = name(slot(time(a))) + " – " + name(slot(time(b)) + g.slot);
	});
	img.addEventListener("pointerup", (event) => {
		const x = place(event);
		if (box) {
			dragged = true;
			go(slot(time(Math.min(x, from))), slot(time(Math.max(x, from)) - 0.001) + g.slot);
		}
		end();
	});
	img.addEventListener("pointercancel", end);
	img.addEventListener("pointerleave", () => {
		if (line)
			line.remove();
		line = null;
		text.textContent = "\u00a0";
	});

	/* The server answers with the canonical address. */
	function go(a, b) {
		const url = new URL(link.href);
		url.searchParams.delete("pick");
		url.searchParams.set("from", "@" + a);
		url.searchParams.set("to", "@" + b);
		url.searchParams.set("go", "show");
		location.assign(url);
	}
}

for (const plot of document.querySelectorAll(".plot"))
	graph(plot);

/* Pictures whose links take the place of a click: it is of the picture as drawn, however large it is shown. */
for (const link of document.querySelectorAll("a.strip, a.ribbon"))
	link.addEventListener("click", (event) => {
		const img = link.querySelector("img"), r = img.getBoundingClientRect();
		if (event.detail === 0 || event.ctrlKey || event.metaKey || event.shiftKey)
			return;
		event.preventDefault();
		location.assign(link.href + "?" + Math.floor((event.clientX - r.left) * img.getAttribute("width") / r.width) +
			"," + Math.floor((event.clientY - r.top) * img.getAttribute("height") / r.height));
	});

for (const button of document.querySelectorAll(".copy")) {
	const code = button.parentElement.querySelector("code");
	button.hidden = false;
	button.addEventListener("click", async () => {
		try {
			await navigator.clipboard.writeText(code.textContent);
			button.textContent = "Copied";
		} catch {
			/* Without https there is no clipboard: the line is selected instead. */
			getSelection().selectAllChildren(code);
			button.textContent = "Selected";
		}
		setTimeout(() => { button.textContent = "Copy"; }, 1500);
	});
}

/* Keys for moving: the buttons above the graph. */
document.addEventListener("keydown", (event) => {
	const keys = { ArrowLeft: "previous", ArrowRight: "next" };
	const go = document.querySelector('[data-go="' + keys[event.key] + '"]');
	if (go && !event.altKey && !event.ctrlKey && !event.metaKey &&
	    !event.target.closest("input, textarea, select, pre"))
		go.click();
});
