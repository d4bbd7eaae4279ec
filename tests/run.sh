#!/bin/sh
# Runs unit tests and scripts, each of which prints TAP lines ("ok …", "not ok …"), as
# many at a time as there are processors (JOBS), tells of those that are skipped, and ends
# with "N passed, N failed".  Arguments name single tests: "test_addr", "nfdump".  O is the
# build folder, DIR that of the tests.
cd "$(dirname "$0")/.." || exit 1
O=${O:-build} DIR=${DIR:-tests}
export O DIR CMOCKA_MESSAGE_OUTPUT=TAP TZ=UTC LC_ALL=C
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
# Those that take longest are begun first: none is alone at the end.
slow='faults look browser reliability nfdump incident attack explain pages hostile daemon'

# One test: its lines go to log.NAME, what is to be added up to sum.NAME.
run() {
	name=$1 log=$O/log.$1
	shift
	start=$(date +%s)
	limit=${LIMIT:-600}
	[ -z "$SAN" ] || limit=$((limit * 3))
	timeout -k 10 "$limit" "$@" > "$log" 2>&1 < /dev/null
	status=$?
	good=$(grep '^ok ' "$log" | grep -vc '# SKIP')
	# cmocka writes "not ok 1 # SKIP name" where it skips.
	skips=$(sed -n "/^\(not \)*ok .*# SKIP/{ s/^\(not \)*ok [0-9]* *-* */$name: /; s/:* *# SKIP */: /; p; }" "$log")
	bad=$(grep '^not ok ' "$log" | grep -vc '# SKIP')
	# A test that printed nothing, or failed without saying which line, is one failure.
	if [ "$bad" = 0 ] && { [ $status != 0 ] || [ "$good$skips" = 0 ]; }; then
		bad=1
		echo "not ok - $name ended with status $status" >> "$log"
	fi
	{
		printf '%-28s %4d passed %3d failed %4d s\n' "$name" "$good" "$bad" $(($(date +%s) - start))
		# What failed, with what is told of it; all of it is in the log.
		[ "$bad" = 0 ] || grep -v '^ok ' "$log" | sed 's/^/    /' | head -n 60
	} > "$O/told.$name"
	cat "$O/told.$name"
	rm "$O/told.$name"
	printf '%s %s\n%s' "$good" "$bad" "${skips:+$skips
}" > "$O/sum.$name"
}

if [ "$1" = -1 ]; then
	case $2 in
	test_*) run "$2" "$O/$2" ;;
	*) run "$2" sh "$DIR/$2.sh" ;;
	esac
	exit 0
fi

# The names of all tests, or the arguments of those that are.
names() {
	for t in "$DIR"/*.sh "$DIR"/test_*.c; do
		[ -e "$t" ] || continue
		t=$(basename "${t%.*}")
		case $t in run | lib | daemonlib) continue ;; esac
		case " ${*:-$t} " in *" $t "*) echo "$t" ;; esac
	done
}

mkdir -p "$O"
rm -f "$O"/sum.* "$O"/log.*
all=$(names "$@")
{
	for t in $slow; do printf '%s\n' "$all" | grep -x "$t"; done
	for t in $all; do case " $slow " in *" $t "*) ;; *) echo "$t" ;; esac; done
} | xargs -n 1 -P "${JOBS:-$(getconf _NPROCESSORS_ONLN 2> /dev/null || echo 2)}" sh tests/run.sh -1

passed=0 failed=0
for t in "$@"; do
	case " $(echo $all) " in *" $t "*) continue ;; esac
	echo "not ok - there is no test $t"
	failed=$((failed + 1))
done
: > "$O/check.log"
: > "$O/skipped"
for t in $all; do
	# One that was ended before it could tell is a failure.
	set -- $(head -n 1 "$O/sum.$t" 2> /dev/null)
	passed=$((passed + ${1:-0})) failed=$((failed + ${2:-1}))
	[ -n "$2" ] || echo "not ok - $t was ended"
	tail -n +2 "$O/sum.$t" >> "$O/skipped"
	cat "$O/log.$t" >> "$O/check.log"
done
[ ! -s "$O/skipped" ] || { printf '\nskipped:\n'; sed 's/^/  /' "$O/skipped"; }
rm "$O/skipped"
echo
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
