# R37: very many requests of all kinds (SOAK=, 2000): memory and descriptors stay as they are.
. tests/lib.sh
. tests/site/site.sh
site_start
nginx_start
cat > "$T/soak.js" <<'JS'
"use strict";
const http = require("http");
const [base, requests] = [process.argv[2], +process.argv[3]];
let seed = 1, n = 0, bad = 0;
const random = (k) => (seed = (seed * 1103515245 + 12345) % 2147483648) % k;
const one = (list) => list[random(list.length)];
const hour = () => String(13 + random(6)).padStart(2, "0");
const filters = ["", "proto tcp", "port 53 or port 443", "src net 192.0.2.0/24", "not proto udp and packets > 20", "((", "host 198.51.100.13", "ident x"];
const kinds = [
	() => `/details?from=2026-11-20T${hour()}:00&to=2026-11-20T${hour()}:30&by=${one(["srcip", "dstport", "proto", "record", "no"])}&top=${random(30)}&filter=${encodeURIComponent(one(filters))}`,
	() => `/details.json?from=2026-11-20T${hour()}:00&to=2026-11-20T${hour()}:30&list=1&limit=${random(200)}&filter=${encodeURIComponent(one(filters))}`,
	() => `/details.csv?from=2026-11-20T${hour()}:00&to=2026-11-20T${hour()}:30&keys=srcip,dstport&filter=${encodeURIComponent(one(filters))}`,
	() => `/graph?size=${one(["mini", "thumb", "narrow"])}&type=${one(["flows", "packets", "traffic"])}&theme=${one(["light", "dark"])}&end=2026-11-20T${hour()}:${random(50) + 10}`,
	() => one(["/", "/status", "/help", "/queries", "/explain", "/nope", "/host/198.51.100.13", "/static/style.css", "/details?a=%zz"]),
];
function ask() {
	if (n === requests)
		return Promise.resolve();
	const leave = random(20) === 0, events = random(10) === 0;
	return new Promise((done) => {
		n++;
		const rq = http.get(base + one(kinds)(), { headers: events ? { Accept: "text/event-stream" } : {} }, (r) => {
			r.resume();
			r.on("close", done);
			bad += r.statusCode >= 500 && r.statusCode !== 503;
		});
		rq.on("error", done);
		if (leave)
			setTimeout(() => rq.destroy(), random(30));
	}).then(ask);
}
Promise.all([1, 2, 3, 4].map(ask)).then(() => { console.log(`${n} ${bad}`); process.exit(); });
JS
workers() { ps -o pid= --ppid "$fcgi"; }
# Of the master and its workers: kilobytes of their own, and descriptors of the one that has most.
memory() { for p in $fcgi $(workers); do awk '/^(Private_Clean|Private_Dirty|Anonymous):/ && !/Clean/ { n += $2 } END { print n / 2 }' "/proc/$p/smaps_rollup"; done | awk '{ n += $1 } END { printf "%d\n", n }'; }
descriptors() { for p in $fcgi $(workers); do ls "/proc/$p/fd" | wc -l; done | sort -n | tail -n 1; }
no_query() { [ "$(curl -s "$URL/queries.json" | grep -c '"since":')" = 0 ]; }
settled() { [ "$(workers | wc -l)" = 4 ] && no_query; }
same_descriptors() { [ "$(descriptors)" = "$fds" ]; }

if [ ! -r /proc/self/smaps_rollup ]; then
	skip "R37: a soak" "there is no /proc/PID/smaps_rollup"
	exit
fi
node "$T/soak.js" "$URL" 600 > "$T/first"
wait_for 20 settled
before=$(memory) fds=$(descriptors)
node "$T/soak.js" "$URL" "${SOAK:-2000}" > "$T/second"
wait_for 20 settled
after=$(memory)
set -- $(cat "$T/second")
is "R37: all requests were made" "$1" "${SOAK:-2000}"
is "R37: none failed" "$2" 0
# librrd loses a kilobyte for each graph; SAN: what is freed is kept for a while.
ok "R37: memory stays: $before kB, $after kB" test "$after" -lt $((before + before / 4 + 4096 + ${1:-0} / 2))
ok "R37: descriptors stay ($fds)" wait_for 10 same_descriptors
ok "R37: no query is left" no_query
is "R37: nothing was wrong under way" "$(grep -c -iE 'sanitizer|runtime error|by signal' "$T/fcgi.log")" 0
