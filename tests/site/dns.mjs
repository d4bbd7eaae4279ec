// dns.mjs PORT: a name server on 127.0.0.1 that knows the name of one address.  198.51.100.14 is never answered.
import { createSocket } from "node:dgram";

const names = { "13.100.51.198.in-addr.arpa": "scan.example", "99.100.51.198.in-addr.arpa": "<b>" };
const labels = (name) => Buffer.concat([...name.split(".").map((l) => Buffer.concat([Buffer.from([l.length]), Buffer.from(l)])), Buffer.from([0])]);

const server = createSocket("udp4").on("message", (query, from) => {
	let at = 12, name = [];
	for (; query[at] !== 0; at += query[at] + 1)
		name.push(query.toString("latin1", at + 1, at + 1 + query[at]));
	name = name.join(".").toLowerCase();
	if (name.startsWith("14."))
		return;
	const found = names[name], question = query.subarray(12, at + 5), answer = found ? labels(found) : Buffer.alloc(0);
	const header = Buffer.from([query[0], query[1], 0x85, found ? 0x80 : 0x83, 0, 1, 0, found ? 1 : 0, 0, 0, 0, 0]);
	const record = Buffer.from([0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 60, 0, answer.length]);
	server.send(Buffer.concat(found ? [header, question, record, answer] : [header, question]), from.port, from.address);
});
server.bind(Number(process.argv[2]), "127.0.0.1", () => console.log("ready"));
