// What tests in a browser share: TAP lines, pages whose complaints are kept, steps that lead elsewhere.
import { chromium } from "playwright-core";

export const url = process.argv[2];
export const complaints = [];
let count = 0;

export function ok(name, good, more) {
	count++;
	console.log(`${good ? "ok" : "not ok"} ${count} - ${name}`);
	if (!good && more !== undefined)
		console.log("# " + String(more).replaceAll("\n", "\n# "));
}

const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
	args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

export async function open(options) {
	const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
	const page = await context.newPage();
	page.on("console", (m) => m.type() === "error" && complaints.push(`${page.url()}: ${m.text()}`));
	page.on("pageerror", (e) => complaints.push(`${page.url()}: ${e.message}`));
	/* Pictures that are still on their way when the page is left are no fault. */
	page.on("requestfailed", (r) => r.failure()?.errorText === "net::ERR_ABORTED" ||
		complaints.push(`${r.url()}: ${r.failure()?.errorText}`));
	return page;
}

/* Does what leads to another page, and waits until that is there. */
export const go = (page, action) => Promise.all([page.waitForEvent("load"), action()]);

/* Runs the steps, one page each, and tells of what went wrong in any. */
export async function run(...steps) {
	try {
		for (const [step, options] of steps) {
			const page = await open(options);
			await step(page);
			await page.context().close();
		}
	} catch (e) {
		ok("no step fails", false, e.stack);
	}
	ok("no console error, no page error, no failed request", complaints.length === 0, complaints.join("\n"));
	await browser.close();
}
