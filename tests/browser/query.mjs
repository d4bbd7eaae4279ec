// query.mjs URL: asking for flows, with and without a script.  Prints TAP lines.
import { go, ok, refused, run, url } from "./lib/browser.mjs";

const slot = "/details?from=2026-11-20T15:55&to=2026-11-20T16:05";
const terms = (page) => page.locator(".chips code").allInnerTexts();
const offered = (page, word) => page.locator(".offers li code", { hasText: new RegExp(`^${word}$`) }).waitFor().then(() => true, () => false);

/* Words are offered while the filter is typed, and faults told. */
async function typing(page) {
	await page.goto(url + slot);
	await page.keyboard.press("/");
	const area = page.locator(".filter textarea");
	ok("/ goes to the filter", await area.evaluate((a) => a === document.activeElement));
	await area.pressSequentially("proto ud");
	ok("udp is offered", await offered(page, "udp"));
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("Tab");
	ok("and taken", await area.inputValue() === "proto udp ", await area.inputValue());
	await area.pressSequentially("and prot 1 ");
	await page.locator("#filter-check.error").waitFor();
	ok("a fault is told with its column", /column 15: .*"prot"/.test(await page.locator("#filter-check").innerText()), await page.locator("#filter-check").innerText());
	await area.fill("proto udp and ip 198.51.100.13");
	await page.locator("#cost", { hasText: "no such address" }).waitFor();
	ok("what it will read follows", /Reads [0-3] files?,/.test(await page.locator("#cost").innerText()), await page.locator("#cost").innerText());
	await go(page, () => page.locator(".buttons a[data-go=previous]").click());
	ok("another slot keeps what was typed", await area.inputValue() === "proto udp and ip 198.51.100.13", await area.inputValue());
	await area.fill("proto udp");
	await page.keyboard.press("Escape");
	await go(page, () => page.keyboard.press("Control+Enter"));
	ok("Ctrl Enter runs", await page.locator(".result tbody tr").count() > 0);
}

/* What is offered may come later than the next key: what was chosen stays, and takes the place of all that was typed. */
async function late(page) {
	let release;
	const released = new Promise((done) => { release = done; }), area = page.locator(".filter textarea");
	await page.goto(url + slot);
	await area.pressSequentially("proto u");
	ok("words are offered", await offered(page, "udp"));
	await page.route(/filter\.json.*ud/, (route) => released.then(() => route.continue()));
	await Promise.all([page.waitForRequest(/filter\.json.*ud/), area.press("d")]);
	await page.keyboard.press("ArrowDown");
	const chosen = await page.locator(".offers [aria-selected=true] code").innerText();
	await page.locator(".offers").evaluate((list) => { list.firstElementChild.id = "old"; });
	release();
	await page.locator("#old").waitFor({ state: "detached" });
	ok("one that is chosen stays so", await page.locator(".offers [aria-selected=true] code").innerText() === chosen, chosen);
	await page.keyboard.press("Tab");
	ok("and is taken", await area.inputValue() === `proto ${chosen} `, await area.inputValue());
	await area.fill("");
	await area.pressSequentially("src po");
	ok("others are offered", await offered(page, "port"));
	await page.route(/filter\.json.*por/, () => {});
	await Promise.all([page.waitForRequest(/filter\.json.*por/), area.press("r")]);
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("Tab");
	ok("the word that was begun is not there twice", await area.inputValue() === "src port ", await area.inputValue());
}

/* Keys and the list of them. */
async function keys(page) {
	await page.goto(url + slot);
	await page.keyboard.press("?");
	ok("? shows the keys", await page.locator("dialog#keys").isVisible());
	await page.keyboard.press("Escape");
	ok("Esc closes them", await page.locator("dialog#keys").waitFor({ state: "hidden" }).then(() => true, () => false));
	await page.waitForFunction(() => document.activeElement === document.body);
	await go(page, () => page.keyboard.press("p"));
	ok("p goes to the peak", /go=peak|from=/.test(page.url()));
	await go(page, () => page.keyboard.press("Shift+ArrowLeft"));
	ok("Shift and an arrow go back a day", /from=2026-11-19T/.test(page.url()), page.url());
}

/* Several statistics, one after the other. */
async function statistics(page) {
	await page.goto(url + slot);
	await page.locator("select[name=stat2]").selectOption("dstport");
	await page.locator("select[name=statorder2]").selectOption("bytes");
	await page.locator("select[name=stat3]").selectOption("proto");
	ok("menus grow", await page.locator("select[name=stat4]").isVisible());
	await go(page, () => page.locator("button.run").click());
	ok("three tables", await page.locator("table.result").count() === 3);
	ok("each with its name", (await page.locator(".heading").allInnerTexts()).join() === "Src IP Addr by Flows,Dst Port by Bytes,Protocol by Flows",
		await page.locator(".heading").allInnerTexts());
	await go(page, () => page.locator("table.result").nth(1).locator("td a").first().click());
	ok("a value narrows all of them", await page.locator("table.result").nth(1).locator("tbody tr").count() === 1);
}

/* The incident's way without a script: fields, narrowing, leaving out, widening again. */
async function plain(page) {
	await page.goto(url + slot);
	await page.locator("details.fields summary").click();
	await page.locator("main input[name=f_dstport]").fill("23, 443");
	await page.locator("main input[name=f_proto]").fill("tcp");
	await go(page, () => page.locator("button.run").click());
	ok("fields are terms", (await terms(page)).join() === "dst port in [23 443],proto tcp", await terms(page));
	await go(page, () => page.locator(".result tbody .not").first().click());
	ok("a value is left out", (await terms(page)).length === 3 && (await terms(page))[2].startsWith("not src ip "), await terms(page));
	await go(page, () => page.locator(".chips a").first().click());
	ok("a term is taken out", (await terms(page))[0] === "proto tcp", await terms(page));
	await page.locator("details.fields summary").click();
	await page.locator("main input[name=f_srcip]").fill("10.0.0");
	await page.locator("select[name=match]").selectOption("start");
	await page.locator(".times input[name=to]").fill("tea time");
	await page.locator("main input[name=f_dstip]").fill("203.0.113.7");
	await go(page, () => page.locator("button.run").click());
	ok("what is wrong stays in its place", await page.locator("main input[name=f_srcip]").inputValue() === "10.0.0" &&
		await page.locator(".times input[name=to]").inputValue() === "tea time" && await page.locator("main input[name=f_dstip]").inputValue() === "203.0.113.7");
	await refused();
	ok("and is told", /Source IP: /.test(await page.locator("#form-errors").innerText()) && /^to: /.test(await page.locator("#times-error").innerText()));
}

/* A line of nfdump. */
async function paste(page) {
	await page.goto(url + slot + "&by=srcip&order=bytes");
	const line = await page.locator(".command code", { hasText: "nfdump -M" }).innerText();
	await page.locator("details.paste summary").click();
	await page.locator("textarea[name=line]").fill(line.replace("srcip/bytes", "dstport/packets") + " -- \\\n 'proto udp'");
	await go(page, () => page.locator(".paste button").click());
	ok("a line becomes its page", /by=dstport&order=packets/.test(page.url()) && (await terms(page)).join() === "proto udp", page.url());
}

await run([typing], [late], [keys], [statistics], [plain, { javaScriptEnabled: false }], [paste, { viewport: { width: 400, height: 800 } }]);
