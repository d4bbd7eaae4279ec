// screenshots.mjs URL DIR: the main pages as pictures for the README.
import { writeFileSync } from "node:fs";
import { go, keep, run, undrawn, url } from "../lib/browser.mjs";
import { smaller } from "./png.mjs";

const dir = process.argv[3], slot = "from=2026-11-20T14:35&to=2026-11-20T14:40";
const details = `/details?${slot}&type=flows&by=srcip&order=flows&top=4`;
const pictures = {
	overview: ["/", 1240],
	details: [details, 1800],
	explain: ["/explain?source=office&at=2026-11-20T14:35", 1400],
	host: ["/host/10.20.3.77?range=1w", 1320],
	analysis: ["/analysis?from=2026-11-20T13:00&to=2026-11-20T16:00&type=flows&source=office", 1100],
	light: ["/light?type=flows&span=1d&weeks=1&band=1", 900],
	heat: ["/heat?type=flows&weeks=2", 760],
	compare: [`/compare?${slot}&by=srcip&top=8`, 1060],
};

async function shoot(page, name, [path, most]) {
	if (path !== null)
		await page.goto(url + path);
	const height = Math.min(most, await page.evaluate(() => document.documentElement.scrollHeight));
	await page.setViewportSize({ width: 1400, height });
	await undrawn(page);
	await page.mouse.move(0, 0);
	writeFileSync(`${dir}/${name}.png`, smaller(await page.screenshot()));
}

/* A notebook as it is after the incident. */
async function board(page) {
	await page.goto(url + "/details?type=flows");
	await keep(page, /^Pin the graph/, { title: "Flows of the day", name: "Friday’s freeze", kind: "notebook" });
	const id = page.url().replace(/.*=/, "");
	for (const [heading, title, path] of [[/^Pin the table/, "One host opens them", details],
	    [/^Pin the graph/, "Not so the week before", pictures.light[0]]]) {
		await page.goto(url + path);
		await keep(page, heading, { title, board: id });
	}
	await page.locator("input[name=title]").fill("What it was");
	await page.locator("textarea[name=note]").fill("A report on 10.20.3.77 opened a connection for each row.\nIt runs at 14:35. The desk has been told.");
	await go(page, () => page.getByRole("button", { name: "Add" }).click());
	await shoot(page, "board", [null, 640]);
}

const screen = { viewport: { width: 1400, height: 900 }, colorScheme: "light" };
await run(...Object.entries(pictures).map(([name, what]) => [(page) => shoot(page, name, what), screen]), [board, screen]);
