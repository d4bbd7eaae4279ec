# For test scripts: `. tests/lib.sh` from the top folder.  Prints TAP lines; a
# folder $T of the test's own goes away at the end, and processes noted with
# `started PID` are stopped by their id.
O=${O:-build}
T=$(mktemp -d "${TMPDIR:-/tmp}/flowlight-test.XXXXXX")
count=0 pids=
umask 022

finish() {
	for p in $pids; do kill "$p" 2>/dev/null; done
	for p in $pids; do wait "$p" 2>/dev/null; done
	[ -n "$KEEP" ] && echo "# kept $T" || rm -rf "$T"
}
trap finish EXIT
trap 'exit 130' INT TERM

started() { pids="$pids $1"; }

# ok NAME COMMAND…: passes when the command succeeds.
ok() {
	name=$1
	shift
	count=$((count + 1))
	if "$@" > "$T/ok.out" 2>&1; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		sed 's/^/# /' "$T/ok.out" | head -n 40
	fi
}

# is NAME GOT WANT: passes when the two texts are equal.
is() {
	count=$((count + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		printf '%s\n' "$2" > "$T/is.got"
		printf '%s\n' "$3" > "$T/is.want"
		diff -u "$T/is.want" "$T/is.got" | sed 's/^/# /' | head -n 40
	fi
}

# has NAME TEXT PATTERN: passes when a line of the text matches the basic regular expression.
has() {
	count=$((count + 1))
	if printf '%s\n' "$2" | grep -q -e "$3"; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		printf '%s\n' "$2" | head -n 20 | sed 's/^/# /'
	fi
}

# wait_for SECONDS COMMAND…: until the command succeeds; its last status.
wait_for() {
	tries=$(($1 * 10))
	shift
	while ! "$@" > /dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}

# free_port: a TCP and UDP port of 127.0.0.1 that nobody has just now.
free_port() {
	node -e 'const s=require("net").createServer();s.listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'
}
