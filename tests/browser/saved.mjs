// saved.mjs URL: what people keep: queries and filters by name, a dashboard, a notebook, and their export.
// Prints TAP lines.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { go, keep, ok, run, undrawn, url } from "./lib/browser.mjs";

const slot = "/details?from=2026-11-20T16:00&to=2026-11-20T16:05";
const top = slot + "&by=srcip&order=flows&top=5&filter=proto+tcp";
const dir = mkdtempSync(tmpdir() + "/flowlight-saved.");
const first = (page) => page.locator("main table tbody tr").first().innerText();

/* A name leads back to the page; a filter's name adds it to the one of another page. */
async function names(page, whose) {
	await page.goto(url + top);
	await keep(page, /^Save the page/, { name: "who did it " + whose });
	await go(page, () => page.getByRole("link", { name: "who did it " + whose }).click());
	ok("a saved query leads back to its page", page.url().endsWith(top), page.url());
	await keep(page, /^Save the filter/, { name: "tcp " + whose });
	await page.goto(url + slot + "&by=dstport&filter=src+ip+198.51.100.13");
	await go(page, () => page.locator(".filter a.saved").click());
	await go(page, () => page.getByRole("link", { name: "tcp " + whose }).click());
	const filter = await page.locator("textarea[name=filter]").inputValue();
	ok("a saved filter is added to the one of a page", filter === "src ip 198.51.100.13 and proto tcp", filter);
	ok("and the page is what it was", /by=dstport/.test(page.url()), page.url());
}

/* The exported file, opened where there is nothing else. */
async function exported(page, name, row) {
	const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Export" }).click()]);
	const path = `${dir}/${name}.html`, asked = [];
	await file.saveAs(path);
	ok(`${name}: an export is one file`, statSync(path).size > 10000 && file.suggestedFilename() === "flowlight-board.html", file.suggestedFilename());
	page.on("request", (r) => asked.push(r.url()));
	await page.goto("file://" + path);
	ok(`${name}: its pictures are in it`, await page.locator("img").count() === 1 && (await undrawn(page)).length === 0);
	ok(`${name}: its table as well`, (await first(page)) === row, await first(page));
	ok(`${name}: it asks for nothing else`, asked.every((a) => a === "file://" + path || a.startsWith("data:")), asked.join("\n"));
	ok(`${name}: and looks as the pages do`, await page.locator(".card").first().evaluate((c) => getComputedStyle(c).borderRadius) !== "0px");
}

async function boards(page, whose) {
	const rows = {};
	await page.goto(url + "/details?by=srcip&order=flows&top=5&filter=proto+tcp");
	rows.dashboard = (await first_cell(page));
	await page.goto(url + top);
	rows.notebook = (await first_cell(page));
	for (const kind of ["dashboard", "notebook"]) {
		const name = `${kind} ${whose}`;
		await page.goto(url + top);
		await keep(page, /^Pin the graph/, { title: "Flows then", name, kind });
		await page.goto(url + top);
		await keep(page, /^Pin the table/, { title: "Who did it", board: `${name} (${kind})` });
		await page.locator("input[name=title]").fill("What it was");
		await page.locator("textarea[name=note]").fill("A scan.\nThe desk knows.");
		await go(page, () => page.getByRole("button", { name: "Add" }).click());
		await page.goto(url + "/saved");
		await go(page, () => page.getByRole("link", { name }).click());
		ok(`${name}: a graph, a table and a note in their order`, (await page.locator(".board h2").allInnerTexts()).map((t) => t.split(" ")[0]).join() === "Flows,Who,What",
			await page.locator(".board h2").allInnerTexts());
		ok(`${name}: the graph is drawn`, (await undrawn(page)).length === 0, await undrawn(page));
		const row = await first(page);
		ok(`${name}: the table is that of ${kind === "dashboard" ? "the newest slot" : "then"}`, row.split(/\s/)[0] === rows[kind], row);
		ok(`${name}: the note has its lines`, await page.locator(".written").innerText() === "A scan.\nThe desk knows.");
		await exported(page, name.replace(" ", "-"), row);
	}
}
const first_cell = (page) => page.locator(".result tbody tr td a").first().innerText();

const plain = { javaScriptEnabled: false, viewport: { width: 400, height: 800 }, colorScheme: "dark" };
await run([(page) => names(page, "A")], [(page) => names(page, "B"), plain],
	[(page) => boards(page, "A")], [(page) => boards(page, "B"), plain]);
rmSync(dir, { recursive: true });
