// attack.js SOCKET: what no web server sends, spoken to flowlight.fcgi itself.  Prints TAP
// lines; after each attack the program still answers.
"use strict";
const f = require("./site/fcgi.js");
const socket = process.argv[2];
let count = 0;

function ok(name, good, more) {
	console.log(`${good ? "ok" : "not ok"} ${++count} - ${name}`);
	if (!good && more !== undefined)
		console.log("# " + JSON.stringify(more).slice(0, 400));
}
const help = () => f.send(socket, [f.whole(f.get("/help"))]);
const alive = async (name) => ok(`${name}: others are served`, (await help()).status === 200);
const long = (n) => Buffer.from([n >>> 24, n >>> 16 & 255, n >>> 8 & 255, n & 255]);

/* Each either is answered with a 4xx or has its connection closed; none does harm. */
async function refused(name, pieces, options) {
	const r = await f.send(socket, pieces, options);
	ok(name, r.status === 0 || (r.status >= 400 && r.status < 500), r);
}

(async () => {
	const all = f.whole(f.get("/help"));

	// S17: lengths of names and values that run over.
	for (const [n, v] of [[0xffffffff, 0], [0xffffffff, 0xffffffff], [0x80000001, 0xfffffffe], [0xbfffffff, 0xbfffffff]])
		await refused(`S17: a name of ${n & 0x7fffffff} and a value of ${v & 0x7fffffff} bytes`,
			[f.begin(), f.record(f.PARAMS, Buffer.concat([long(n), long(v), Buffer.from("x")])), f.record(f.PARAMS), f.record(f.STDIN)]);
	await alive("S17");
	const many = f.get("/help").concat(Array.from({ length: 20000 }, (_, i) => ["HTTP_X" + i, "y"]));
	ok("S17: twenty thousand parameters", [0, 200].includes((await f.send(socket, [f.whole(many)])).status));

	// R35: records that end, break off, mix.
	await refused("R35: garbage", [Buffer.from("GET / HTTP/1.0\r\n\r\n".repeat(50))]);
	await refused("R35: another version", [f.record(f.BEGIN, Buffer.alloc(8), { version: 9 })]);
	await refused("R35: a role that is none", [Buffer.concat([f.begin({ role: 77 }), f.params(f.get("/help")), f.record(f.STDIN)])]);
	for (let i = 1; i < all.length; i += 29)
		await f.send(socket, [all.subarray(0, i)], { close: true });
	await alive("R35: a request broken off at every 29th byte");
	const aborted = await f.send(socket, [f.begin(), f.params(f.get("/help")), f.record(f.ABORT)]);
	ok("R35: aborted when all was said", [0, 200].includes(aborted.status), aborted);
	await refused("R35: only an abort", [f.record(f.ABORT)]);
	const mixed = Buffer.concat([f.begin(), f.begin({ id: 2 }), f.params(f.get("/help")), f.record(f.STDIN), f.record(f.STDIN, undefined, { id: 2 })]);
	const m = await f.send(socket, [mixed]);
	ok("R35: two requests mixed into one connection: one is answered, or none", m.status === 200 || m.status === 0, m);
	const kept = await f.send(socket, [Buffer.concat([f.begin({ keep: true }), f.params(f.get("/help")), f.record(f.STDIN)])]);
	ok("R35: a connection to be kept is answered, and closed", kept.status === 200 && kept.ended, kept.head);
	const padded = Buffer.concat([f.begin(), f.record(f.PARAMS, Buffer.concat(f.get("/help").map(([n, v]) => f.pair(n, v))), { padding: 255 }),
		f.record(f.PARAMS, undefined, { padding: 255 }), f.record(f.STDIN)]);
	ok("R35: padding", (await f.send(socket, [padded])).status === 200);
	let seed = 1;
	const random = (n) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
	for (let i = 0; i < 300; i++) {
		const bytes = Buffer.from(all);
		for (let k = 0; k <= random(4); k++)
			bytes[random(bytes.length)] = random(256);
		await f.send(socket, [bytes], { close: true });
	}
	await alive("R35: three hundred requests with wrong bytes");
	await alive("R35: again");
	/* One byte a moment is cut off when the time for a request is over. */
	const slow = Array.from({ length: 1000 }, (_, i) => all.subarray(i % all.length, i % all.length + 1));
	const dripping = [1, 2, 3].map(() => f.send(socket, slow, { pause: 100 }));
	await alive("R35: three clients that send a byte a moment");
	ok("R35: and are cut off", (await Promise.all(dripping)).every((r) => r.status === 0));

	// S16: lengths of bodies that lie.
	const body = "x=1";
	for (const n of ["-1", "2147483648", "4294967296", "9223372036854775808", " 3", "3 ", "0x3", "", "99999999", "65537"])
		await refused(`S16: CONTENT_LENGTH "${n}"`, [f.whole(f.post("/queries", body, [["CONTENT_LENGTH", n]]), body)]);
	await refused("S16: too long", [f.whole(f.post("/queries", body, [["CONTENT_LENGTH", "50"]]), body)]);
	await refused("S16: too short", [f.whole(f.post("/queries", body, [["CONTENT_LENGTH", "1"]]), body)]);
	ok("S16: of a GET it does not matter", (await f.send(socket, [f.whole(f.get("/help", "", [["CONTENT_LENGTH", "-1"]]))])).status === 200);
	await alive("S16");

	// S18, S11: 64 kB in each of the fields a request has.
	const big = "A".repeat(65536);
	const fields = { REQUEST_METHOD: 405, QUERY_STRING: 400, PATH_INFO: 414, REQUEST_URI: 200, SCRIPT_NAME: 200, REMOTE_USER: 200,
		HTTP_HOST: 200, HTTP_COOKIE: 200, HTTP_ACCEPT: 200, HTTP_IF_NONE_MATCH: 200, CONTENT_TYPE: 200, HTTP_USER_AGENT: 200 };
	for (const [name, want] of Object.entries(fields)) {
		const r = await f.send(socket, [f.whole(f.get("/help", "", [[name, name === "PATH_INFO" ? "/" + big : big]]))]);
		ok(`S18: 64 kB of ${name}: ${want}`, r.status === want, r.head);
	}
	for (const name of ["filter", "by", "keys", "source", "from", "to", "top", "end", "type", "range"]) {
		const r = await f.send(socket, [f.whole(f.get("/details", `${name}=${big}`))]);
		ok(`S18: 64 kB of ${name}`, r.status === 400, r.head);
	}
	// S11: who may what is decided by the page, not by how its address looks.
	for (const path of ["/log", "/log.json", "/log.csv", "/log/", "//log", "/LOG", "/log%00", "/log;.css", "/log/x.css", "/static/../log", "/help/../log"]) {
		const r = await f.send(socket, [f.whole(f.get(path, "", [["HTTP_REMOTE_USER", "root"], ["HTTP_X_FORWARDED_USER", "root"]]))]);
		ok(`S11: ${path} is not for everybody`, r.status === 403 || r.status === 404, r.head);
	}

	// S30: nothing of a request becomes environment.
	const env = await f.send(socket, [f.whole(f.get("/help", "", [["HTTP_PROXY", "http://evil:1/"], ["LD_PRELOAD", "/tmp/x.so"],
		["HTTP_USER_AGENT", "() { :;}; echo shellshock"], ["FLOWLIGHT_CONF", "/etc/passwd"]]))]);
	ok("S30: HTTP_PROXY and the like", env.status === 200 && !/evil|shellshock|x\.so/.test(env.text));
	await alive("at last");
})();
