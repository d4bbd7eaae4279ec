// screenshots.mjs URL DIR: the main pages as pictures for the README.
import { writeFileSync } from "node:fs";
import { run, url } from "../lib/browser.mjs";
import { smaller } from "./png.mjs";

const dir = process.argv[3], slot = "from=2026-11-20T14:35&to=2026-11-20T14:40";
const pictures = {
	overview: ["/", 1240],
	details: [`/details?${slot}&type=flows&by=srcip&order=flows&top=5`, 1840],
	explain: ["/explain?source=office&at=2026-11-20T14:35", 1400],
	host: ["/host/10.20.3.77?range=1w", 1320],
	analysis: ["/analysis?from=2026-11-20T13:00&to=2026-11-20T16:00&type=flows&source=office", 1100],
};

async function shoot(page, name, [path, most]) {
	await page.goto(url + path, { waitUntil: "networkidle" });
	const height = Math.min(most, await page.evaluate(() => document.documentElement.scrollHeight));
	await page.setViewportSize({ width: 1400, height });
	await page.waitForLoadState("networkidle");
	writeFileSync(`${dir}/${name}.png`, smaller(await page.screenshot()));
}

await run(...Object.entries(pictures).map(([name, what]) => [(page) => shoot(page, name, what), { viewport: { width: 1400, height: 900 }, colorScheme: "light" }]));
