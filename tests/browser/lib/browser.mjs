// What tests in a browser share: TAP lines, pages whose complaints are kept, steps that lead elsewhere.
import { chromium } from "playwright-core";

export const url = process.argv[2];
export const complaints = [];
let count = 0;
/* Milliseconds for what is waited for: no test is about time, and machines are busy. */
const PATIENCE = 200000;

export function ok(name, good, more) {
	count++;
	console.log(`${good ? "ok" : "not ok"} ${count} - ${name}`);
	if (!good && more !== undefined)
		console.log("# " + String(more).replaceAll("\n", "\n# "));
}

const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
	timeout: PATIENCE,
	args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

export async function open(options) {
	const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
	context.setDefaultTimeout(PATIENCE);
	const page = await context.newPage();
	page.on("console", (m) => m.type() === "error" && complaints.push(`${page.url()}: ${m.text()}`));
	page.on("pageerror", (e) => complaints.push(`${page.url()}: ${e.message}`));
	/* Pictures that are still on their way when the page is left are no fault. */
	page.on("requestfailed", (r) => r.failure()?.errorText === "net::ERR_ABORTED" ||
		complaints.push(`${r.url()}: ${r.failure()?.errorText}`));
	return page;
}

/* The pictures that are seen on the page but are not drawn, however long they are waited for. */
export async function undrawn(page) {
	/* Those far below would be fetched only when they come near.  Asked from here: pages without a script have no timers. */
	for (let n = 0; ; n++) {
		const missing = await page.$$eval("img", (all) => all.filter((i) => {
			i.loading = "eager";
			return i.checkVisibility() && !(i.complete && i.naturalWidth > 0);
		}).map((i) => i.currentSrc));
		if (missing.length === 0 || n === PATIENCE / 50)
			return missing;
		await new Promise((done) => setTimeout(done, 50));
	}
}

/* The page was refused with status 400, on purpose: the complaint is heard and forgotten. */
export async function refused() {
	for (let n = 0; complaints.length === 0 && n < PATIENCE / 50; n++)
		await new Promise((done) => setTimeout(done, 50));
	ok("with status 400, on purpose", complaints.length > 0 && complaints.every((c) => c.endsWith("400 (Bad Request)")), complaints.join("\n"));
	complaints.length = 0;
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

/* Over "Save or pin …" of the page to the form under a heading, which is filled in and sent. */
export async function keep(page, heading, fields) {
	await go(page, () => page.locator(".keeper button").click());
	const form = page.locator("section", { has: page.getByRole("heading", { name: heading }) }).locator("form").first();
	for (const [name, value] of Object.entries(fields)) {
		const field = form.locator(`[name=${name}]:not([type=hidden])`);
		if (await field.evaluate((f) => f.matches("select")))
			await field.selectOption(value);
		else
			await field.fill(value);
	}
	await go(page, () => form.locator("button.run").click());
}
