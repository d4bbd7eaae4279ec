// follow.mjs URL COMMAND…: a page that follows, while COMMAND makes something new come in.  Prints TAP lines.
import { execFileSync } from "node:child_process";
import { ok, open, run, url } from "../browser/lib/browser.mjs";

const [command, ...words] = process.argv.slice(3);
const look = (page) => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
const shown = (page) => page.locator(".selected strong").first().innerText();
/* Until the page shows another time; it looks as often as it is told that it is seen. */
async function renewed(page, before) {
	for (let i = 0; i < 2000 && await shown(page) === before; i++) {
		await look(page);
		await page.waitForTimeout(100);
	}
	return shown(page);
}

async function follows(page) {
	const still = await open(), answered = await open(), typing = await open();
	await page.goto(url + "/details?range=6h", { waitUntil: "networkidle" });
	await typing.goto(url + "/details?range=6h", { waitUntil: "networkidle" });
	await still.goto(url + "/details?from=2026-11-20T18:55&to=2026-11-20T19:00", { waitUntil: "networkidle" });
	await answered.goto(url + "/details?by=srcip", { waitUntil: "networkidle" });
	ok("a page of fixed times does not follow", await still.locator("span.live").count() === 0 && await still.locator("body[data-follow]").count() === 0);
	ok("nor one with an answer", await answered.locator("body[data-follow]").count() === 0);
	await page.evaluate(() => { window.here = true; });
	await page.locator("textarea[name=filter]").fill("proto tcp and");
	await page.evaluate(() => document.activeElement.blur());
	await typing.locator(".times input[name=from]").fill("14:30");
	const before = await shown(page), first = await page.locator(".plot.wide img").getAttribute("src");
	execFileSync(command, words);
	ok("what is new is shown", (await renewed(page, before)).includes("19:00"), await shown(page));
	ok("in place", await page.evaluate(() => window.here === true));
	ok("with new pictures", await page.locator(".plot.wide img").getAttribute("src") !== first);
	ok("a filter that is being typed stays", await page.locator("textarea[name=filter]").inputValue() === "proto tcp and");
	ok("the times are those of what is shown", await page.locator(".times input[name=from]").inputValue() === "2026-11-20T19:00");
	await page.locator(".plot.wide img").hover();
	ok("the new graph has its script", /2026-11-20/.test(await page.locator(".hover").innerText()));
	const asked = typing.waitForRequest(/newest/, { timeout: 300 }).then(() => true, () => false);
	await look(typing);
	ok("while somebody types nothing is renewed", !await asked && (await shown(typing)) === before &&
		await typing.locator(".times input[name=from]").inputValue() === "14:30");
	await typing.locator(".times input[name=from]").fill("2026-11-20T18:55");
	await typing.evaluate(() => document.activeElement.blur());
	ok("but then", (await renewed(typing, before)).includes("19:00"));
	for (const other of [still, answered, typing])
		await other.context().close();
}

await run([follows]);
