#!/bin/sh
# The demo site: data, daemon with real collectors, FastCGI program and nginx on
# 127.0.0.1, in the foreground; Ctrl-C stops all of it.  demo.sh FOLDER PORT
O=${O:-build}
dir=$1 port=$2
mkdir -p "$dir" || exit 1
dir=$(cd "$dir" && pwd)
top=$(pwd)
bin=$(cd "$O" && pwd)
pids=

finish() {
	trap - EXIT INT TERM
	for p in $pids; do kill "$p" 2>/dev/null; done
	for p in $pids; do wait "$p" 2>/dev/null; done
	echo
	echo "The demo has stopped.  Its data stays in $dir; delete that folder to start anew."
}
trap finish EXIT
trap 'exit 0' INT TERM

# What answers there, if anything, is not this demo.
curl -s -m 2 -o /dev/null "http://127.0.0.1:$port/"
if [ $? != 7 ]; then
	trap - EXIT
	echo "Port $port is in use by another program: make demo DEMO_PORT=8081" >&2
	exit 1
fi

# Anew when the data ends more than a day ago, is not there, or was not written to its end.
newest=$(find "$dir/flows" -name 'nfcapd.2*' -mtime -1 2>/dev/null | head -n 1)
if [ -z "$newest" ] || [ ! -e "$dir/written" ]; then
	rm -rf "$dir/flows" "$dir/state" "$dir/written"
	echo "Writing two weeks of flows to $dir …"
	"$bin/flowlight" demo "$dir" --live 9995 && touch "$dir/written" || exit 1
fi

sed -e "s|@share@|$top|; s|@socket@|$dir/fcgi.sock|; s|@port@|$port|; s|@dir@|$dir|" \
	conf/demo-nginx.conf > "$dir/nginx.conf" || exit 1
mkdir -p "$dir/nginx" "$dir/log"
rm -f "$dir/fcgi.sock"

"$bin/flowlightd" -c "$dir/flowlight.conf" -f 2> "$dir/log/flowlightd" &
pids="$pids $!"
"$bin/flowlight.fcgi" -c "$dir/flowlight.conf" -s "$dir/fcgi.sock" -m 0666 2> "$dir/log/fcgi" &
pids="$pids $!"
nginx -p "$dir/nginx" -c "$dir/nginx.conf" -e "$dir/log/nginx" &
pids="$pids $!"
# Flows for the collectors, as long as the demo runs.
"$bin/flowlight" demo "$dir" --send 9995 2> "$dir/log/send" &
pids="$pids $!"

tries=100
until curl -s -f -o /dev/null "http://127.0.0.1:$port/"; do
	tries=$((tries - 1))
	# What has ended does not come up.
	for p in $pids; do kill -0 "$p" 2>/dev/null || tries=0; done
	if [ $tries -le 0 ]; then
		echo "The site did not come up; see $dir/log" >&2
		tail -n 5 "$dir"/log/* >&2
		exit 1
	fi
	sleep 0.1
done
echo
echo "  http://127.0.0.1:$port/"
echo
echo "The daemon is reading the files, newest first; graphs are whole when"
echo "\"flowlight status -c $dir/flowlight.conf\" says that none is waiting.  Incidents to look"
echo "for are in $dir/incidents.txt.  The pages' command lines run in a shell after"
echo
echo "  PATH=$bin:\$PATH"
echo
echo "Ctrl-C stops the demo."
wait $pids
