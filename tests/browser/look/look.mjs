// look.mjs URL ROUTE…: every page at 400 to 2560 pixels, light and dark: it fits, axe-core finds
// nothing serious, and the keyboard gets everywhere.  Then the incident in three clicks.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { complaints, go, ok, run, url } from "../lib/browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const slot = "from=2026-11-20T16:00&to=2026-11-20T16:05";

/* What each route is looked at with; a page that is new needs a line here. */
const pages = {
	"/overview": ["/"],
	"/details": [`/details?${slot}&source=upstream1&by=srcip&order=flows&top=10`, `/details?${slot}&list=1`],
	"/explain": ["/explain", "/explain?at=2026-11-20T16:00"],
	"/analysis": ["/analysis"],
	"/host/": ["/host/", "/host/198.51.100.13", "/host/203.0.113.0/24"],
	"/saved": ["/saved"],
	"/light": ["/light", "/light?span=1d&weeks=2"],
	"/heat": ["/heat"],
	"/compare": ["/compare", `/compare?${slot}&by=srcip`],
	"/queries": ["/queries"],
	"/status": ["/status"],
	"/log": [{ path: "/log", status: 403 }],	/* for administrators */
	"/help": ["/help"],
	"/keep": [{ path: "/explain?at=2026-11-20T16:00", click: ".keeper button" }],
	"/board": [],
	"/export": [],
};
const sizes = [
	["at 1400 px, light", { viewport: { width: 1400, height: 900 }, colorScheme: "light" }],
	["at 1400 px, dark", { viewport: { width: 1400, height: 900 }, colorScheme: "dark" }],
	["at 400 px, light", { viewport: { width: 400, height: 800 }, colorScheme: "light" }],
	["at 400 px, dark", { viewport: { width: 400, height: 800 }, colorScheme: "dark" }],
];
const unknown = process.argv.slice(3).filter((r) => !(r in pages));
ok("each route has an address here", unknown.length === 0, unknown.join(" "));
const all = Object.entries(pages).filter(([route]) => process.argv.includes(route)).flatMap(([, list]) => list);

async function faults(page) {
	await page.evaluate(axe);
	const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
	return found.violations.filter((v) => v.impact === "serious" || v.impact === "critical")
		.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`);
}

async function look(page, name, width, check) {
	const before = complaints.length;
	for (const one of all) {
		const { path, status, click } = typeof one === "string" ? { path: one } : one;
		const reply = await page.goto(url + path, { waitUntil: "networkidle" });
		if (click)
			await go(page, () => page.locator(click).first().click());
		const wide = await page.evaluate(() => document.documentElement.scrollWidth);
		ok(`${path} is there ${name}`, reply.status() === (status || 200), reply.status());
		ok(`${path} fits ${name}`, wide <= width, wide);
		if (!check)
			continue;
		const wrong = await faults(page);
		ok(`${path} is accessible ${name}`, wrong.length === 0, wrong.join("\n"));
	}
	/* What is refused as it should be is no complaint. */
	complaints.push(...complaints.splice(before).filter((c) => !/status of 403/.test(c)));
}

/* The order of the keyboard is that of the page: down, and in a line to the right. */
async function keyboard(page) {
	await page.goto(url + "/", { waitUntil: "networkidle" });
	await page.keyboard.press("Tab");
	ok("the first key leads past the navigation", await page.evaluate(() => document.activeElement.className) === "skip");
	const seen = [];
	for (let i = 0; i < 14; i++) {
		await page.keyboard.press("Tab");
		seen.push(await page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.id));
	}
	ok("then through it to the field for a host", seen.indexOf("Overview") === 1 && seen.includes("find"), seen.join(" > "));
	ok("a focus is seen", await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle) !== "none");
}

/* From the Overview to the host of the story in three clicks. */
async function story(page) {
	await page.goto(url + "/", { waitUntil: "networkidle" });
	await go(page, () => page.locator(".peaks a").first().click());
	ok("a sentence leads to its explanation", /198\.51\.100\.13/.test(await page.locator(".sentence").innerText()),
		await page.locator("main").innerText());
	ok("which has the lines that prove it", (await page.locator(".command code").allInnerTexts()).some((t) => /^nfdump .*srcip\/flows/.test(t)));
	await go(page, () => page.locator(".leads a", { hasText: "198.51.100.13" }).click());
	ok("and a link to the host", /\/host\/198\.51\.100\.13$/.test(page.url()), page.url());
	ok("that was seen once", /^1 of /.test(await page.locator(".facts dd").nth(2).innerText()), await page.locator(".facts").innerText());
	const ribbon = page.locator(".ribbon.wide img");
	await go(page, () => ribbon.click({ position: { x: 84 + 192 * 3.75 + 2, y: 24 } }));
	ok("a click on its slot opens the flows", /from=2026-11-20T16:00&to=2026-11-20T16:05&list=1&filter=ip\+198\.51\.100\.13/.test(page.url()), page.url());
	await page.goto(url + "/", { waitUntil: "networkidle" });
	const strip = page.locator("a.strip img").first(), box = await strip.boundingBox();
	await go(page, () => strip.click({ position: { x: box.width - 4, y: 4 } }));
	ok("a click on a strip explains that slot", /\/explain\?source=upstream[12]&at=2026-11-20T18:[0-5]/.test(page.url()), page.url());
	await page.locator("input[name=host]").fill("192.0.2.0/24");
	await go(page, () => page.keyboard.press("Enter"));
	ok("the field finds a network", /\/host\/192\.0\.2\.0\/24$/.test(page.url()), page.url());
}

/* On paper: no navigation, no form, black on white. */
async function print(page) {
	await page.goto(url + "/explain?at=2026-11-20T16:00", { waitUntil: "networkidle" });
	await page.emulateMedia({ media: "print", colorScheme: "dark" });
	ok("on paper there is no navigation", !(await page.locator(".top nav").isVisible()) && !(await page.locator(".find").isVisible()));
	ok("and white is white", await page.evaluate(() => getComputedStyle(document.body).backgroundColor) === "rgb(255, 255, 255)" &&
		await page.evaluate(() => getComputedStyle(document.querySelector(".sentence")).color) === "rgb(27, 36, 48)",
		await page.evaluate(() => getComputedStyle(document.querySelector(".sentence")).color));
}

await run([keyboard], [story], [print],
	...sizes.map(([name, options]) => [(page) => look(page, name, options.viewport.width, true), options]),
	[(page) => look(page, "on a wall", 2560, false), { viewport: { width: 2560, height: 1440 } }]);
