# Each call by which flowlightd writes fails once, or the process dies there, or the
# machine does (R2 … R7).  After each: nfdump's totals, a sound database, RRDs as the
# index; and what went wrong was said once.
. tests/lib.sh
. tests/daemonlib.sh
if [ "$(uname)" != Linux ]; then
	echo "ok 1 # SKIP the shims are for Linux"
	exit
fi
jobs=10
"$O/mkslots" "$T/files/one" UTC 1763640000 3 40
"$O/mkslots" "$T/files/two" UTC 1763640300 1 40
S=$T/files
want=$(nfdump_sums one)$(nfdump_sums two)

is_done() { settled && [ "$(index_sums one)$(index_sums two)" = "$want" ]; }
done_or_dead() { dead "$pid" || is_done; }
twice() { grep -v -e debug: -e info: "$S/log" | sed 's/^[^ ]* [^ ]* //' | sort | uniq -d; }

# try NAME VARIABLE=VALUE…: one life of a daemon under such conditions; says into $T/result.NAME how it was.
try() {
	name=$1
	shift
	site "$name" UTC one two
	trap 'kill -9 $pid 2> /dev/null' EXIT
	cp -p "$T"/files/one/* "$S/one"
	cp -p "$T"/files/two/* "$S/two"
	mkdir "$S/synced"
	mkdir -p "$S/state"
	[ -z "$powercut" ] || set -- FAULT_SYNCED="$S/synced" "$@"
	start FAULT_UNDER="$S/state" FAULT_HIT="$S/hit" "$@"
	wait_for 30 done_or_dead
	if [ -e "$S/hit" ]; then
		if dead "$pid"; then	# as a service manager would
			[ -z "$powercut" ] || power_cut
			start A=b
			wait_for 30 is_done
		fi
		if ! wait_for 10 is_done; then
			cat "$S/sql.err"
			echo "bad: $(index_sums one)$(index_sums two)"
			tail -n 20 "$S/log"
		elif [ "$(sql 'PRAGMA integrity_check')" != ok ]; then
			echo "bad: the database is not sound"
		elif [ -n "$(twice)" ]; then
			echo "bad: said more than once: $(twice)"
		elif ls "$S"/state/profiles-stat/live/.*.new > /dev/null 2>&1; then
			echo "bad: files left over"
		else
			echo good
		fi
	else
		echo not reached
	fi > "$T/result.$name"
	kill "$pid"
	wait_for 10 dead "$pid" || echo "bad: it does not end" > "$T/result.$name"
	rm -rf "${S:?}"
}

# Of the state only what was made safe is still there; maps of shared memory never are.
power_cut() {
	rm -f "$S/state/index.db"* "$S"/state/profiles-stat/live/* "$S"/state/profiles-stat/live/.*.new
	for f in "$S"/synced/*; do
		case $f in
		*-shm) ;;
		*/index.db*) cp "$f" "$S/state/" ;;
		*.rrd) cp "$f" "$S/state/profiles-stat/live/" ;;
		esac
	done
}

# every NAME STEP VARIABLE=VALUE…: k-th call, k = 1, 1 + STEP …, until one is not reached.
every() {
	what=$1 step=$2
	shift 2
	k=1
	while ! grep -q -s 'not reached' "$T/result.$what."* && [ $k -lt 20000 ]; do
		n=0
		while [ $n -lt $jobs ]; do
			(try "$what.$k" "$at=$k" "$@") &
			k=$((k + step)) n=$((n + 1))
		done
		wait
	done
	tried=$(grep -L 'not reached' "$T/result.$what."* | wc -l)
	bad=$(grep -l bad "$T/result.$what."* | wc -l)
	is "$what: of $tried calls all are survived" "$(grep -h -A20 bad "$T/result.$what."* | head -n 30)" ""
	ok "$what: there were some" test "$tried" -gt 5
	rm -f "$T/result.$what."*
}

at=FAULT_AT powercut=
disk="LD_PRELOAD=$PWD/$O/faultfs.so"
sparse=${SAN:+20}
every R4-EIO "${sparse:-2}" "$disk" FAULT_ERRNO=5
every R5-ENOSPC "${sparse:-3}" "$disk" FAULT_ERRNO=28 FAULT_FOR=3
every R2-kill "${sparse:-2}" "$disk" FAULT_KILL=1
powercut=yes
every R3-power "${sparse:-3}" "$disk" FAULT_KILL=1
powercut=
if [ -n "$SAN" ]; then
	echo "ok 1000 # SKIP R7: memory is the sanitizer's"
else
	at=FAULT_MEMORY
	every R7-memory 61 LD_PRELOAD="$PWD/$O/faultmem.so"
fi

# R5, R6: refused for a while, with a backlog that grows; and then no more.
while_refused() {
	site "$1" UTC one two
	: > "$S/gate"
	cp -p "$T"/files/one/* "$S/one"
	mkdir "$S/state"
	rm "$S/gate"
	start "$disk" FAULT_UNDER="$S/state" FAULT_WHILE="$S/gate" FAULT_ERRNO="$2"
	ok "$1: it reads" wait_for 20 settled
	: > "$S/gate"
	was=$(index_sums one)
	cp -p "$T"/files/two/* "$S/two"
	ok "$1: it complains" wait_for 20 grep -q error: "$S/log"
	sleep 4
	ok "$1: the index can be read meanwhile" "$O/flowlight" status -c "$S/conf"
	is "$1: and has what it had" "$(index_sums one)$(index_sums two)" "${was}0 0 0 "
	ok "$1: it goes on" kill -0 "$pid"
	is "$1: what is wrong was said once" "$(twice)" ""
	rm "$S/gate"
	ok "$1: it catches up without help" wait_for 30 is_done
	has "$1: and says so" "$(cat "$S/log")" "can be written again"
	stop
	sound "$1"
}
while_refused R5-full 28
while_refused R6-readonly 30
while_refused R6-quota 122
