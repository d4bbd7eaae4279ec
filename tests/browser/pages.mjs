// pages.mjs URL: the pages as a person uses them.  Prints TAP lines.
import { go, ok, refused, run, undrawn, url } from "./lib/browser.mjs";

const times = (page) => page.$$eval(".times input[name=from], .times input[name=to]", (all) => all.map((i) => i.value).join(" "));

/* The first text of an element that matches, however soon it is gone again; "" after three minutes. */
const turns = (page, selector, pattern) => page.evaluate(([what, like]) => new Promise((done) => {
	const node = document.querySelector(what), fits = () => new RegExp(like).test(node.textContent);
	new MutationObserver(() => fits() && done(node.textContent)).observe(node, { childList: true, subtree: true, characterData: true });
	setTimeout(() => done(""), 180000);
}), [selector, pattern]);

async function story(page) {
	await page.goto(url + "/");
	ok("Overview has twelve graphs", await page.locator(".thumb img").count() === 12);
	ok("all of them drawn", (await undrawn(page)).length === 0, await undrawn(page));
	await go(page, () => page.locator(".thumb").first().click());
	ok("a graph leads to its details", /\/details\?.*type=flows/.test(page.url()), page.url());

	await go(page, () => page.locator('.buttons a[data-go="peak"]').click());
	ok("the peak is found", (await times(page)) === "2026-11-20T16:00 2026-11-20T16:05", await times(page));
	await page.locator("select[name=stat1]").selectOption("srcip");
	await page.locator("select[name=statorder1]").selectOption("flows");
	await go(page, () => page.locator("button.run").click());
	const first = await page.locator(".result tbody tr").first().innerText();
	ok("the top of it is the host that opens nearly all flows", /198\.51\.100\.13/.test(first) && /240/.test(first), first);
	await go(page, () => page.locator(".result tbody tr a").first().click());
	ok("its address narrows the filter", await page.locator("textarea[name=filter]").inputValue() === "src ip 198.51.100.13",
		await page.locator("textarea[name=filter]").inputValue());
	ok("and the result", await page.locator(".result tbody tr").count() === 1);
	ok("the command lines are there", (await page.locator(".command code").allInnerTexts()).every((t) => t.includes("src ip 198.51.100.13")),
		await page.locator(".command code").allInnerTexts());
	const answer = turns(page, ".copy", "Copied|Selected");
	await page.locator(".copy").first().click();
	ok("the copy button answers", await answer !== "");
}

async function drag(page) {
	await page.goto(url + "/details?range=6h");
	const img = page.locator(".plot.wide img");
	const g = await img.evaluate((i) => ({ ...i.dataset, box: i.getBoundingClientRect().toJSON(), natural: +i.getAttribute("width") }));
	const scale = g.box.width / g.natural;
	const x = (part) => g.box.x + (+g.left + +g.width * part) * scale, y = g.box.y + g.box.height / 2;
	await page.mouse.move(x(0.25), y);
	await page.locator(".hover", { hasText: "UTC" }).waitFor();
	ok("the pointer shows its time", /2026-11-20 14:30 UTC/.test(await page.locator(".hover").innerText()), await page.locator(".hover").innerText());
	await page.mouse.down();
	await page.mouse.move(x(0.4), y, { steps: 5 });
	await page.mouse.move(x(0.5), y, { steps: 5 });
	ok("a drag is shown", await page.locator("rect.drag").waitFor({ state: "attached" }).then(() => true, () => false));
	await Promise.all([page.waitForURL(/from=/), page.mouse.up()]);
	await page.waitForLoadState("networkidle");
	ok("and selects its window", (await times(page)) === "2026-11-20T14:30 2026-11-20T16:00" || (await times(page)) === "2026-11-20T14:30 2026-11-20T16:05", await times(page));
	ok("the address keeps it", /from=2026-11-20T14:30&to=2026-11-20T16:0[05]/.test(page.url()) && !/go=/.test(page.url()), page.url());
	await go(page, () => page.mouse.click(x(0.51), y));
	ok("a click chooses a slot", /from=2026-11-20T16:0[05]&to=2026-11-20T16:(05|10)/.test(page.url()), page.url());
	const [before] = (await times(page)).split(" ");
	await Promise.all([page.waitForURL((u) => !u.search.includes("from=" + before)), page.keyboard.press("ArrowLeft")]);
	ok("an arrow key goes to the slot before", (await times(page)).endsWith(" " + before), await times(page));
}

/* Without JavaScript the browser itself says where a click on the graph was. */
async function plain(page) {
	await page.goto(url + "/details?range=6h");
	const img = page.locator(".plot.wide img");
	const g = { left: +await img.getAttribute("data-left"), width: +await img.getAttribute("data-width") };
	await go(page, () => img.click({ position: { x: g.left + g.width / 2 + 2, y: 100 } }));
	ok("without script a click chooses a slot", /from=2026-11-20T16:00&to=2026-11-20T16:05/.test(page.url()), page.url());
	await page.locator(".times input[name=from]").fill("14:30");
	await page.locator(".times input[name=to]").fill("15:00");
	await go(page, () => page.locator(".times button").click());
	ok("typed times are understood", (await times(page)) === "2026-11-20T14:30 2026-11-20T15:00", await times(page));
	await page.locator("main input[value=list]").check();
	await page.locator("textarea[name=filter]").fill("proto udp");
	await go(page, () => page.locator("button.run").click());
	ok("flows are listed", await page.locator(".result tbody tr").count() === 20);
	await page.locator("main input[value=group]").check();
	ok("a key that is no network has no bits", !(await page.locator("main input[name=bits1]").isVisible()));
	await page.locator("select[name=key1]").selectOption("srcip4");
	await page.locator("main input[name=bits1]").fill("20");
	await page.locator("select[name=key2]").selectOption("proto");
	await page.locator("select[name=sort]").selectOption("duration");
	await go(page, () => page.locator("button.run").click());
	ok("keys are chosen from menus", /keys=srcip4\/20,proto&order=duration/.test(page.url()), page.url());
}

async function wrong(page) {
	await page.goto(url + "/details?by=srcip&filter=prot+tcp");
	ok("a wrong filter is told at the form", /line 1, column 1/.test(await page.locator("#form-errors").innerText()));
	await refused();
}

await run([story], [drag], [plain, { javaScriptEnabled: false }], [wrong]);
