# The colours of sources are told apart, also by eyes that lack red or green: simulated
# (Viénot, Brettel and Mollon 1999), all pairs, as a difference in CIELAB.
. tests/lib.sh
cat > "$T/palette.mjs" <<'JS'
import { readFileSync } from "node:fs";
const hex = (file, from, to) => readFileSync(file, "utf8").split(from)[1].split(to)[0].match(/#[0-9a-f]{6}/g);
const linear = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const rgb = (h) => [1, 3, 5].map((i) => linear(parseInt(h.slice(i, i + 2), 16) / 255));
const times = (m, v) => m.map((row) => row.reduce((sum, x, i) => sum + x * v[i], 0));
const see = {
	everybody: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
	protanopes: [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
	deuteranopes: [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
};
function lab(c) {
	const xyz = times([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], c);
	const [x, y, z] = xyz.map((v, i) => v / [0.9505, 1, 1.089][i]).map((v) => v > 0.008856 ? Math.cbrt(v) : 7.787 * v + 16 / 116);
	return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
function nearest(colours, matrix) {
	const seen = colours.map((c) => lab(times(matrix, rgb(c))));
	let least = [Infinity];
	for (let i = 0; i < seen.length; i++)
		for (let k = 0; k < i; k++) {
			const d = Math.hypot(...seen[i].map((v, n) => v - seen[k][n]));
			if (d < least[0])
				least = [d, colours[k], colours[i]];
		}
	return least;
}
const sets = { "the first eight of the palette": hex("lib/base/conf.c", "palette[] = {", "};").slice(0, 8),
	"the demo's": hex("cli/demo.c", "demo_sources[DEMO_SOURCES] = {", "};") };
let n = 0;
for (const [name, colours] of Object.entries(sets))
	for (const [who, matrix] of Object.entries(see)) {
		const [d, a, b] = nearest(colours, matrix);
		console.log(`${d >= 10 ? "ok" : "not ok"} ${++n} - ${name}, for ${who}: ${a} and ${b} are ${d.toFixed(1)} apart`);
	}
JS
node "$T/palette.mjs"
