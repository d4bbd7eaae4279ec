// Makes a screenshot's PNG small: a palette of 256 colours, by median cut.
import { deflateSync, inflateSync } from "node:zlib";

const MAGIC = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");

function chunks(png) {
	const list = [];
	for (let at = MAGIC.length; at < png.length; at += 12 + png.readUInt32BE(at))
		list.push([png.toString("latin1", at + 4, at + 8), png.subarray(at + 8, at + 8 + png.readUInt32BE(at))]);
	return list;
}

function paeth(a, b, c) {
	const p = a + b - c, pa = Math.abs(p - a), pb = Math.abs(p - b), pc = Math.abs(p - c);
	return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/* Pixels as the browser writes them: 8 bits, RGB or RGBA, not interlaced. */
function decode(png) {
	const all = chunks(png), head = all.find(([name]) => name === "IHDR")[1];
	const width = head.readUInt32BE(0), height = head.readUInt32BE(4), size = head[9] === 6 ? 4 : 3;
	const raw = inflateSync(Buffer.concat(all.filter(([name]) => name === "IDAT").map(([, data]) => data)));
	const line = width * size, out = Buffer.alloc(line * height);
	for (let y = 0; y < height; y++) {
		const filter = raw[y * (line + 1)];
		for (let i = 0; i < line; i++) {
			const at = y * line + i;
			const a = i >= size ? out[at - size] : 0, b = y > 0 ? out[at - line] : 0, c = i >= size && y > 0 ? out[at - line - size] : 0;
			out[at] = raw[y * (line + 1) + 1 + i] + [0, a, b, (a + b) >> 1, paeth(a, b, c)][filter];
		}
	}
	return { width, height, size, out };
}

/* Boxes of colours, the one with the widest spread of pixels cut in two until there are enough. */
function median_cut(colours, most) {
	const measure = (list) => {
		let best = [0, 0];
		for (let c = 0; c < 3; c++) {
			const v = list.map((x) => x[c]), spread = Math.max(...v) - Math.min(...v);
			if (spread > best[0])
				best = [spread, c];
		}
		return { list, spread: best[0], channel: best[1], n: list.reduce((s, x) => s + x[3], 0) };
	};
	const boxes = [measure(colours)];
	while (boxes.length < most) {
		boxes.sort((a, b) => a.spread * Math.log2(a.n + 1) - b.spread * Math.log2(b.n + 1));
		const box = boxes.pop();
		if (box.spread === 0) {
			boxes.push(box);
			break;
		}
		box.list.sort((a, b) => a[box.channel] - b[box.channel]);
		let half = box.n / 2, cut = 0;
		while (cut < box.list.length - 1 && half > 0)
			half -= box.list[cut++][3];
		cut = Math.max(1, Math.min(cut, box.list.length - 1));
		boxes.push(measure(box.list.slice(0, cut)), measure(box.list.slice(cut)));
	}
	return boxes;
}

const table = Array.from({ length: 256 }, (_, n) => {
	for (let k = 0; k < 8; k++)
		n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
	return n >>> 0;
});

function chunk(name, data) {
	const body = Buffer.concat([Buffer.from(name, "latin1"), data]), out = Buffer.alloc(body.length + 8);
	let crc = 0xffffffff;
	for (const byte of body)
		crc = table[(crc ^ byte) & 255] ^ (crc >>> 8);
	out.writeUInt32BE(data.length, 0);
	body.copy(out, 4);
	out.writeUInt32BE((crc ^ 0xffffffff) >>> 0, body.length + 4);
	return out;
}

export function smaller(png) {
	const { width, height, size, out } = decode(png), count = new Map();
	for (let i = 0; i < out.length; i += size) {
		const key = out[i] << 16 | out[i + 1] << 8 | out[i + 2];
		count.set(key, (count.get(key) || 0) + 1);
	}
	const boxes = median_cut([...count].map(([k, n]) => [k >> 16, k >> 8 & 255, k & 255, n]), 256);
	const index = new Map(), palette = Buffer.alloc(boxes.length * 3);
	boxes.forEach((box, i) => {
		/* The colour that most pixels of the box have: surfaces stay exactly what they are. */
		const most = box.list.reduce((a, b) => b[3] > a[3] ? b : a);
		palette.set(most.slice(0, 3), i * 3);
		for (const [r, g, b] of box.list)
			index.set(r << 16 | g << 8 | b, i);
	});
	const lines = Buffer.alloc((width + 1) * height);
	for (let i = 0, y = 0; y < height; y++)
		for (let x = 0; x < width; x++, i += size)
			lines[y * (width + 1) + 1 + x] = index.get(out[i] << 16 | out[i + 1] << 8 | out[i + 2]);
	const head = Buffer.alloc(13);
	head.writeUInt32BE(width, 0);
	head.writeUInt32BE(height, 4);
	head.set([8, 3, 0, 0, 0], 8);
	return Buffer.concat([MAGIC, chunk("IHDR", head), chunk("PLTE", palette), chunk("IDAT", deflateSync(lines, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}
