# Each call by which flowlightd writes fails once, or the process dies there, or the
# machine does, and each request for memory is refused (R2 … R7): see ordeal.c.  After
# each: nfdump's totals, a sound database, RRDs as the index; and what went wrong was
# said once.
. tests/lib.sh
. tests/daemonlib.sh
if [ "$(uname)" != Linux ]; then
	echo "ok 1 # SKIP the shims are for Linux"
	exit
fi
# The time of it all is much of the time of CI: under the sanitizers, some of the places.
step=${SAN:+20}
memory=${STEP:-7}	# of the requests for memory, which are many, every seventh unless told
step=${STEP:-${step:-1}}
"$O/mkslots" "$T/files/one" UTC 1763640000 3 40
"$O/mkslots" "$T/files/two" UTC 1763640300 1 40
S=$T/files
{
	echo "one 3 $(nfdump_sums one)"
	echo "two 1 $(nfdump_sums two)"
} > "$S/want"
disk="LD_PRELOAD=$PWD/$O/faultfs.so"

# every NAME AT-LEAST OPTIONS… -- VARIABLE=VALUE…: a life for each place.
every() {
	what=$1 least=$2
	shift 2
	options=
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	ok "$what: is survived, wherever it is" "$O/ordeal" $options "$@"
	lives=$(sed -n 's/^\([0-9]*\) lives.*/\1/p' "$T/ok.out")
	ok "$what: there were many places ($lives)" test "${lives:-0}" -ge $((least / step))
}

on_disk() { every "$1" 200 -s $step $2 -- "$S" "${1%%:*}" FAULT_AT "$disk" $3; }
on_disk "R2: killed before each call" -k FAULT_KILL=1
on_disk "R2: killed in the middle of each write" -k FAULT_KILL=2
on_disk "R3: fall of power before each call" -p FAULT_KILL=1
on_disk "R3: fall of power in the middle of each write" -p FAULT_KILL=2
on_disk "R4: EIO" "" FAULT_ERRNO=5
on_disk "R5: ENOSPC, three times" "" "FAULT_ERRNO=28 FAULT_FOR=3"
on_disk "R6: EDQUOT" "" FAULT_ERRNO=122
on_disk "R6: EROFS" "" FAULT_ERRNO=30

if [ -n "$SAN" ]; then
	echo "ok 1000 # SKIP R7: memory is the sanitizer's"
else
	"$O/mkslots" "$T/little/one" UTC 1763640000 2 10
	S=$T/little
	echo "one 2 $(nfdump_sums one)" > "$S/want"
	step=$memory
	every "R7: no memory" 5000 -m -s $step -- "$S" R7 FAULT_MEMORY "LD_PRELOAD=$PWD/$O/faultmem.so"
fi

is_done() { settled && [ "$(index_sums one)$(index_sums two)" = "$want" ]; }
twice() { grep -v -e debug: -e info: "$S/log" | sed 's/^[^ ]* [^ ]* //' | sort | uniq -d; }
S=$T/files
want=$(nfdump_sums one)$(nfdump_sums two)

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
