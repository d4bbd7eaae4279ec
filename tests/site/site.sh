# For tests of the pages: a small site that never changes, with its daemon.
# Sourced after tests/lib.sh.  The clock stands still at a quarter past the last slot.
UNTIL=2026-11-20T19:00
export FLOWLIGHT_NOW=1795201500
SITE=$T/site
HOURS=6
# The quick way to unwind stacks loses its way in libc's vasprintf, and so the library that called it.
[ -z "$SAN" ] || export ASAN_OPTIONS="$ASAN_OPTIONS:fast_unwind_on_malloc=0:malloc_context_size=8"
export LSAN_OPTIONS=suppressions=$PWD/tests/site/lsan.supp:print_suppressions=0

page() { "$O/flowlight.fcgi" -c "$SITE/flowlight.conf" -r "$1"; }

site_read() {
	[ "$(page /status.json | grep -c "\"files\": $((HOURS * 12)),")" = 2 ] &&
	    [ "$(page /status.json | grep -c '"backlog": 0,')" = 2 ] && page /status.json | grep -q '"all_well": true'
}

# Writes the site and has the daemon read it.
site_start() {
	"$O/mksite" "$SITE" $UNTIL $HOURS "$PWD" || exit 1
	"$O/flowlightd" -f -c "$SITE/flowlight.conf" 2> "$T/daemon.log" &
	daemon=$!
	started $daemon
	if ! wait_for 30 site_read; then
		echo "not ok 1 - the daemon reads the site"
		tail -n 5 "$T/daemon.log" | sed 's/^/# /'
		exit 1
	fi
}

# json PATH: the value of a model on standard input, "result.tables.0.rows"; objects as JSON.
json() {
	node -e '
		let v = JSON.parse(require("fs").readFileSync(0, "utf8"));
		for (const k of process.argv[1].split("."))
			v = v == null ? v : k === "*" ? v.flat() : Array.isArray(v) && isNaN(k) ? v.map(x => x[k]) : v[k];
		console.log(typeof v === "object" ? JSON.stringify(v, null, 1) : String(v));
	' "$1"
}

# flowlight.fcgi on $T/fcgi.sock, its process in $fcgi; words are more options.
fcgi_start() {
	"$O/flowlight.fcgi" -c "$SITE/flowlight.conf" -s "$T/fcgi.sock" -w 2 "$@" 2> "$T/fcgi.log" &
	fcgi=$!
	started $fcgi
}

# sample NAME: conf/NAME.conf with the port, the socket and the paths of this test.
sample() {
	sed -e "s|listen 80;|listen 127.0.0.1:$port;|; s|/usr/local/share/flowlight/static|${STATIC:-$PWD/static}|" \
	    -e "s|/run/flowlight/fcgi.sock|$T/fcgi.sock|; s|\*:80>|127.0.0.1:$port>|" \
	    -e "s|/etc/[a-z0-9]*/flowlight.htpasswd|$T/htpasswd|" "conf/$1.conf"
}

sample_nginx() { sample nginx; }

# nginx_conf COMMAND…: a whole configuration around the sample that the command prints.
nginx_conf() {
	mkdir -p "$T/nginx"
	{
		[ "$(id -u)" != 0 ] || echo "user root;"
		cat <<-EOF
		daemon off; worker_processes 1; pid $T/nginx/pid; error_log $T/nginx/error.log;
		events { worker_connections 128; }
		http {
			types { text/html html; text/css css; text/javascript js; image/svg+xml svg; }
			access_log off;
			client_body_temp_path $T/nginx/body; proxy_temp_path $T/nginx/proxy;
			fastcgi_temp_path $T/nginx/fastcgi; uwsgi_temp_path $T/nginx/uwsgi;
			scgi_temp_path $T/nginx/scgi;
		EOF
		"$@"
		echo "}"
	} > "$T/nginx.conf"
}

# The web server in front, as conf/nginx.conf has it or a command prints it; sets URL.
nginx_start() {
	port=$(free_port)
	URL=http://127.0.0.1:$port
	nginx_conf "${@:-sample_nginx}"
	fcgi_start
	nginx -p "$T/nginx" -c "$T/nginx.conf" -e "$T/nginx/error.log" &
	started $!
	wait_for 10 curl -sf -o /dev/null "$URL/help" && return 0
	echo "not ok 1 - nginx and flowlight.fcgi start"
	tail -n 5 "$T/nginx/error.log" "$T/fcgi.log" | sed 's/^/# /'
	exit 1
}

# What tests in a browser need: the packages of the lock file, and CHROMIUM.  Tests that
# begin at the same time wait for the first; whoever ended in the middle is waited for once.
browser_modules() {
	modules=tests/browser/node_modules
	wait_for 12 mkdir "$O/npm.lock"
	cmp -s tests/browser/package-lock.json $modules/lock ||
	    { npm ci --prefix tests/browser --no-audit --no-fund --loglevel=error > "$T/npm.log" 2>&1 &&
		cp tests/browser/package-lock.json $modules/lock; } ||
	    { echo "not ok 1 - npm ci in tests/browser"; sed 's/^/# /' "$T/npm.log"; rmdir "$O/npm.lock"; exit 1; }
	rmdir "$O/npm.lock"
	CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}
	export CHROMIUM
}

# Files that take long to unpack in the place of the site's, so that queries last until
# they are told to end; of so many flows each.  The daemon is stopped.
site_heavy() {
	kill "$daemon"
	wait "$daemon" 2> /dev/null
	"$O/nfrandom" "$T/plain" "${1:-300000}" 7
	nfdump -q -r "$T/plain" -j -w "$T/heavy" > /dev/null
	find "$SITE/flows" -name 'nfcapd.2*' -exec ln -f "$T/heavy" {} \;
}
LONG='from=2026-11-20T13:00&to=2026-11-20T19:00&list=1&filter=src+port+1+and+src+port+2'
