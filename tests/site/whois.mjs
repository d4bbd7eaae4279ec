// whois.mjs PORT: whois servers on 127.0.0.1 and 127.0.0.2, of which the first refers to the second.  Prints what they are asked.
import { createServer } from "node:net";

const registry = {
	"192.0.2.10": "% asked\r\nrefer: 127.0.0.2\r\n",
	"192.0.2.11": "x".repeat(100000) + "\n",
	"192.0.2.12": "inetnum: half of it\n",
	"192.0.2.13": "refer: 127.0.0.1:25\n",
	"192.0.2.14": "whois: whois.nowhere.invalid.\n",
};
const answer = Buffer.from("netname: <script>alert(1)</script> & \x1b[31mM\xfcller\x00\r\nrefer: 127.0.0.1\r\n", "latin1");

function serve(host, say) {
	createServer((socket) => {
		let asked = "";

		socket.on("error", () => {}).on("data", (bytes) => {
			asked += bytes;
			if (!asked.endsWith("\r\n"))
				return;
			console.log(host, asked.trim());
			socket.write(say(asked.trim()));
			if (asked.trim() !== "192.0.2.12")
				socket.end();
		});
	}).listen(Number(process.argv[2]), host, () => console.log("ready", host));
}
serve("127.0.0.1", (ip) => registry[ip] ?? "nothing found\n");
serve("127.0.0.2", () => answer);
