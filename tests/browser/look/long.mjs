// long.mjs URL SEARCH: a query that takes long, with its progress; it ends when it is cancelled and when nobody
// waits for it any longer.  Prints TAP lines.
import { faults } from "../lib/axe.mjs";
import { go, ok, run, url } from "../lib/browser.mjs";

const search = process.argv[3];
const running = async (page) => (await (await page.request.get(url + "/queries.json")).json()).queries.filter((q) => q.running).length;

/* Asked again and again, for minutes: a busy machine takes its time. */
async function becomes(f) {
	for (let n = 0; n < 2000; n++) {
		if (await f())
			return true;
		await new Promise((done) => setTimeout(done, 100));
	}
	return false;
}

/* Asks by the form of the page and waits until files have been read. */
async function ask(page) {
	const asked = new URLSearchParams(search);
	await page.goto(`${url}/details?from=${asked.get("from")}&to=${asked.get("to")}`);
	await page.locator("input[value=list]").check();
	await page.locator("textarea[name=filter]").fill(asked.get("filter"));
	await page.locator("button.run").click();
	await page.locator(".running .note", { hasText: /^[1-9]\d* of 144 files/ }).waitFor({ timeout: 300000 });
}

async function cancelled(page) {
	await ask(page);
	const bar = page.locator(".running progress");
	ok("a long query shows how far it is", await bar.getAttribute("max") === "144" && +await bar.getAttribute("value") > 0);
	const list = await page.context().newPage();
	await list.goto(url + "/queries");
	ok("it is among the queries", /at work/.test(await list.locator("tbody tr").innerText()), await list.locator("main").innerText());
	const wrong = await faults(list);
	ok("which are accessible", wrong.length === 0, wrong.join("\n"));
	await list.close();
	await go(page, () => page.locator(".running button").click());
	ok("cancelled, it says that it is a part", /Partial result\..*stopped after \d+ of 144 files/.test(await page.locator(".banner").innerText()),
		await page.locator("main").innerText());
	ok("and where the page was", await page.locator("textarea[name=filter]").inputValue() === new URLSearchParams(search).get("filter") && !/job=/.test(page.url()), page.url());
	ok("the work has stopped", await becomes(async () => await running(page) === 0));
}

async function left(page) {
	await ask(page);
	const other = await page.context().newPage();
	ok("another query is at work", await running(other) === 1);
	await page.close();
	ok("a closed page ends it", await becomes(async () => await running(other) === 0));
}

/* Without a script the browser waits for the page. */
async function left_plain(page) {
	const other = await page.context().newPage();
	page.goto(`${url}/details?${search}`).catch(() => {});
	ok("without a script too a query is at work", await becomes(async () => await running(other) === 1));
	await page.close();
	ok("and a closed page ends it", await becomes(async () => await running(other) === 0));
}

await run([cancelled], [left], [left_plain, { javaScriptEnabled: false }]);
