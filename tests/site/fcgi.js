// A client that speaks FastCGI to a socket, as a web server would.
//	fcgi.js SOCKET NAME=VALUE…	one request; prints the reply, header and body
// As a module: request() for tests that send what no web server would.
"use strict";
const net = require("net");

const BEGIN = 1, ABORT = 2, END = 3, PARAMS = 4, STDIN = 5, STDOUT = 6;

function record(type, content = Buffer.alloc(0), { id = 1, version = 1, padding = 0, length = content.length } = {}) {
	const head = Buffer.from([version, type, id >> 8, id & 255, length >> 8 & 255, length & 255, padding, 0]);
	return Buffer.concat([head, content, Buffer.alloc(padding)]);
}

function begin(options = {}) {
	return record(BEGIN, Buffer.from([0, options.role ?? 1, options.keep ? 1 : 0, 0, 0, 0, 0, 0]), options);
}

function size(n) {
	return n < 128 ? Buffer.from([n]) : Buffer.from([n >>> 24 | 128, n >>> 16 & 255, n >>> 8 & 255, n & 255]);
}

function pair(name, value) {
	const n = Buffer.from(name), v = Buffer.from(value);
	return Buffer.concat([size(n.length), size(v.length), n, v]);
}

/* Parameters as records of at most 65535 bytes, and the empty one that ends them. */
function params(pairs) {
	const all = Buffer.concat(pairs.map(([n, v]) => pair(n, v))), records = [];
	for (let i = 0; i < all.length; i += 65535)
		records.push(record(PARAMS, all.subarray(i, i + 65535)));
	return Buffer.concat([...records, record(PARAMS)]);
}

function get(path, query = "", more = []) {
	return [["REQUEST_METHOD", "GET"], ["SCRIPT_NAME", ""], ["PATH_INFO", path], ["QUERY_STRING", query], ...more];
}

function post(path, body, more = []) {
	return [["REQUEST_METHOD", "POST"], ["SCRIPT_NAME", ""], ["PATH_INFO", path], ["QUERY_STRING", ""],
		["CONTENT_TYPE", "application/x-www-form-urlencoded"], ["CONTENT_LENGTH", String(body.length)], ...more];
}

/* The whole of a request. */
function whole(pairs, body = "") {
	return Buffer.concat([begin(), params(pairs), body ? record(STDIN, Buffer.from(body)) : Buffer.alloc(0), record(STDIN)]);
}

/* What the records of a reply say on standard output; whether they end as they should. */
function parse(bytes) {
	const out = [];
	let ended = false;
	for (let i = 0; i + 8 <= bytes.length;) {
		const n = bytes.readUInt16BE(i + 4);
		if (bytes[i + 1] === STDOUT)
			out.push(bytes.subarray(i + 8, i + 8 + n));
		ended ||= bytes[i + 1] === END;
		i += 8 + n + bytes[i + 6];
	}
	const text = Buffer.concat(out).toString("latin1"), at = text.indexOf("\r\n\r\n");
	return { text, ended, status: Number(/^Status: (\d+)/m.exec(text)?.[1] ?? 0),
		head: text.slice(0, at), body: text.slice(at + 4) };
}

/* Sends pieces, and resolves to the reply when the other side closes.  pause: ms between pieces. */
function send(socket, pieces, { pause = 0, close = false } = {}) {
	return new Promise((resolve) => {
		const got = [], to = net.connect(socket);
		const done = () => resolve(parse(Buffer.concat(got)));
		let timer = null;
		to.on("data", (d) => got.push(d)).on("error", () => {}).on("close", () => { clearTimeout(timer); done(); });
		(function next(i) {
			if (i === pieces.length)
				return close ? to.destroy() : undefined;
			to.write(pieces[i]);
			if (pause)
				timer = setTimeout(next, pause, i + 1);
			else
				next(i + 1);
		})(0);
	});
}

module.exports = { BEGIN, ABORT, PARAMS, STDIN, record, begin, size, pair, params, get, post, whole, send };

if (require.main === module) {
	const [socket, ...words] = process.argv.slice(2);
	const pairs = words.map((w) => [w.slice(0, w.indexOf("=")), w.slice(w.indexOf("=") + 1)]);
	const body = pairs.find(([n]) => n === "BODY")?.[1] ?? "";
	send(socket, [whole(pairs.filter(([n]) => n !== "BODY"), body)]).then((r) => process.stdout.write(r.text, "latin1"));
}
