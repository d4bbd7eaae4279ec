// differ.mjs URL N SEED UNTIL HOURS: asks the pages N random questions, and nfdump the lines they show.
import { exec } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(exec);
const [url, n, seed, until, hours] = process.argv.slice(2);

let state = Number(seed);
const random = (below) => {	/* mulberry32 */
	state = (state + 0x6d2b79f5) | 0;
	let t = Math.imul(state ^ (state >>> 15), 1 | state);
	t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
	return ((t ^ (t >>> 14)) >>> 0) % below;
};
const pick = (list) => list[random(list.length)];

const get = async (path) => {
	const reply = await fetch(url + path);
	if (reply.status !== 200)
		throw new Error(`${path}: status ${reply.status}: ${(await reply.text()).slice(0, 300)}`);
	return reply.json();
};
const cells = (m) => m.result.tables[0].rows.map((r) => r.cells[0].text);

const slots = Number(hours) * 12, end = Date.parse(until + "Z") / 1000;
const time = (slot) => new Date((end - (slots - slot) * 300) * 1000).toISOString().slice(0, 16);
const whole = `from=${time(0)}&to=${time(slots)}`;
/* What there is to ask for: mostly things that are there. */
const hosts = cells(await get(`/details.json?${whole}&by=ip&order=flows&top=60`));
const ports = [...cells(await get(`/details.json?${whole}&by=port&order=flows&top=30`)), "1", "65535"].map((p) => p.split(" ")[0]);
const net = (ip) => ip.includes(":") ? `${ip}/${pick([32, 48, 64, 128])}` : `${ip}/${pick([8, 16, 20, 24, 32])}`;

const terms = [
	() => `proto ${pick(["tcp", "udp", "icmp", "icmp6", "17", "6"])}`,
	() => `${pick(["", "src ", "dst "])}ip ${pick(hosts)}`,
	() => `${pick(["", "src ", "dst "])}net ${net(pick(hosts))}`,
	() => `${pick(["", "src ", "dst "])}ip in [ ${pick(hosts)} ${pick(hosts)} ${pick(hosts)} ]`,
	() => `${pick(["", "src ", "dst "])}port ${pick(ports)}`,
	() => `${pick(["src ", "dst "])}port ${pick(["> ", "< "])}${pick(ports)}`,
	() => `${pick(["", "src ", "dst "])}port in [ ${pick(ports)} ${pick(ports)} ]`,
	() => `packets ${pick([">", "<"])} ${random(200)}`,
	() => `bytes ${pick([">", "<"])} ${pick([40, 100, 1500, 10000, 100000])}`,
	() => `duration ${pick([">", "<"])} ${pick([1, 100, 5000, 60000])}`,
	() => `bpp ${pick([">", "<"])} ${pick([60, 300, 900])}`,
	() => `pps ${pick([">", "<"])} ${pick([1, 10, 100])}`,
	() => `bps ${pick([">", "<"])} ${pick([100, 10000, 1000000])}`,
	() => pick(["inet", "inet6"]),
	() => `flags ${pick(["S", "SA", "F", "R"])} and not flags ${pick(["A", "P", "U"])}`,
	() => `${pick(["in ", "out ", ""])}if ${pick([1, 2, 3])}`,
	() => "any",
];
const filter = (depth) => {
	if (depth === 0 || random(3) === 0)
		return (random(4) === 0 ? "not " : "") + `(${pick(terms)()})`;
	return `(${filter(depth - 1)} ${pick(["and", "or", "and"])} ${filter(depth - 1)})`;
};

const names = ["flows", "packets", "bytes"];
const add = (sum, row) => sum.map((v, i) => v + Number(row[i]));
const text = (sum) => sum.map((v, i) => `${v} ${names[i]}`).join(" ");

/* Sums of the rows that nfdump prints as csv. */
async function nfdump(line) {
	const { stdout } = await run(line.replace(/^nfdump /, "nfdump -q -N -o csv "), { env: { ...process.env, TZ: "UTC" }, maxBuffer: 1 << 26 });
	return stdout.split("\n").map((l) => l.split(",")).filter((c) => /^\d+$/.test(c[5]))
		.reduce((sum, c) => add(sum, [c[5], c[7], c[9]]), [0, 0, 0]);
}

let failed = 0, asked = 0, compared = 0, matched = 0;
async function question() {
	const from = random(slots), to = from + 1 + random(slots - from);
	const source = pick(["", "", "&source=upstream1", "&source=upstream2"]);
	const bucket = pick(["1h", "5m", "1m", "10s", "1s"]);
	/* At most 4000 buckets are drawn. */
	const series = (to - from) * 300 / { "1h": 3600, "5m": 300, "1m": 60, "10s": 10, "1s": 1 }[bucket] > 3000 ? "5m" : bucket;
	const q = `from=${time(from)}&to=${time(to)}${source}&filter=${encodeURIComponent(filter(2))}`;
	const top = await get(`/details.json?${q}&by=proto&order=flows&top=300`);
	const graph = await get(`/details.json?${q}&series=${series}`);
	const kept = (m) => names.map((name) => m.result.kept[name].value);
	const line = graph.result.series.lines.reduce((sum, l) => names.map((name, i) =>
		sum[i] + l[name].reduce((a, b) => a + b, 0)), [0, 0, 0]);
	const outside = [graph.result.series.before, graph.result.series.after].filter(Boolean)
		.reduce((sum, o) => names.map((name, i) => sum[i] + (o[name].value ?? o[name])), [0, 0, 0]);
	const shown = top.result.commands.nfdump;
	const answers = [["table", kept(top)], ["graph", kept(graph)], ["buckets", line.map((v, i) => v + outside[i])]];
	if (shown !== null) {
		answers.push(["nfdump", await nfdump(shown)]);
		compared++;
	}
	if (shown === null && process.env.DIFFER_WHY)
		console.log("# no line: " + top.result.commands.why_not + " " + decodeURIComponent(q));
	asked++;
	matched += kept(top)[0] > 0;
	if (answers.some(([, a]) => text(a) !== text(answers[0][1]))) {
		failed++;
		if (failed < 8)
			console.log([`# /details?${q}&series=${series}`, shown, ...answers.map(([name, a]) => `${name}: ${text(a)}`)].join("\n# "));
	}
}
/* Two at a time, as there are two workers. */
async function some(count) {
	for (let i = 0; i < count; i++)
		await question();
}
await Promise.all([some(Math.ceil(n / 2)), some(Math.floor(n / 2))]);
console.log(`${failed === 0 && asked === Number(n) ? "ok" : "not ok"} 1 - R41: graph, table and nfdump agree on ${asked} random questions (${failed} do not)`);
console.log(`${compared >= asked * 0.95 ? "ok" : "not ok"} 2 - R41: nearly all have a line (${compared})`);
console.log(`${matched >= asked * 0.5 ? "ok" : "not ok"} 3 - R41: and most match some flows (${matched})`);
