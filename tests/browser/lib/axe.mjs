// What axe-core finds that is serious.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/* What depends on the colours and on the width, not only on the page. */
const seen = ["color-contrast", "link-in-text-block", "scrollable-region-focusable"];

/* Run in the page, which learns of another width when its next frame is drawn: there is one drawn since. */
const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

/* again: the same page has been looked at, in other colours or at another width. */
export async function faults(page, again) {
	await page.evaluate(drawn);
	if (!again)
		await page.evaluate(axe);
	const found = await page.evaluate((rules) => axe.run(document, { resultTypes: ["violations"], ...rules && { runOnly: rules } }), again ? seen : null);
	return found.violations.filter((v) => v.impact === "serious" || v.impact === "critical")
		.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`);
}
