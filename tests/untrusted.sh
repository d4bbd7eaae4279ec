# S21: collector files that nobody should trust, as a source's: the daemon reads all of them,
# tells what is wrong in few lines, and what is good in them and beside them is right; pages
# show it, and their queries read the same.
. tests/lib.sh
. tests/site/site.sh
. tests/daemonlib.sh
data=tests/data/hostile
settings="access = open
share = \"$PWD\""
site s21 UTC bad good
settings=
# Each file of tests/data/hostile as the file of a slot, and the bombs of mkhostile.
mkdir "$T/made"
"$O/mkhostile" "$T/made"
n=0
: > "$T/want"
for f in "$data"/*.nf "$T"/made/bomb.nfcapd*; do
	start=$((1763640000 + n * 300))
	name=nfcapd.$(TZ=UTC date -d @$start +%Y%m%d%H%M 2> /dev/null || TZ=UTC date -r $start +%Y%m%d%H%M)
	cp "$f" "$S/bad/$name"
	# What hostile.sh says is in it, refused files have nothing; bombs the flows of the block before.
	case $f in
	*/bomb.nfcapd2*) flows=0 ;;
	*/bomb.*) flows=1 ;;
	*) flows=$(sed -n "s/^costs $(basename "$f" .nf) \([0-9]*\).*/\1/p" tests/hostile.sh) ;;
	esac
	[ "${flows:-0}" = 0 ] || echo "$start|$flows" >> "$T/want"
	n=$((n + 1))
done
"$O/mkslots" "$S/good" UTC 1763640000 $n 20
touch -d '1 hour ago' "$S"/*/nfcapd.* 2> /dev/null
start
read_all() { [ "$(sql "SELECT count(*) FROM file")" = $((2 * n)) ] && [ "$(sql "SELECT sum(backlog) FROM source")" = 0 ]; }
ok "S21: all $n are read, one after the other" wait_for 60 read_all
is "S21: what is good in each is counted, no more" "$(sql "SELECT start, flows FROM slot JOIN source ON source.id = source WHERE name = 'bad' AND flows > 0 ORDER BY start")" "$(cat "$T/want")"
is "S21: nothing is lost beside them" "$(sql "SELECT count(*), sum(flows) FROM slot JOIN source ON source.id = source WHERE name = 'good'")" \
    "$n|$(nfdump -I -R "$S/good" | awk '/^Flows:/ { print $2 }')"
# Even one whose every record is wrong says so in a line.
ok "S21: the log has a few lines for each" test "$(grep -c 'source bad: nfcapd' "$S/log")" -le $((3 * n))
is "S21: and no control bytes of theirs" "$(LC_ALL=C grep -c "$(printf '[\001-\010\013-\037]')" "$S/log")" 0
stop
is "S21: nothing was wrong in us" "$(grep -ciE 'sanitizer|runtime error' "$S/log")" 0

# Through nginx.
SITE=$S
cp "$S/conf" "$S/flowlight.conf"
nginx_start
w='from=2025-11-20T12:00&to=2025-11-20T22:00'
want=$(awk -F '|' '{ n += $2 } END { print n }' "$T/want")
curl -s "$URL/details.json?$w&by=srcip&source=bad&filter=packets+%3E+0+or+packets+%3C+1" > "$T/answer"
is "S21: a query of them reads what the index has" "$(json result.read.flows.value < "$T/answer")" "$want"
is "S21: and is answered as any" "$(curl -s -o "$T/page" -w '%{http_code}' "$URL/details?$w&by=srcip&source=bad")" 200
curl -s "$URL/status.json" > "$T/status"
ok "S21: the status page names those with faults" test "$(grep -c 'nfcapd.2025' "$T/status")" -gt 10
is "S21: pages took no harm" "$(grep -ciE 'sanitizer|runtime error|by signal' "$T/fcgi.log")" 0
