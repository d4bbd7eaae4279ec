// oracle.mjs GOT LIST OPTIONS…: a series as csv against nfdump's list of the flows,
// booked here once more in exact whole numbers.
import { readFileSync } from "node:fs";

const [got, list, ...words] = process.argv.slice(2);
const option = name => words.includes(name) ? words[words.indexOf(name) + 1] : undefined;
const time = text => BigInt(Date.parse(text.trim().replace(" ", "T") + (text.length < 19 ? ":00Z" : "Z")));
const unit = { s: 1n, m: 60n, h: 3600n };
const bucket = option("--series");
const width = BigInt(bucket.slice(0, -1)) * unit[bucket.slice(-1)] * 1000n;
const from = time(option("--from")), to = time(option("--to"));
const n = Number((to - from + width - 1n) / width);
const want = Array.from({ length: n }, () => [0n, 0n, 0n]);
const max = (a, b) => a > b ? a : b, min = (a, b) => a < b ? a : b;

for (const line of readFileSync(list, "utf8").trim().split("\n")) {
	const [ts, te, packets, bytes, flows] = line.split("|");
	let first = time(ts), last = time(te);
	if (option("--book") === "end")
		first = last;
	if (last === first)
		last++;
	for (let i = 0; i < n; i++) {
		const start = max(from + BigInt(i) * width, first), end = min(min(from + BigInt(i + 1) * width, to), last);
		if (start >= end)
			continue;
		if (option("--count") === "active" || start === first)
			want[i][0] += BigInt(flows);
		[packets, bytes].forEach((amount, k) => {
			const upto = t => BigInt(amount) * (t - first) / (last - first);
			want[i][k + 1] += upto(end) - upto(start);
		});
	}
}
const rows = readFileSync(got, "utf8").trim().split("\n").slice(1).map(r => r.split(","));
if (rows.length !== n)
	throw new Error(`${rows.length} buckets, not ${n}`);
rows.forEach((r, i) => {
	if (want[i].join() !== r.slice(3, 6).join())
		throw new Error(`${r[0]}: ${r.slice(3, 6)}, not ${want[i]}`);
});
if (!rows.some(r => r[5] !== "0"))
	throw new Error("nothing in any bucket");
