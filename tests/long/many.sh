# Many of everything: a backlog of a month, 500 sources, very many files in a folder, a
# daemon that is killed at any moment (R1, R26, R27).
. tests/lib.sh
. tests/daemonlib.sh

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
if [ -z "$SAN" ] && [ -r "/proc/$pid/status" ]; then
	kB=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status")
	ok "R26: in as much memory as for a few ($kB kB)" test "$kB" -lt 150000
fi
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
# When nothing is to be done, hardly anything is: of the processor's time, not of a clock's, so
# that a busy machine counts nothing.  It may take a while until hours and days are summed up.
ticks() { awk '{ print $14 + $15 }' "/proc/$pid/stat"; }
idle() { was=$(ticks); sleep 10; used=$(($(ticks) - was)); [ $used -lt $most ]; }
most=${SAN:+50}
most=${most:-10}
if [ -r "/proc/$pid/stat" ]; then
	ok "R27: it rests then, at less than 1 % of a processor" wait_for 20 idle
	echo "# $used ms in each second"
fi
is "R27: the same in each" "$(sql 'SELECT DISTINCT sum(flows) FROM slot GROUP BY source')" 41
stop
rm -rf "$S"

# R27: 200,000 files in a folder, all of them names of a few.
many=${MANY:-200000}
site flat UTC one
"$O/mkslots" "$T/seven" UTC 1763640000 7 1
node -e '
	const fs = require("fs"), [many, from, to] = process.argv.slice(1), files = fs.readdirSync(from);
	for (let i = 0; i < many; i++) {
		const at = new Date((1763640000 - i * 300) * 1000).toISOString().replace(/[-T:]/g, "");
		fs.linkSync(from + "/" + files[i % files.length], to + "/nfcapd." + at.slice(0, 12));
	}' "$many" "$T/seven" "$S/one"
start
found() { w=$("$O/flowlight" status -c "$S/conf" | sed -n 's/.* \([0-9]*\) waiting.*/\1/p'); [ "${w:-0}" -gt $((many / 2)) ]; }
ok "R27: $many files in a folder are found" wait_for 30 found
# Of the process, not of a busy machine's clock.
spent=$(ps -o cputimes= -p $pid | tr -d ' ')
ok "R27: in seconds ($spent of work)" test "$spent" -le 10
has_first() { [ "$(sql 'SELECT count(*) FROM file')" -gt 100 ]; }
ok "R27: and read" wait_for 30 has_first
stop
rm -rf "$S"
