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
