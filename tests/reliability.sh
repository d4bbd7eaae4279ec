# What must not hurt flowlightd, quick cases; the numbers are those of the list of
# reliability cases (R1 … R42).  Others: daemon.sh (R8, R10, R11, R14, R28), kill.sh
# (R1, R34), hostile.sh and test_nfcapd*.c (R15, R16), nfdump.sh and flowtools.sh
# (R17), test_index.c (R25, R38), and long/*.sh for what takes minutes.
. tests/lib.sh
. tests/daemonlib.sh

# R39: from the files, again.
site r39 UTC one two
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
