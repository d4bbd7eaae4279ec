# The figures of graphs: what Debian's rrdtool reads from the RRDs stands in the table, in the
# picture itself and beside small ones; and nothing that is written in a picture is cut.
. tests/lib.sh
. tests/site/site.sh
site_start
body() { sed '1,/^.\{0,1\}$/d'; }
END=1795201200
S=$SITE/state/profiles-stat/live

# rows CF DS SECONDS SOURCE…: by rrdtool, a line for each step with the sources' values.
rows() {
	cf=$1 ds=$2 seconds=$3
	shift 3
	defs=
	for s; do defs="$defs DEF:$s=$S/$s.rrd:$ds:$cf XPORT:$s"; done
	# shellcheck disable=SC2086
	rrdtool xport --json --start $((END - seconds)) --end $END $defs
}
# figures FACTOR DS SECONDS SOURCE…: maximum, 95th percentile, average and last of their sum.
figures() {
	factor=$1
	shift
	{ rows AVERAGE "$@"; echo ---; rows MAX "$@"; } | node -e '
		const sums = (text) => JSON.parse(text).data.map(r => r.filter(x => x !== null)).filter(r => r.length > 0)
		    .map(r => r.reduce((a, b) => a + b) * process.argv[1]);
		const [means, most] = require("fs").readFileSync(0, "utf8").split("---\n").map(sums);
		const sorted = [...means].sort((a, b) => a - b);
		console.log([Math.max(...most), sorted[Math.round(0.95 * (sorted.length - 1))],
		    means.reduce((a, b) => a + b) / means.length, means[means.length - 1]].map(x => x.toFixed(3)).join(" "));' "$factor"
}
# words FIGURES UNIT [WHOM]: as a picture has them.
words() {
	node -e '
		const text = (x) => {
			let u = 0;
			for (x = +x; x >= 999.5; x /= 1000)
				u++;
			return (x < 9.995 ? x.toFixed(2) : x < 99.95 ? x.toFixed(1) : x.toFixed(0)) + ["", " k", " M", " G"][u];
		};
		const [max, p95, avg, last] = process.argv[1].split(" ").map(text);
		console.log(`${process.argv[3] ?? ""}max ${max}, 95th ${p95}, avg ${avg}, last ${last} ${process.argv[2]}`);' "$@"
}
# The same out of a model, by the path of the row.
row() { for f in most p95 average last; do json "$1.$f.exact" < "$T/model"; done | tr '\n' ' ' | sed 's/ $//'; }

# written TEXT: is that the line below the graph of the SVG on standard input?  A picture has no letters
# but their shapes: each letter has to have one of its own, always the same.
written() {
	node -e '
		const svg = require("fs").readFileSync(0, "utf8"), text = process.argv[1], lines = new Map();
		for (const [, shape, x, y] of svg.matchAll(/<use xlink:href="#(glyph[-0-9]+)" x="([-0-9.]+)" y="([-0-9.]+)"/g))
			lines.set(+y, [...(lines.get(+y) ?? []), [+x, shape]]);
		const line = lines.get(Math.max(...lines.keys())).sort((a, b) => a[0] - b[0]).map(([, shape]) => shape);
		const pattern = (l) => l.map(c => l.indexOf(c)).join(" ");
		/* "fl" is one shape. */
		console.log(pattern(line) === pattern([...text.replaceAll("fl", "\ufb02")]) ? text : `other words, ${line.length} letters`);' "$1"
}
for type in flows packets traffic; do
	unit=$type/s factor=1
	[ $type != traffic ] || { unit=bit/s factor=8; }
	page "/details.json?type=$type" | body > "$T/model"
	want=$(figures $factor $type 86400 upstream1 upstream2)
	is "$type: together, in the table" "$(row graph.together)" "$want"
	is "of a source" "$(row graph.legend.1)" "$(figures $factor $type 86400 upstream2)"
	line=$(words "$want" $unit 'together: ')
	for how in size=wide 'size=narrow&theme=dark' 'size=full&style=line' 'size=narrow&zoom=2&scale=log'; do
		is "in the picture, $how" "$(page "/graph?type=$type&format=svg&$how" | body | written "$line")" "$line"
	done
done
page '/details.json?unit=bytes&source=upstream1&proto=udp' | body > "$T/model"
want=$(figures 1 traffic_udp 86400 upstream1)
is "in bytes, of a protocol" "$(row graph.legend.0)" "$want"
is "of one source nobody needs to say whose" "$(page '/graph?unit=bytes&source=upstream1&proto=udp&format=svg' | body |
	written "$(words "$want" bytes/s)")" "$(words "$want" bytes/s)"
page '/graph?format=svg&end=2026-11-01' | body > "$T/svg"
is "where nothing is known" "$(written "no data in this time" < "$T/svg")" "no data in this time"

# Small ones have them beside them.
page / > "$T/overview"
want=$(figures 8 traffic 604800 upstream1 upstream2)
has "Overview's pictures have maximum and average as their title" "$(cat "$T/overview")" \
    "title=\"$(words "$want" bit/s | sed 's/max \([^,]*\), .*avg \([^,]*\), last .* bit/maximum \1, average \2 bit/')\""
has "and in the words for those who do not see them" "$(cat "$T/overview")" \
    "alt=\"Traffic of all sources, 1 week: $(words "$want" bit/s | sed 's/max \([^,]*\), .*avg \([^,]*\), last .* bit/maximum \1, average \2 bit/')\""
is "they are without the line" "$(page '/graph?size=thumb&format=svg' | body | written "$(words "$want" bit/s 'together: ')" | sed 's/,.*//')" "other words"
is "what is pinned of them is large" "$(page /overview.json | body | json keep.0.url | grep -c 'size=')" 0

# Of a filter's series and of weeks.
query() { "$O/flowlight" query --conf "$SITE/flowlight.conf" "$@"; }
window="from=2026-11-20T17:00&to=2026-11-20T18:00&series=1m&filter=proto+udp&type=packets"
want=$(query --from 2026-11-20T17:00 --to 2026-11-20T18:00 --series 1m -o csv -- 'proto udp' | awk -F, '
	NR == 1 { for (i = 1; i <= NF; i++) if ($i == "packets") c = i } NR > 1 { v[++n] = $c / 60; s += $c / 60 }
	END { last = v[n]; for (i = 2; i <= n; i++) { x = v[i]; for (j = i - 1; j > 0 && v[j] > x; j--) v[j + 1] = v[j]; v[j + 1] = x }
	printf "%.3f %.3f %.3f %.3f", v[n], v[int((n * 95 + 99) / 100)], s / n, last }')
page "/details.json?$window" | body > "$T/model"
is "of a series, in the table" "$(row result.series.lines.0)" "$want"
is "in its picture" "$(page "/plot?$window&format=svg" | body | written "$(words "$want" packets/s)")" "$(words "$want" packets/s)"
want=$(figures 1 packets 86400 upstream1 | awk '{ print $2, $3, $4 }')
page '/light.json?type=packets&span=1d&source=upstream1' | body > "$T/model"
is "of this week, in the light table" "$(row table.weeks.0 | awk '{ print $2, $3, $4 }')" "$want"
line=$(words "$(row table.weeks.0)" packets/s 'this week: ')
for size in narrow full; do
	is "in its picture, $size" "$(page "/weeks?type=packets&span=1d&source=upstream1&format=svg&size=$size" | body | written "$line")" "$line"
done

[ -z "$SAN" ] || { skip "nothing that is written is cut" "the plain build draws the same"; exit 0; }

# The last label of the axis, and the line: no letter begins where it does not fit any more.
svg() { page "/graph?type=packets&format=svg&size=$1&range=$2&end=$3" | body > "$T/$1-$2-$3.svg"; }
for size in wide narrow thumb; do
	for range in $(sed -n 's/^	{ "\([0-9a-z]*\)", "[0-9]* [a-z]*", .* },$/\1/p' cgi/view.c); do
		svg $size $range 2026-11-16T12:10
	done
	for range in 1h 12h 6mo 1y; do
		svg $size $range 2026-11-20T19:00
	done
done
is "nothing that is written is cut" "$(node -e '
	for (const name of process.argv.slice(1)) {
		const svg = require("fs").readFileSync(name, "utf8"), width = +svg.match(/<svg[^>]* width="([0-9.]+)/)[1];
		const at = [...svg.matchAll(/<use xlink:href="#glyph[-0-9]+" x="([-0-9.]+)"/g)].map(m => +m[1]);
		if (at.length < 8 || at.some(x => x < 0 || x > width - 6))
			console.log(name);
	}' "$T"/*.svg)" ""
