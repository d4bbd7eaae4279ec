"use strict";
/*
 * What needs a script: dragging a window on a graph, the time under the pointer,
 * copying a command line, keys, and help while a filter is typed.  Pages work without it.
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

/* Pictures whose links take the place of a click: it is of the picture as drawn, however large it is shown. */
function strip(link) {
	link.addEventListener("click", (event) => {
		const img = link.querySelector("img"), r = img.getBoundingClientRect();
		if (event.detail === 0 || event.ctrlKey || event.metaKey || event.shiftKey)
			return;
		event.preventDefault();
		location.assign(link.href + "?" + Math.floor((event.clientX - r.left) * img.getAttribute("width") / r.width) +
			"," + Math.floor((event.clientY - r.top) * img.getAttribute("height") / r.height));
	});
}

function key_help(button) {
	button.hidden = false;
	button.addEventListener("click", () => document.getElementById("keys").showModal());
}

/* A page, or a part of it that has come anew. */
function wire(root) {
	root.querySelectorAll(".plot").forEach(graph);
	root.querySelectorAll("a.strip, a.ribbon").forEach(strip);
	root.querySelectorAll(".keyhelp").forEach(key_help);
}
wire(document);

/* The light table's slider: the pictures follow it. */
for (const slider of document.querySelectorAll('.light input[name="alpha"]')) {
	let wait = 0;
	const with_alpha = (address) => {
		const url = new URL(address, location.href);
		url.searchParams.set("alpha", slider.value);
		return url.pathname + url.search;
	};
	slider.addEventListener("input", () => {
		clearTimeout(wait);
		wait = setTimeout(() => {
			for (const part of document.querySelectorAll(".plot source, .plot img")) {
				part.srcset = part.srcset.split(", ").map((one) => {
					const [address, scale] = one.split(" ");
					return with_alpha(address) + (scale ? " " + scale : "");
				}).join(", ");
				if (part.src)
					part.src = with_alpha(part.src);
			}
			history.replaceState(null, "", with_alpha(location.href));
		}, 80);
	});
}

/* The choice of a zone knows the browser's own, and all that the browser knows. */
for (const form of document.querySelectorAll("form.zone")) {
	const field = form.elements.zone, own = Intl.DateTimeFormat().resolvedOptions().timeZone;
	if (own && own !== field.value && own !== "Etc/UTC") {
		const button = document.createElement("button");
		button.type = "button";
		button.textContent = "Mine";
		button.title = own;
		button.addEventListener("click", () => {
			field.value = own;
			form.requestSubmit();
		});
		form.append(button);
	}
	field.addEventListener("focus", () => {
		const known = Intl.supportedValuesOf?.("timeZone") ?? [];
		form.querySelector("datalist").append(...known.map((name) => new Option(name, name)));
		field.select();
	}, { once: true });
}

/* What is too wide for its place can be scrolled by keyboard. */
function reach() {
	for (const box of document.querySelectorAll(".scroll, .presence, .plot")) {
		if (box.scrollWidth > box.clientWidth)
			box.tabIndex = 0;
		else
			box.removeAttribute("tabindex");
	}
}
reach();
addEventListener("resize", reach);

/* A page that shows what is new comes anew, unless somebody is at it. */
if (document.body.dataset.refresh)
	setInterval(() => {
		const busy = document.activeElement !== document.body || !getSelection().isCollapsed;
		if (!busy && !document.hidden)
			location.reload();
	}, document.body.dataset.refresh * 1000);

/*
 * A page that follows asks every quarter of a minute whether there is something new, which costs
 * next to nothing, and puts new parts in the place of the old ones.  A part that somebody is at stays.
 */
function follow(body) {
	const every = 15000;
	let asking = false;

	const changed = (field) => field.matches("select") ? field.selectedIndex !== Math.max(0, [...field.options].findIndex((o) => o.defaultSelected)) :
		field.matches("[type=checkbox], [type=radio]") ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
	const busy = (part) => part.contains(document.activeElement) && document.activeElement !== document.body ||
		!getSelection().isCollapsed && part.contains(getSelection().anchorNode) || part.querySelector("dialog[open], details[open], .drag") ||
		[...part.querySelectorAll("input:not([type=hidden]), select, textarea")].some(changed);
	const parts = (page) => {
		const live = [...page.querySelectorAll("[data-live]")];
		return live.some((part) => part.closest("main")) ? live : [...live, page.querySelector("main")];
	};

	async function renew(version) {
		const reply = await fetch(location.href, { cache: "no-store" });
		if (!reply.ok)
			return;
		const page = new DOMParser().parseFromString(await reply.text(), "text/html");
		const now = parts(document), fresh = parts(page);
		/* All or none of them: they are of the same time. */
		if (now.length !== fresh.length || now.some(busy) || document.querySelector(".running"))
			return;
		now.forEach((part, i) => {
			part.replaceWith(fresh[i]);
			wire(fresh[i]);
		});
		reach();
		body.dataset.version = version;
	}
	async function look() {
		if (asking || document.hidden || parts(document).some(busy))
			return;
		asking = true;
		try {
			const reply = await fetch(body.dataset.follow, { cache: "no-cache" });
			const { version } = reply.ok ? await reply.json() : body.dataset;
			if (version !== body.dataset.version)
				await renew(version);
		} catch {
			/* The network is away: it is asked again. */
		}
		asking = false;
	}
	setInterval(look, every);
	document.addEventListener("visibilitychange", look);
}

if (document.body.dataset.follow)
	follow(document.body);

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

/* ---- Details: keys ---- */

const typing = "input, textarea, select, pre, dialog[open]";

document.addEventListener("keydown", (event) => {
	const keys = { ArrowLeft: "previous", ArrowRight: "next", "Shift+ArrowLeft": "back", "Shift+ArrowRight": "forward",
		p: "peak", c: "centre", n: "end" };
	if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest(typing))
		return;
	const shift = event.shiftKey && event.key.length > 1 ? "Shift+" : "";
	const go = document.querySelector('[data-go="' + keys[shift + event.key] + '"]');
	if (go) {
		event.preventDefault();
		go.click();
	}
	const area = document.querySelector(".filter textarea"), help = document.getElementById("keys");
	if (event.key === "/" && area) {
		event.preventDefault();
		area.focus();
	}
	if (event.key === "?" && help)
		help.showModal();
});

/* ---- Details: the filter while it is typed ---- */

/* Calls f when nothing has been asked for a while. */
function later(milliseconds, f) {
	let timer;
	return (...args) => {
		clearTimeout(timer);
		timer = setTimeout(f, milliseconds, ...args);
	};
}

/* Answers come in the order of the questions: an older one is given up. */
function asker() {
	let abort;
	return async (url) => {
		if (abort)
			abort.abort();
		abort = new AbortController();
		try {
			const reply = await fetch(url, { signal: abort.signal });
			return reply.ok ? await reply.json() : null;
		} catch {
			return null;
		}
	};
}

function filter_box(area) {
	const list = document.getElementById("offers"), check = document.getElementById("filter-check");
	const ask = asker();
	let active = -1, from = 0;	/* where the word begins that is offered */

	function close() {
		list.hidden = true;
		active = -1;
		area.removeAttribute("aria-activedescendant");
	}
	function mark(i) {
		const items = list.children;
		if (items[active])
			items[active].setAttribute("aria-selected", "false");
		active = (i + items.length) % items.length;
		items[active].setAttribute("aria-selected", "true");
		items[active].scrollIntoView({ block: "nearest" });
		area.setAttribute("aria-activedescendant", items[active].id);
	}
	function accept(item) {
		const caret = area.selectionStart, rest = /^[\w:.+\/@-]*/.exec(area.value.slice(caret))[0].length;
		area.setRangeText(item.dataset.word + " ", Math.min(from, caret), caret + rest, "end");
		close();
		area.dispatchEvent(new Event("input", { bubbles: true }));
	}
	function offer(words) {
		const marked = list.children[active]?.dataset.word, again = words.findIndex((w) => w.word === marked);
		close();
		list.replaceChildren(...words.map((w, i) => {
			const item = document.createElement("li"), word = document.createElement("code"), meaning = document.createElement("span");
			item.id = "offer" + i;
			item.role = "option";
			item.dataset.word = w.word;
			item.setAttribute("aria-selected", "false");
			word.textContent = w.word;
			meaning.textContent = w.meaning ?? "";
			item.append(word, meaning);
			return item;
		}));
		list.hidden = words.length === 0;
		if (again !== -1)
			mark(again);
	}
	const look = later(150, async () => {
		const caret = area.selectionStart;
		const url = new URL(area.dataset.check, location);
		url.searchParams.set("filter", area.value);
		url.searchParams.set("at", [...area.value.slice(0, caret)].length);
		const said = await ask(url);
		if (!said || area.selectionStart !== caret)
			return;
		from = caret - said.typed;
		const whole = said.words.length === 1 && said.words[0].word.length === said.typed;
		offer(document.activeElement === area && !whole ? said.words : []);
		/* What is only unfinished is no fault yet. */
		area.toggleAttribute("aria-invalid", said.error !== null && !said.unfinished);
		check.textContent = said.error && area.value.trim() !== "" ? (said.line > 1 ? `line ${said.line}, ` : "") + `column ${said.column}: ${said.error}` : "";
		check.classList.toggle("error", said.error !== null && !said.unfinished);
	});

	area.addEventListener("input", look);
	area.addEventListener("blur", close);
	area.addEventListener("keydown", (event) => {
		if (event.key === "Enter" && (event.ctrlKey || event.metaKey))
			area.form.requestSubmit(area.form.querySelector(".run"));
		if (list.hidden)
			return;
		if (event.key === "ArrowDown")
			mark(active + 1);
		else if (event.key === "ArrowUp" && active >= 0)
			mark(active - 1);
		else if ((event.key === "Enter" || event.key === "Tab") && active >= 0)
			accept(list.children[active]);
		else if (event.key === "Escape")
			close();
		else
			return;
		event.preventDefault();
	});
	list.addEventListener("pointerdown", (event) => {
		event.preventDefault();
		const item = event.target.closest("li");
		if (item)
			accept(item);
	});
	/* A link to another state of the page takes along what has been typed. */
	document.addEventListener("click", (event) => {
		const link = event.target.closest("a");
		if (!link || !(link.getAttribute("href") ?? "").startsWith("?") || area.value === area.defaultValue ||
		    link.closest(".chips, .result") || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented)
			return;
		event.preventDefault();
		const url = new URL(link.href);
		url.searchParams.set("filter", area.value);
		location.assign(url);
	});
}

for (const area of document.querySelectorAll("textarea[data-check]"))
	filter_box(area);

/* ---- Results: names of addresses that are pointed at, where the site looks them up ---- */

function names(table) {
	const known = new Map();
	const look = later(200, async (cell) => {
		const ip = cell.dataset.ip, link = cell.querySelector("a");
		if (!known.has(ip)) {
			const url = new URL(table.dataset.names, location);
			url.searchParams.set("ip", ip);
			known.set(ip, fetch(url).then((reply) => reply.ok ? reply.json() : {}, () => ({})));
		}
		const { name } = await known.get(ip);
		delete cell.dataset.ip;
		if (!name)
			return;
		const text = document.createElement("span");
		text.className = "name";
		text.textContent = " " + name;
		cell.title = `${ip}, ${name}`;
		link ? link.after(text) : cell.append(text);
	});
	for (const kind of ["pointerover", "focusin"])
		table.addEventListener(kind, (event) => {
			const cell = event.target.closest("td[data-ip]");
			if (cell)
				look(cell);
		});
}

for (const table of document.querySelectorAll("table[data-names]"))
	names(table);

/* ---- Details: the rest of the form ---- */

/* One more row of menus when the last of them is in use. */
function growing(rows, most) {
	rows.addEventListener("change", (event) => {
		const last = rows.lastElementChild, select = last.querySelector("select"), n = rows.querySelectorAll(":scope > span").length;
		if (!last.contains(event.target) || select.value === "" || n >= most)
			return;
		const more = last.cloneNode(true);
		for (const field of more.querySelectorAll("[name]")) {
			field.name = field.name.replace(/\d+$/, n + 1);
			if (field.hasAttribute("aria-label"))
				field.setAttribute("aria-label", field.getAttribute("aria-label").replace(/\d+$/, n + 1));
			if (field.type === "checkbox")
				field.checked = false;
			else if (field.type === "number")
				field.value = "";
		}
		more.querySelector("select").value = "";
		rows.append(more);
	});
}

function form_ask(form) {
	const cost = document.getElementById("cost"), ask = asker();
	const estimate = later(400, async () => {
		const url = new URL(form.dataset.cost, location);
		url.search = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
		const said = await ask(url);
		if (said)
			cost.textContent = said.cost?.text ?? "";
	});

	for (const field of form.elements) {
		field.addEventListener("input", estimate);
		/* Enter in a field below runs, among the times it shows. */
		if (field.matches("input") && !field.closest(".times"))
			field.addEventListener("keydown", (event) => {
				if (event.key !== "Enter")
					return;
				event.preventDefault();
				form.requestSubmit(form.querySelector(".run"));
			});
	}
	for (const [rows, most] of [[".stats", 8], [".keys", 16]])
		growing(form.querySelector(rows), most);
}

if (document.getElementById("ask"))
	form_ask(document.getElementById("ask"));

/* ---- Queries ---- */

/*
 * A query is asked for as a stream of events, which tell how far it is and in
 * the end where the page is; without a script the browser waits for the page.
 */
function running(card) {
	if (source)
		source.close();
	document.querySelector(".running")?.remove();
	const box = document.createElement("div"), bar = document.createElement("progress");
	const text = document.createElement("span"), cancel = document.createElement("button");
	box.className = "running";
	box.setAttribute("role", "status");
	bar.setAttribute("aria-label", "Progress of the query");
	text.className = "note";
	text.textContent = "Asking …";
	cancel.type = "button";
	cancel.textContent = "Cancel";
	cancel.disabled = true;
	box.append(bar, text, cancel);
	/* What is there in a moment needs no bar. */
	setTimeout(() => { box.hidden = false; }, 300);
	box.hidden = true;
	card.querySelector("form").after(box);
	return { box, bar, text, cancel };
}

let source = null;		/* of the one query that a page asks at a time */

function ask(address, show) {
	const url = new URL(address), hash = url.hash;
	url.hash = "";
	source = new EventSource(url);
	const on = (name, act) => source.addEventListener(name, (event) => act(JSON.parse(event.data)));
	let job = null, token = null;

	function go(to) {
		source.close();
		to.hash = hash;
		if (to.href === location.href)
			location.reload();
		else
			location.assign(to);
	}
	show.cancel.onclick = () => {
		show.cancel.disabled = true;
		show.text.textContent = "Cancelling …";
		fetch(new URL("queries", document.querySelector(".brand").href),
			{ method: "POST", body: new URLSearchParams({ job, token }), redirect: "manual" });
	};
	on("redirect", (data) => {
		source.close();
		const next = new URL(data.location, url);
		next.hash = hash;
		ask(next, show);
	});
	on("job", (data) => {
		({ job, token } = data);
		show.cancel.disabled = false;
	});
	on("waiting", (data) => {
		show.text.textContent = data.ahead === 1 ? "Waiting: one query is to end before" :
			`Waiting: ${data.ahead} queries are to end before`;
	});
	on("progress", (data) => {
		if (show.cancel.disabled)
			return;
		show.bar.max = Math.max(data.files, 1);
		show.bar.value = data.files_done;
		show.text.textContent = `${data.files_done} of ${data.files} files, ${data.flows.text} flows, ` +
			`${(data.msec / 1000).toFixed(1)} s`;
	});
	on("done", (data) => {
		const to = new URL(url);
		if (data.job)
			to.search += (to.search ? "&" : "?") + "job=" + data.job;
		go(to);
	});
	source.onerror = () => go(new URL(url));
}

function asking(card) {
	const form = card.querySelector("form");
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		const url = new URL(form.action);
		url.search = new URLSearchParams(new FormData(form, event.submitter));
		ask(url, running(card));
	});
	card.addEventListener("click", (event) => {
		const link = event.target.closest("a[href*='#flows']");
		if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
			return;
		event.preventDefault();
		ask(link.href, running(card));
	});
}

for (const card of document.querySelectorAll(".query"))
	asking(card);
addEventListener("pagehide", () => source?.close());

/* The address to keep is the one without the query that made this page. */
if (/[?&]job=[0-9a-f]{32}$/.test(location.search)) {
	const url = new URL(location);
	url.search = url.search.replace(/[?&]job=[0-9a-f]{32}$/, "");
	history.replaceState(null, "", url);
}
