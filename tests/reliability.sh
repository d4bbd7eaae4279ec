# What must not hurt flowlightd, quick cases.  The numbers are those of the list of
# reliability cases; "long" is tests/long, for what takes minutes:
#	R1	killed at any moment: kill.sh, long/lives.sh (500 times)
#	R2	killed before each call that writes, and in the middle of it: long/faults.sh
#	R3	fall of power: long/faults.sh
#	R4-R6	EIO, ENOSPC, EDQUOT, EROFS at each write, fsync, rename, mmap …, and for a
#		while: long/faults.sh
#	R7	no memory, at each request: long/faults.sh
#	R8	the same twice, two daemons: here, daemon.sh
#	R9	renamed and copied: here
#	R10, R11 grown, replaced: daemon.sh, test_index.c
#	R12-R14	vanished, half-written, what is no file: here
#	R15, R16 changed bits, bombs: hostile.sh, test_nfcapd1.c, test_nfcapd2.c, test_nfcapd3.c
#	R17	formats and compressions: here, nfdump.sh, flowtools.sh
#	R18	no flows: here; very many: long/flood.sh
#	R19	any order, late: here
#	R20	gaps: here, test_rrd.c
#	R21, R22 clocks put back and forward, zones: here; of pages: pages.sh
#	R23, R24 clocks that jump, flow times that cannot be: here
#	R25	counters near 2^64: here, test_index.c; sampling rates, which nfcapd applies:
#		test_nfcapd1.c, test_nfcapd2.c
#	R26, R27 a month to read, very many files and sources: long/many.sh
#	R28	no events are needed; a new day's folder: here
#	R30	flood of spoofed addresses: long/flood.sh
#	R34	each side killed: here
#	R38	upgrade and downgrade: test_index.c, long/lives.sh
#	R39	made anew from the files: here
#	R40	starts and stops in a row: here, long/lives.sh (100 times)
# After each: totals are nfdump's, the database is sound, RRDs are as the index.
. tests/lib.sh
. tests/daemonlib.sh

# R39: from the files, again.
settings='columns = 1G'
site r39 UTC one two
settings=
"$O/mkslots" "$S/one" UTC 1763640000 40 100
"$O/mkslots" "$S/two" UTC 1763640000 25 300
start
ok "R39: two sources are read" wait_for 20 settled
was=$(dump)
rrd_was=$(rrd_dump one; rrd_dump two)
has "R39: not while the daemon runs" "$("$O/flowlight" rebuild -c "$S/conf" 2>&1)" "another flowlightd, process $pid is at work"
stop
ok "R39: rebuild index" "$O/flowlight" rebuild -c "$S/conf" index
is "R39: the index is the same" "$(dump)" "$was"
rm "$S"/state/profiles-stat/live/*.rrd
ok "R39: rebuild rrd" "$O/flowlight" rebuild -c "$S/conf" rrd
is "R39: the RRDs are the same" "$(rrd_dump one; rrd_dump two)" "$rrd_was"
(cd "$S/state/columns" && cksum */*) > "$S/columns.was"
rm "$S"/state/columns/*/*
is "R39: rebuild columns" "$("$O/flowlight" rebuild -c "$S/conf" columns)" "columns: 65 files"
is "R39: the column files are the same" "$(cd "$S/state/columns" && cksum */*)" "$(cat "$S/columns.was")"
sound R39
echo "not a database" > "$S/state/index.db"
ok "R39: a damaged index is made anew" "$O/flowlight" rebuild -c "$S/conf"
is "R39: to the same" "$(dump)$(rrd_dump one; rrd_dump two)" "$was$rrd_was"
rm "$S/one/nfcapd.202511201200"
has "R39: what is gone is not thrown away unasked" "$("$O/flowlight" rebuild -c "$S/conf" 2>&1)" "1 collector files are gone"
is "R39: so it is still there" "$(dump)" "$was"
stop 2> /dev/null

# R21: clocks put back and forward.  Local names mean two times in one hour; the flows in a file tell which.
dst() {
	zone=$1 place=$2 autumn=$3 spring=$4 back=$5
	site "r21-$place" "$zone" "local" second appended zoned spring
	# As newer nfcapd's do: the second hour's files take the first's place.
	"$O/mkslots" "$S/local" "$zone" $((autumn - back)) $((back / 300)) 20
	"$O/mkslots" "$S/second" "$zone" "$autumn" $((back / 300)) 20
	"$O/mkslots" -z "$S/zoned" "$zone" $((autumn - back - 600)) $((2 * back / 300 + 4)) 20
	"$O/mkslots" "$S/spring" "$zone" $((spring - 1200)) 8 20
	# As nfcapd 1.7.1: it adds the second hour to the first's files.
	"$O/mkslots" "$T/a/$place/1" "$zone" $((autumn - back)) 1 20
	"$O/mkslots" "$T/a/$place/2" "$zone" "$autumn" 1 20
	f=$(ls "$T/a/$place/1")
	cp "$T/a/$place/1/$f" "$S/appended/"
	start TZ=Asia/Kolkata	# the configuration's zone counts (R22)
	ok "R21 $zone: files are read" wait_for 20 settled
	starts() { sql "SELECT group_concat(start / 300 - $autumn / 300, ' ') FROM (SELECT start FROM slot, source WHERE source.id = source AND name = '$1' ORDER BY start)"; }
	steps() { seq -s ' ' "$1" "$2"; }
	n=$((back / 300))
	is "R21 $zone: before clocks are put back" "$(starts "local")" "$(steps -$n -1)"
	is "R21 $zone: after it" "$(starts second)" "$(steps 0 $((n - 1)))"
	is "R21 $zone: names with %z" "$(starts zoned)" "$(steps $((-n - 2)) $((n + 1)))"
	is "R21 $zone: clocks put forward" "$(starts spring)" "$(steps $(((spring - autumn) / 300 - 4)) $(((spring - autumn) / 300 + 3)))"
	was=$(index_sums "local")
	"$O/mkslots" "$S/local" "$zone" "$autumn" $n 30
	nfdump -R "$T/a/$place" -w "$T/both" > /dev/null
	mv "$T/both" "$S/appended/$f"
	ok "R21 $zone: the second hour's files are read" wait_for 20 sh -c \
	    "[ \$(sqlite3 -readonly '$S/state/index.db' 'SELECT count(*) FROM file WHERE state = 2') = $n ]"
	ok "R21 $zone: and the RRD follows" wait_for 20 rrd_is_index "local"
	is "R21 $zone: both hours are there" "$(starts "local")" "$(steps -$n $((n - 1)))"
	wait_for 10 sh -c "[ \$(sqlite3 -readonly '$S/state/index.db' \"SELECT sum(flows) FROM slot, source WHERE source.id = source AND name = 'appended'\") = 40 ]"
	is "R21 $zone: what was added to the first hour's file is there" "$(starts appended)" "-$n"
	is_oracle "R21 $zone" appended
	is_oracle "R21 $zone" zoned
	sums=$(index_sums "local")
	stop
	rm "$S/state/index.db"
	start
	wait_for 20 sh -c "[ \$(sqlite3 -readonly '$S/state/index.db' 'SELECT count(*) FROM slot' 2> /dev/null) -ge $((4 * n + 13)) ]"
	is "R21 $zone: read anew, the second hour is where it was" "$(starts "local")" "$(steps 0 $((n - 1)))"
	stop
}
dst Europe/Berlin berlin 1792890000 1774746000 3600
dst America/St_Johns johns 1793507400 1772947800 3600
dst Australia/Lord_Howe howe 1775314800 1791041400 1800

# R9, R13, R14, R17, R18, R24, R28: files of all kinds; has_files SOURCE N: that are there.
has_files() { [ "$(sql "SELECT count(*) FROM file, source WHERE source.id = source AND state <> 2 AND source.name = '$1'")" = "$2" ]; }
site files UTC copy renamed half odd mixed weird midnight
"$O/mkslots" "$S/copy" UTC 1763640000 5 50
cp -p "$S"/copy/* "$S/renamed"
"$O/mkslots" -w "$S/weird" UTC 1763640000 2 77
"$O/mkslots" "$T/whole" UTC 1763640000 100 200
whole=$(ls "$T"/whole/* | head -n 1)
size=$(stat -c %s "$whole")
i=0
for f in "$T"/whole/*; do	# 1 % to 100 % of a file
	i=$((i + 1))
	head -c $((size * i / 100)) "$whole" > "$S/half/${f##*/}"
done
"$O/mkslots" "$S/odd" UTC 1763640000 1 0
for n in nfcapd.current nfcapd.current.4711 tmp-v05.2026-11-20.143000+0000 .nfcapd.202511201300 nfcapd.202511201300.stat; do
	cp "$whole" "$S/odd/$n"
done
mkfifo "$S/odd/nfcapd.202511201305"
mkdir "$S/odd/nfcapd.202511201310"
ln -s "$whole" "$S/odd/nfcapd.202511201315"
ln -s /dev/zero "$S/odd/nfcapd.202511201320"
node -e 'require("net").createServer().listen(process.argv[1])' "$S/odd/nfcapd.202511201325" &
started $!
nfdump -r "$whole" -z -w "$S/mixed/nfcapd.202511201300" > /dev/null
nfdump -r "$whole" -j -w "$S/mixed/nfcapd.202511201305" > /dev/null
nfdump -r "$whole" -y -w "$S/mixed/nfcapd.202511201310" > /dev/null
nfdump -r "$whole" -w "$S/mixed/nfcapd.202511201315" > /dev/null
cp tests/data/flowtools/pflow-v5.ft "$S/mixed/ft-v05.2026-11-20.143000+0000"
start
mkdir -p "$S/midnight/2025/11/20" "$S/empty"
touch -d '+1 year' "$S/empty" "$S/midnight/2025/11/20"
has_files() { [ "$(sql "SELECT count(*) FROM file, source WHERE source.id = source AND state <> 2 AND source.name = '$1'")" = "$2" ]; }
ok "R13: half-written files are looked at" wait_for 20 has_files half 100
is "R13: those that end too early have a reason" "$(sql "SELECT count(*) FROM file, source s WHERE s.id = source AND s.name = 'half' AND reason IS NULL")" 1
is "R13: and never more than is in them" "$(sql "SELECT max(flows), sum(flows < 0) FROM file, source s WHERE s.id = source AND s.name = 'half'")" "200|0"
for f in "$T"/whole/*; do cp "$whole" "$S/half/${f##*/}"; done
ok "R13: when they are whole, all is counted" wait_for 20 sh -c "[ \$(sqlite3 -readonly '$S/state/index.db' \"SELECT sum(flows) FROM slot, source WHERE source.id = source AND name = 'half'\") = 20000 ]"
is_oracle R13 half
is "R14: what is no finished regular file is left alone" "$(sql "SELECT file.name FROM file, source s WHERE s.id = source AND s.name = 'odd'")" nfcapd.202511201200
is "R18: a file without flows is a slot of zero" "$(sql "SELECT start, flows FROM slot, source s WHERE s.id = source AND s.name = 'odd'")" "1763640000|0"
is "R17: compressions and formats in one folder" "$(sql "SELECT sum(flows) || ' ' || sum(packets) || ' ' || sum(bytes) || ' ' FROM file, source s WHERE s.id = source AND s.name = 'mixed' AND file.name LIKE 'nfcapd%'")" "$(nfdump_sums mixed/nfcapd.202511201300:nfcapd.202511201315)"
is "R17: those of flow-tools, too" "$(sql "SELECT flows FROM file WHERE name LIKE 'ft-v05%'")" "$(grep -c '^[^#]' tests/data/flowtools/pflow-v5.csv)"
is "R24: flows of impossible times count in their file's slot" "$(sql "SELECT start, flows FROM slot, source s WHERE s.id = source AND s.name = 'weird' ORDER BY 1")" \
    "1763640000|77
1763640300|78"
# Sums stay at their top: that of SQLite in the index, of 64 bits in an answer.  What is below is nfdump's.
weird="$S/weird/nfcapd.202511201200"
is "R25: sums of counters near 2^64 in the index" "$(sql "SELECT DISTINCT packets, bytes FROM slot, source s WHERE s.id = source AND s.name = 'weird'")" \
    "9223372036854775807|9223372036854775807"
summary() { sed -n 's/^Summary: //p' | cut -d , -f 1-3; }
for how in "-s proto/bytes" "-a" "-o line"; do
	is "R25: of an answer, $how" "$("$O/flowlight" query -N -r "$weird" $how | summary)" \
	    "total flows: 77, total bytes: 18446744073709551615, total packets: 18446744073709551615"
	is "R25: and without them, $how" "$("$O/flowlight" query -N -r "$weird" $how 'bytes < 1t' | summary)" \
	    "$(nfdump -N -r "$weird" $how 'bytes < 1000000000' | summary)"
done
is "R9: a copy in another source counts there" "$(index_sums renamed)" "$(index_sums copy)"
mkdir "$S/renamed/2025-11-20"
mv "$S"/renamed/nfcapd.2* "$S/renamed/2025-11-20"
ok "R9: moved files are found" wait_for 20 sh -c "[ \$(sqlite3 -readonly '$S/state/index.db' \"SELECT count(*) FROM file WHERE name LIKE '2025-11-20/%' AND state = 0\") = 5 ]"
is "R9: and count once" "$(index_sums renamed)" "$(index_sums copy)"
mkdir -p "$S/midnight/2025/11/21"
"$O/mkslots" "$S/midnight/2025/11/21" UTC 1763683200 1 50
ok "R28: a file in a new day's folder is found" wait_for 10 has_files midnight 1
"$O/mkslots" "$S/midnight/2025/11/20" UTC 1763640000 1 50
ok "R28: also where a folder's time was in the future" wait_for 10 has_files midnight 2
rm "$S"/copy/nfcapd.20251120120[05]
ok "R12: files that are gone are marked" wait_for 10 has_files copy 3
is "R12: their totals stay" "$(index_sums copy)" "$(index_sums renamed)"
stop
dump > "$T/before"
sqlite3 "$S/state/index.db" 'UPDATE source SET seen = 1'
looked() { [ "$(sql 'SELECT min(seen) FROM source')" -gt 1 ]; }
start
ok "R8: all is looked at again" wait_for 20 looked
stop
is "R8: nothing changes" "$(dump | diff "$T/before" -)" ""
is "files: the database is sound" "$(sql 'PRAGMA integrity_check')" ok

# R19: any order and late files give what the right order gives.
site order UTC one
"$O/mkslots" "$T/pattern" UTC 1763640000 60 30
cp -p "$T"/pattern/* "$S/one"
start
wait_for 20 settled
stop
want=$(dump; rrd_dump one)
site disorder UTC one
ls "$T/pattern" | awk '{ print (NR * 37) % 61, $0 }' | sort -n | cut -d ' ' -f 2 > "$T/shuffled"
start
n=0
while read -r f; do
	cp -p "$T/pattern/$f" "$S/one/.new" && mv "$S/one/.new" "$S/one/$f"
	n=$((n + 1))
	[ $((n % 12)) != 0 ] || wait_for 20 settled
done < "$T/shuffled"
wait_for 20 settled
stop
is "R19: the order of arrival does not matter" "$(dump; rrd_dump one)" "$want"
sound R19

# R20: a gap is no data.
rm -f "$S"/state/index.db* "$S"/one/nfcapd.20251120130*
start
wait_for 20 settled
stop
is "R20: a gap has no slots" "$(sql "SELECT count(*) FROM slot")" 58
is "R20: and is unknown to the RRD, not zero" "$(rrdtool fetch "$S/state/profiles-stat/live/one.rrd" AVERAGE -r 300 -s 1763643600 -e 1763644199 | grep -c -e '-\?nan')" 2

# R23: the clock jumps by hours and years, falls to 1970, passes 2038.
if [ "$(uname)" = Linux ]; then
	site clock UTC one
	now=$(($(date +%s) / 300 * 300))
	"$O/mkslots" "$T/ticks" UTC $((now - 12000)) 40 20
	set -- "$T"/ticks/*
	echo 0 > "$S/ahead"
	start LD_PRELOAD="$PWD/$O/faultfs.so" FAULT_CLOCK="$S/ahead"
	for ahead in 0 3600 -3600 31536000 -31536000 0 -$now 400000000 0; do
		echo "$ahead" > "$S/ahead"
		cp -p "$1" "$2" "$3" "$4" "$S/one"
		shift 4
		wait_for 20 has_files one $((40 - $#))
	done
	# A file that a wrong clock dated.
	"$O/mkslots" "$S/one" UTC $((now + 31536000)) 1 20
	ok "R23: a file of the future is read" wait_for 20 has_files one 37
	cp -p "$@" "$S/one"
	rm "$S/one/"*"$(date -u -d @$((now + 31536000)) +%Y%m%d%H%M)"
	ok "R23: all is read" wait_for 20 sh -c "[ \$(sqlite3 -readonly '$S/state/index.db' 'SELECT count(*) FROM file') = 41 ]"
	is "R23: nothing was purged" "$(sql "SELECT count(*), sum(start <= $now) FROM slot")" "41|40"
	ok "R23: nothing of the future is in the RRD" wait_for 20 sh -c \
	    "[ \$(rrdtool last '$S/state/profiles-stat/live/one.rrd') -le $((now + 300)) ]"
	stop
	is "R23: the clock's jumps left the daemon alive" "$(grep -c 'ending' "$S/log")" 1
	is "R23: and all of the present is" "$(rrd_dump one)" "$(dump | sed '$d')"
fi

# R34: each side is killed while the other works.
site sides UTC one
"$O/mkslots" "$S/one" UTC 1763640000 30 100
start
wait_for 20 settled
kill -9 $pid
wait $pid 2> /dev/null
has "R34: with the daemon killed, the index answers" "$("$O/flowlight" status -c "$S/conf" 2>&1)" "30 known"
start
for n in 1 2 3 4 5; do
	"$O/flowlight" query --conf "$S/conf" --source one --from @1763640000 --to @1763649000 -o csv > /dev/null 2>&1 &
	reader=$!
	kill -9 $reader
	wait $reader 2> /dev/null
done
"$O/mkslots" "$S/one" UTC 1763649000 1 100
ok "R34: readers that are killed do not hold it up" wait_for 20 settled
stop
sound R34

# R40: starts and stops in a row.
n=0
was=$(dump)
while [ $n -lt 10 ]; do
	start
	sleep 0.0$((n * 3 % 10))
	end
	n=$((n + 1))
done
start
ok "R40: after 10 starts and stops all is well" wait_for 20 settled
stop
is "R40: nothing changed" "$(dump)" "$was"
sound R40

# A daemon beside another is refused, whatever its moment.
start
wait_for 10 test -s "$S/state/flowlightd.lock"
for n in 1 2 3 4 5; do
	"$O/flowlightd" -f -c "$S/conf" > "$S/other" 2>&1
	echo "$? $(grep -c 'another flowlightd' "$S/other")"
done > "$S/others"
is "R8: other daemons are refused" "$(sort -u "$S/others")" "1 1"
stop
