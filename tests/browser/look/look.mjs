// look.mjs URL ROUTE…: every page with and without a script, at 400 to 2560 pixels, light and dark: it is
// there with its heading and its pictures, it fits, axe-core finds nothing serious, and the keyboard gets
// everywhere.  Then the incident in three clicks, proved by the lines that are shown.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { faults } from "../lib/axe.mjs";
import { go, keep, ok, run, undrawn, url } from "../lib/browser.mjs";

const slot = "from=2026-11-20T16:00&to=2026-11-20T16:05";
const top = `/details?${slot}&source=upstream1&by=srcip&order=flows&top=10&filter=proto+tcp`;

/* What each route is looked at with; a page that is new needs a line here. */
const pages = {
	"/overview": ["/"],
	"/details": [top, `/details?${slot}&list=1`, "/details?keys=srcip4/20,dstip6/64,dstport", `/details?${slot}&series=10`],
	"/explain": ["/explain", "/explain?at=2026-11-20T16:00"],
	"/analysis": ["/analysis"],
	"/host/": ["/host/", "/host/198.51.100.13", "/host/203.0.113.0/24"],
	"/whois": ["/whois?ip=192.0.2.10"],
	"/saved": ["/saved"],
	"/notes": ["/notes"],
	"/light": ["/light", "/light?span=1d&weeks=2"],
	"/heat": ["/heat"],
	"/compare": ["/compare", `/compare?${slot}&by=srcip`],
	"/queries": ["/queries"],
	"/status": ["/status"],
	"/log": ["/log"],
	"/help": ["/help"],
	"/keep": [],	/* these three: what is kept below */
	"/board": [],
	"/export": [],
};
const views = [[1400, "light"], [1400, "dark"], [400, "dark"], [400, "light"]];
const unknown = process.argv.slice(3).filter((r) => !(r in pages));
ok("each route has an address here", unknown.length === 0, unknown.join(" "));

/* A dashboard, a notebook, a query, a filter and a note on a graph that are kept, so that their pages show some. */
async function prepare(page) {
	await page.goto(url + top);
	await keep(page, /^Save the page/, { name: "who did it" });
	await page.goto(url + top);
	await keep(page, /^Save the filter/, { name: "tcp" });
	for (const kind of ["dashboard", "notebook"]) {
		await page.goto(url + top);
		await keep(page, /^Pin the graph/, { title: "Flows", name: kind, kind });
		const board = page.url().slice(url.length);
		await page.goto(url + top);
		await keep(page, /^Pin the table/, { title: "Who did it", board: board.replace(/.*=/, "") });
		await page.locator("input[name=title]").fill("What it was");
		await page.locator("textarea[name=note]").fill("A scan.\nThe desk knows.");
		await go(page, () => page.locator("button.run").click());
		pages["/board"].push(board);
		const file = await page.request.get(url + board.replace("board", "export"));
		writeFileSync(`${dir}/${kind}.html`, await file.body());
		pages["/export"].push(`file://${dir}/${kind}.html`);
	}
	await page.goto(url + top);
	await page.locator(".noting summary").click();
	await page.locator(".noting input[name=text]").fill("a scan begins");
	await go(page, () => page.locator(".noting button").click());
	await go(page, () => page.locator(".keeper button").click());
	pages["/keep"].push(page.url().slice(url.length));
}

/* One page, loaded once, in each of the views.  On a very wide screen there is nothing for axe-core that was not seen before. */
async function seen(page, path, views, script) {
	const wrong = [], reply = await page.goto(path.startsWith("file:") ? path : url + path);
	if (reply.status() > 200)
		wrong.push(`status ${reply.status()}`);
	if (await page.locator("h1").count() !== 1)
		wrong.push(`${await page.locator("h1").count()} main headings`);
	for (const [i, [width, colorScheme]] of views.entries()) {
		const say = (what) => wrong.push(`at ${width} px, ${colorScheme}: ${what}`);
		await page.setViewportSize({ width, height: 900 });
		await page.emulateMedia({ colorScheme });
		(await undrawn(page)).forEach((p) => say("no picture " + p));
		const wide = await page.evaluate(() => document.documentElement.scrollWidth);
		if (wide > width)
			say(`${wide} pixels wide`);
		if (script && width <= 1400)
			(await faults(page, i > 0)).forEach(say);
	}
	return wrong;
}

async function look(page, views, name, script) {
	for (const path of Object.values(pages).flat()) {
		const wrong = await seen(page, path, views, script);
		ok(`${path.replace(dir, "")} ${name}`, wrong.length === 0, wrong.join("\n"));
	}
}

/* The order of the keyboard is that of the page: down, and in a line to the right. */
async function keyboard(page) {
	await page.goto(url + "/");
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

/* What a line says that is shown on a page, run as it is; ours from where it was built. */
const shell = (line) => execFileSync("sh", ["-c", line.replace(/^flowlight /, (process.env.O || "build") + "/flowlight ")], { encoding: "utf8" });
const lines = (page) => page.locator(".command code").allInnerTexts();

/* From the Overview to the host of the story in three clicks, each number proved by the lines beside it. */
async function story(page) {
	await page.goto(url + "/");
	await go(page, () => page.locator(".peaks a").first().click());
	ok("a sentence leads to its explanation", /198\.51\.100\.13/.test(await page.locator(".sentence").innerText()),
		await page.locator("main").innerText());
	const row = await page.locator("tr", { has: page.locator("td", { hasText: /^srcip$/ }) }).first().innerText();
	const number = /198\.51\.100\.13\s.*flows\s+(\d+)/.exec(row)?.[1];
	for (const program of ["nfdump", "flowlight"]) {
		const line = (await lines(page)).find((t) => t.startsWith(program) && t.includes("-s srcip/flows"));
		const said = shell(line).split("\n").find((l) => / 198\.51\.100\.13 /.test(l)) ?? "";
		ok(`whose number of flows ${program} proves`, number !== undefined && new RegExp(` 198\\.51\\.100\\.13 +${number}\\(`).test(said), `${row}\n${line}\n${said}`);
	}
	await go(page, () => page.locator(".leads a", { hasText: "198.51.100.13" }).click());
	ok("and a link to the host", /\/host\/198\.51\.100\.13$/.test(page.url()), page.url());
	ok("that was seen once", /^1 of /.test(await page.locator(".facts dd").nth(2).innerText()), await page.locator(".facts").innerText());
	const ribbon = page.locator(".ribbon.wide img");
	await go(page, () => ribbon.click({ position: { x: 84 + 192 * 3.75 + 2, y: 24 } }));
	ok("a click on its slot opens the flows", /from=2026-11-20T16:00&to=2026-11-20T16:05&list=1&filter=ip\+198\.51\.100\.13/.test(page.url()), page.url());
	const shown = (await page.locator(".sums b").evaluateAll((all) => all.map((b) => b.title))).slice(0, 3);
	for (const line of await lines(page)) {
		const said = /^Summary: total flows: (\d+), total bytes: (\d+), total packets: (\d+)/m.exec(shell(line)) ?? [];
		ok(`whose sums are those of ${line.replace(/ .*/, "")}`, shown.join() === [said[1], said[3], said[2]].join(), `${shown}\n${line}\n${said[0]}`);
	}
	await page.goto(url + "/");
	const strip = page.locator("a.strip img").first(), box = await strip.boundingBox();
	await go(page, () => strip.click({ position: { x: box.width - 4, y: 4 } }));
	ok("a click on a strip explains that slot", /\/explain\?source=upstream[12]&at=2026-11-20T18:[0-5]/.test(page.url()), page.url());
	await page.locator("input[name=host]").fill("192.0.2.0/24");
	await go(page, () => page.keyboard.press("Enter"));
	ok("the field finds a network", /\/host\/192\.0\.2\.0\/24$/.test(page.url()), page.url());
}

/* On paper: no navigation, no form, black on white. */
async function print(page) {
	await page.goto(url + "/explain?at=2026-11-20T16:00");
	await page.emulateMedia({ media: "print", colorScheme: "dark" });
	ok("on paper there is no navigation", !(await page.locator(".top nav").isVisible()) && !(await page.locator(".find").isVisible()));
	ok("and white is white", await page.evaluate(() => getComputedStyle(document.body).backgroundColor) === "rgb(255, 255, 255)" &&
		await page.evaluate(() => getComputedStyle(document.querySelector(".sentence")).color) === "rgb(27, 36, 48)",
		await page.evaluate(() => getComputedStyle(document.querySelector(".sentence")).color));
}

const dir = mkdtempSync(tmpdir() + "/flowlight-look.");
await run([prepare], [keyboard], [story], [print],
	[(page) => look(page, [...views, [2560, "dark"]], "with a script", true)],
	[(page) => look(page, views, "without a script", false), { javaScriptEnabled: false }]);
rmSync(dir, { recursive: true });
