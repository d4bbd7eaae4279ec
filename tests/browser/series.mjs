// series.mjs URL: series as a person uses them.  Prints TAP lines.
import { go, ok, run, url } from "./lib/browser.mjs";

const cell = (page, row, column) => page.locator(`.lines tbody tr:nth-child(${row}) > :nth-child(${column})`).innerText();

async function fits(page, what) {
	const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
	const drawn = await page.waitForFunction(() => [...document.images].every((i) =>
		!i.checkVisibility() || (i.complete && i.naturalWidth > 0))).then(() => true, () => false);
	ok(`${what} fits, and its pictures are drawn`, over <= 0 && drawn, `${over} pixels too wide; pictures drawn: ${drawn}`);
}

/* The host that opens most flows at four o'clock is found by taking layers off. */
async function peel(page) {
	await page.goto(url + "/analysis?from=2026-11-20T15:30&to=2026-11-20T16:30&type=flows&keys=dstip&top=3");
	await fits(page, "Analysis");
	ok("three lines and all others", await page.locator(".lines tbody tr").count() === 4);
	const others = await cell(page, 4, 2);
	await go(page, () => page.locator(".lines .others a").click());
	ok("all others, clicked, are what is left", await page.locator(".lines tfoot td").first().innerText() === others, others);
	ok("as a term of the filter", (await page.locator(".chips code").first().innerText()).startsWith("not ("));
	await page.locator("select[name=keys]").selectOption("srcip");
	await go(page, () => page.locator("button.run").click());
	ok("by sources, one has most of it", (await cell(page, 1, 1)).includes("198.51.100.13"), await cell(page, 1, 1));
	await go(page, () => page.locator(".lines tbody tr a").first().click());
	ok("kept, it is alone", await page.locator(".lines tbody tr").count() === 2 && await cell(page, 2, 2) === "0", await cell(page, 2, 2));
	ok("and the command line says so", (await page.locator(".command code").first().innerText()).includes("src ip 198.51.100.13"));
}

async function drag(page) {
	await page.goto(url + "/analysis?from=2026-11-20T16:00&to=2026-11-20T17:00");
	const img = page.locator(".plot.wide img");
	const g = await img.evaluate((i) => ({ ...i.dataset, box: i.getBoundingClientRect().toJSON(), natural: +i.getAttribute("width") }));
	const scale = g.box.width / g.natural;
	const x = (part) => g.box.x + (+g.left + +g.width * part) * scale, y = g.box.y + g.box.height / 2;
	await page.mouse.move(x(0.5), y);
	await page.locator(".hover", { hasText: "16:30:00 UTC" }).waitFor();
	ok("the pointer shows its time with seconds", true);
	await page.mouse.down();
	await page.mouse.move(x(0.55), y, { steps: 5 });
	await go(page, () => page.mouse.up());
	const from = await page.locator("main input[name=from]").inputValue(), to = await page.locator("main input[name=to]").inputValue();
	ok("a dragged window is exact", from === "2026-11-20T16:30" && /^2026-11-20T16:33(:10)?$/.test(to), `${from} ${to}`);
	ok("and has shorter buckets", /of 1 s/.test(await page.locator(".main .note").last().innerText()), await page.locator(".main .note").last().innerText());
}

/* The slider changes the pictures, and the address with them. */
async function slide(page) {
	await page.goto(url + "/light?span=1d&weeks=2");
	await fits(page, "Light table");
	const img = page.locator(".plot.wide img"), before = await img.getAttribute("src");
	await page.locator("main input[name=alpha]").focus();
	await page.keyboard.press("Home");
	await page.waitForURL(/alpha=10/);
	const after = await img.getAttribute("src");
	ok("the slider asks for other pictures", after !== before && after.includes("alpha=10"), after);
	await page.waitForLoadState("networkidle");
	await fits(page, "Light table with another opacity");
}

/* A click into the picture, where it is smaller than it was drawn, is a click into its cell. */
async function click(page, kind) {
	await page.goto(url + "/heat?weeks=1");
	await fits(page, "Heat map");
	const img = page.locator(`.plot.${kind} img`), box = await img.boundingBox(), size = await img.evaluate((i) => [i.getAttribute("width"), i.getAttribute("height")]);
	const [x, y] = kind === "wide" ? [804, 180] : [239, 148];
	await go(page, () => page.mouse.click(box.x + x * box.width / size[0], box.y + y * box.height / size[1]));
	ok("a cell leads to its hour", page.url().includes("from=2026-11-20T17:00&to=2026-11-20T18:00"), page.url());
}

/* The host that was not there half an hour before comes first. */
async function compare(page) {
	await page.goto(url + "/compare?from=2026-11-20T16:00&to=2026-11-20T16:30");
	await fits(page, "Compare");
	const first = await page.locator(".result tbody tr").first().innerText();
	ok("the host that is new comes first", /198\.51\.100\.13\s+240\s+0\s+\+240\s+new/.test(first), first);
	ok("and leads to its page", (await page.locator(".result tbody th a").first().getAttribute("href")).endsWith("/host/198.51.100.13"));
	await go(page, () => page.locator(".result tbody td a").first().click());
	ok("and its flows are there", (await page.locator("textarea[name=filter]").inputValue()) === "src ip 198.51.100.13" &&
		await page.locator(".result tbody tr").count() > 10, page.url());
}

await run(
	[peel, { colorScheme: "light" }],
	[peel, { viewport: { width: 400, height: 900 }, colorScheme: "dark", javaScriptEnabled: false }],
	[drag],
	[slide, { colorScheme: "dark" }],
	[compare],
	[compare, { viewport: { width: 400, height: 800 }, colorScheme: "dark", javaScriptEnabled: false }],
	[(page) => click(page, "wide"), { viewport: { width: 1100, height: 800 } }],
	[(page) => click(page, "narrow"), { viewport: { width: 400, height: 800 } }],
);
