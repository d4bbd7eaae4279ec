# The pipelines of flow-tools that pages show, for a source of its files: run by a
# shell, with our own commands in the places of flow-tools', they give the page's numbers.
. tests/lib.sh
. tests/site/site.sh
D=tests/data/flowtools
export FLOWLIGHT_NOW=1795201500 TZ=UTC

mkdir -p "$SITE/flows/old/2026" "$SITE/flows/more dirs" "$SITE/state" "$T/bin" "$T/tmp"
cp $D/v5-le-z6.ft "$SITE/flows/old/2026/ft-v05.2026-11-20.175040+0000"
cp $D/v5-masks-as-day.ft "$SITE/flows/more dirs/ft-v05.2026-11-20.175000+0000"
cat > "$SITE/flowlight.conf" <<EOT
state = "$SITE/state"
share = "$PWD"
zone = "UTC"
source "old" { dir = "$SITE/flows/old" }
source "more" { dir = "$SITE/flows/more dirs" }
EOT
"$O/flowlightd" -f -c "$SITE/flowlight.conf" 2> "$T/daemon.log" &
daemon=$!
started $daemon
both_read() { [ "$(page /status.json | grep -c '"files": 1,')" = 2 ]; }
ok "the daemon reads files of flow-tools" wait_for 30 both_read

# flow-cat hands names on, flow-nfilter its filter, and the last reads them all.
tool() { printf '#!/bin/sh\n%s\n' "$2" > "$T/bin/$1"; chmod +x "$T/bin/$1"; }
tool flow-cat 'printf "%s\n" "$@"'
# shellcheck disable=SC2016
tool flow-nfilter 'cp "$2" '"$T"'/filter; test "$3 $4" = "-F flowlight" && cat'
take="while read -r f; do set -- \"\$@\" \"\$f\"; done; test -e $T/filter &&"
tool flow-report "report=\$2; set --; cp \"\$report\" $T/report; $take awk -v f=$T/filter 'BEGIN { print \"include-filter\", f } 1; /^stat-def/ { print \"filter flowlight\" }' \"\$report\" > $T/report; exec $PWD/$O/flowlight report -s $T/report -S flowlight \"\$@\""
tool flow-print "set --; $take set -- -F $T/filter -D flowlight \"\$@\"; exec $PWD/$O/flowlight print -f 5 \"\$@\""

# pasted: what the page's lines print.
pasted() {
	rm -f "$T/filter"
	json result.commands.flowtools < "$T/body" > "$T/lines"
	(PATH=$T/bin:$PATH TMPDIR=$T/tmp sh -e "$T/lines" 2>&1)
}
ask() { page "/details.json?from=2026-11-20T17:45&to=2026-11-20T18:00&$1" | body > "$T/body"; }
body() { sed '1,/^$/d'; }
# The rows of the page as flow-report has them: KEYS of them, flows, octets, packets.
rows() { json result.tables.0.rows < "$T/body" | node -e '
	for (const row of JSON.parse(require("fs").readFileSync(0, "utf8"))) {
		const v = row.cells.map(c => (c.exact ?? c.text).split(", ")[0]);
		const k = Number(process.argv[1]);
		console.log([...v.slice(0, k), v[k], v[k + 2], v[k + 1]].join(","));
	}' "$1"; }

# reports QUESTION KEYS: the page's rows are those of its pipeline; of equals, in any order.
reports() {
	ask "$1"
	rows "$2" | sort > "$T/page"
	pasted > "$T/out"
	grep -v '^#' "$T/out" | cut -d, -f "1-$(($2 + 3))" | sort > "$T/report"
	ok "pipeline: $1" sh -c "test -s '$T/page' && diff -u '$T/page' '$T/report'"
}
reports 'by=srcip/bytes&top=5&source=old' 1
reports 'by=srcip/bytes&top=5' 1
reports 'by=dstport/packets&top=3&filter=src+net+10.1.0.0/16+and+not+flags+S' 1
reports 'by=ip/bytes&top=7&source=more' 1
reports 'by=srcas/bytes&top=4&source=more' 1
reports 'keys=srcip,dstip&order=bytes&top=6&filter=packets+%3E+5+and+duration+%3E+1000' 2
reports 'keys=srcip,dstport&order=bytes&top=5&filter=not+(port+80+or+port+53)' 2

# Lists: as many lines as flows, below two of heading.
ask 'list=1&limit=1000&filter=icmp-type+8+or+bps+%3E+100000'
pasted > "$T/out"
is "a list has the page's flows" "$(($(wc -l < "$T/out") - 2))" "$(json result.kept.flows.exact < "$T/body" | tr -d ,)"
ok "and some" [ "$(wc -l < "$T/out")" -gt 5 ]
is "no file is left behind" "$(ls "$T/tmp")" ""

# What cannot be asked says why; nfdump does not read these files.
why() { json "result.commands.$1" < "$T/body"; }
ask 'by=srcip&filter=bpp+%3C+60'
is "no pipeline" "$(why flowtools)" null
is "and why" "$(why why_no_flowtools)" 'flow-nfilter cannot test "bpp < 60".'
is "no nfdump line" "$(why nfdump)" null
has "and why not" "$(why why_not)" "ft2nfdump"
has "the page says so" "$(page '/details?from=2026-11-20T17:45&to=2026-11-20T18:00&by=srcip&filter=bpp+%3C+60')" \
    "There is no flow-tools line for this: flow-nfilter cannot test &quot;bpp &lt; 60&quot;."
has "and shows a pipeline" "$(page '/details?from=2026-11-20T17:45&to=2026-11-20T18:00&by=srcip&filter=proto+tcp')" \
    "flow-nfilter -f &quot;\$filter&quot; -F flowlight"

# Files of both kinds in one window.
cp tests/data/nfcapd/v5_none.nfcapd "$SITE/flows/old/2026/nfcapd.202611201755"
kinds_read() { page /status.json | grep -q '"files": 2,'; }
ok "the daemon reads a file of nfcapd beside them" wait_for 30 kinds_read
ask 'by=srcip'
has "files of both kinds" "$(why why_no_flowtools)" "Some of the files are of flow-tools, others of nfdump"
ask 'by=srcip&source=more'
has "those of one kind" "$(why flowtools)" "flow-report"
