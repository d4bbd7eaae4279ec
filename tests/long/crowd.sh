# R31: fifty clients ask for thirty days of flows at once, through nginx.  So many run as the
# configuration says, the others wait and see their place; graphs and pages are answered all the
# while, a new file is in the index in its time, and at the end each has the whole answer.
. tests/lib.sh
. tests/site/site.sh
CLIENTS=50 AT_ONCE=2
HOURS=720
site_start
printf 'queries = %s\nquery_seconds = 3600\nworkers = 1\n' $AT_ONCE >> "$SITE/flowlight.conf"
nginx_start
w='from=2026-10-21T19:00&to=2026-11-20T19:00'

# What nfdump counts in the same files.
want=$(for s in upstream1 upstream2; do nfdump -I -R "$SITE/flows/$s"; done | awk '/^Flows:/ { n += $2 } END { print n }')
ok "there is a month of flows: $want" test "$want" -gt 100000

# Each asks in words of its own, so that none is given another's answer.
n=0
while [ $n -lt $CLIENTS ]; do
	n=$((n + 1))
	curl -sN --max-time 1000 -H 'Accept: text/event-stream' "$URL/details?$w&keys=srcip,dstip,srcport,dstport&order=bytes&top=$n&filter=packets+%3E+0+and+bytes+%3E+$n" \
	    > "$T/client$n" &
	started $!
done
# A line for each look at the queue: how many run, how many there are, whether their places are 0, 1, 2, …
looked() {
	curl -s --max-time 60 "$URL/queries.json" | node -e '
		const q = JSON.parse(require("fs").readFileSync(0, "utf8")).queries;
		console.log(q.filter(x => x.running).length, q.length, q.every((x, i) => x.ahead === Math.max(0, x.ahead) && (i === 0 || x.ahead >= q[i - 1].ahead)));
	' >> "$T/looks"
}
enough() { looked; tail -n 1 "$T/looks" | awk -v n=$((CLIENTS / 2)) '{ exit !($2 >= n) }'; }
ok "half of them are in the queue at one time" wait_for 30 enough

# Meanwhile: a file of a new slot, and graphs.
new=$SITE/flows/upstream1/2026/11/20
"$O/mkslots" "$T/new" UTC 1795201200 1 77 2> /dev/null
file=$(find "$T/new" -name 'nfcapd.2*')
cp "$file" "$new/.coming" && mv "$new/.coming" "$new/${file##*/}"
wrong= asked=0
for i in 1 2 3 4 5; do
	for u in "/graph?range=6h&size=mini" "/graph?source=upstream2&range=1mo" / /overview /help; do
		c=$(curl -s --max-time 120 -o /dev/null -w '%{http_code}' "$URL$u")
		asked=$((asked + 1))
		[ "$c" = 200 ] || wrong="$wrong $u:$c"
	done
	looked
	[ $i != 1 ] || waiting=$(tail -n 1 "$T/looks" | cut -d' ' -f2)
done
is "$asked graphs and pages are answered" "$wrong" ""
ok "while $waiting queries were there" test "$waiting" -gt $AT_ONCE
in_index() { [ "$(sqlite3 -readonly "$SITE/state/index.db" "SELECT flows FROM slot WHERE start = 1795201200")" = 77 ]; }
ok "the new file is in the index within a slot" wait_for 30 in_index

# All are answered, one after the other.
ended() { looked; [ "$(cat "$T"/client* | grep -c '^event: done')" = $CLIENTS ]; }
ok "all $CLIENTS are answered" wait_for 90 ended
is "never more than $AT_ONCE ran" "$(awk -v n=$AT_ONCE '$1 > n' "$T/looks" | head -n 1)" ""
is "nor fewer, while some waited" "$(awk -v n=$AT_ONCE '$2 > n + 5 && $1 == 0' "$T/looks" | head -n 1)" ""
is "their places were in order" "$(grep -c false "$T/looks")" 0
ok "most were told that they wait, and behind how many" test "$(grep -l '"ahead":[1-9]' "$T"/client* | wc -l)" -ge $((CLIENTS / 2))
is "the places they were told only went down" "$(for n in $(seq $CLIENTS); do
	sed -n 's/.*"ahead":\([0-9]*\).*/\1/p' "$T/client$n" | sort -rnc 2>&1; done)" ""
# In the end, the whole: of every tenth the page, which is kept for whoever asked.
for n in 10 20 30 40 50; do
	u="/details.json?$w&keys=srcip,dstip,srcport,dstport&order=bytes&top=$n&filter=packets+%3E+0+and+bytes+%3E+$n"
	curl -s --max-time 600 "$URL$u" > "$T/answer"
	is "the whole is read for the ${n}th" "$(json result.partial < "$T/answer") $(json result.read.flows.value < "$T/answer")" "false $want"
done
is "nothing was wrong under way" "$(grep -ciE 'sanitizer|runtime error|by signal|warning' "$T/fcgi.log")" 0
