# Many of everything: a backlog of a month, 500 sources, very many files in a folder, a
# daemon that is killed at any moment (R1, R26, R27).
. tests/lib.sh
. tests/daemonlib.sh

seconds() { date +%s; }

# R26, R1: 8,640 files, the newest first, with kills in between.
files=${SAN:+2000}
files=${files:-8640}
site backlog UTC one
"$O/mkslots" "$S/one" UTC $((1763640000 - files * 300)) "$files" 3
start
ok "R26: the newest are read first" wait_for 30 sh -c \
    "sqlite3 -readonly '$S/state/index.db' 'SELECT max(start) FROM slot' | grep -qx $((1763640000 - 300))"
waiting() { "$O/flowlight" status -c "$S/conf" | sed -n 's/.* \([0-9]*\) waiting.*/\1/p'; }
has_waiting() { w=$(waiting); [ "${w:-0}" -gt 0 ] && [ "$w" -lt "$files" ]; }
ok "R26: flowlight status tells how many wait" wait_for 30 has_waiting
first=$w
ok "R26: and they grow fewer" wait_for 60 sh -c "n=\$('$O/flowlight' status -c '$S/conf' | sed -n 's/.* \([0-9]*\) waiting.*/\1/p'); [ -n \"\$n\" ] && [ \$n -lt $first ]"
n=0
while [ "$(sql 'SELECT count(*) FROM file')" != "$files" ] && [ $n -lt 20 ]; do
	sleep 0.$((n * 7 % 10))
	kill -9 $pid
	wait $pid 2> /dev/null
	[ "$(sql 'SELECT sum(flows) FROM slot')" = "$(sql 'SELECT sum(flows) FROM file')" ] || echo "not ok - R1: kill $n left wrong sums"
	start
	sleep 1
	n=$((n + 1))
done
ok "R26: all is read" wait_for 200 settled
is_oracle R26 one
is "R1: no file twice" "$(sql 'SELECT count(*), count(DISTINCT name) FROM file')" "$files|$files"
stop
sound R26
rm -rf "$S"

# R27: 500 sources.
site sources UTC $(seq -f s%g 1 500)
"$O/mkslots" "$T/few" UTC 1763640000 2 20
for s in $(seq -f s%g 1 500); do ln "$T"/few/* "$S/$s/"; done
start
ok "R27: 500 sources are read" wait_for 120 sh -c "[ \"\$(sqlite3 -readonly '$S/state/index.db' 'SELECT count(*) FROM slot')\" = 1000 ]"
ok "R27: and have their RRDs" wait_for 120 sh -c "[ \$(ls '$S/state/profiles-stat/live' | wc -l) = 500 ]"
is "R27: the same in each" "$(sql 'SELECT DISTINCT sum(flows) FROM slot GROUP BY source')" 41
stop
rm -rf "$S"

# R27: very many files in a folder (MANY=200000 takes minutes to make and remove).
many=${MANY:-20000}
site flat UTC one
"$O/mkslots" "$T/seven" UTC 1763640000 7 1
awk -v n="$many" -v from="$T/seven" -v to="$S/one/nfcapd." 'BEGIN {
	while (("ls " from) | getline f) file[files++] = from "/" f
	for (i = 0; i < n; i++)
		print file[i % files], to strftime("%Y%m%d%H%M", 1763640000 - i * 300)
}' > "$T/links"
node -e 'for (const l of require("fs").readFileSync(0, "utf8").split("\n")) { const [a, b] = l.split(" "); if (b) require("fs").copyFileSync(a, b) }' < "$T/links"
start
began=$(seconds)
ok "R27: $many files in a folder are found" wait_for 60 sh -c "'$O/flowlight' status -c '$S/conf' | grep -q ' waiting'"
has_first() { [ "$(sql 'SELECT count(*) FROM file')" -gt 100 ]; }
ok "R27: and read" wait_for 30 has_first
ok "R27: seen within seconds ($(($(seconds) - began)) s)" test $(($(seconds) - began)) -lt 30
stop
rm -rf "$S"
