# The same pages through nginx, lighttpd and Apache, configured by the samples of conf/.
. tests/lib.sh
. tests/site/site.sh
site_start
# Apache does not run as root: what it has to read is made readable.
STATIC=$T/static
cp -r static "$STATIC"
chmod -R a+rX "$T" "$STATIC"
printf 'ann:%s\n' "$(openssl passwd -apr1 secret)" > "$T/htpasswd"
export PATH="$PATH:/usr/sbin"
HOST=flows.example.org
fcgi_start -m 0666
ok "flowlight.fcgi starts" wait_for 10 test -S "$T/fcgi.sock"

# With passwords: as the samples say, by taking out the "#" of their lines.
with_auth() {
	sample "$1" | sed -E '/^#server.modules|#auth|#fastcgi_param REMOTE_USER|#<Location|#\t+(Auth|Require)|#<\/Location/s/#\t*//'
}

# server CONFIGURATION-MAKER NAME: what is started, in the foreground.
nginx_run() {
	nginx_conf "$1" nginx
	exec nginx -p "$T/nginx" -c "$T/nginx.conf" -e "$T/nginx/error.log"
}
lighttpd_run() {
	{
		printf 'server.bind = "127.0.0.1"\nserver.port = %s\nserver.document-root = "%s"\n' "$port" "$T"
		printf 'server.errorlog = "%s"\nmimetype.assign = ( ".css" => "text/css", ".js" => "text/javascript", ".svg" => "image/svg+xml" )\n' "$T/lighttpd.log"
		"$1" lighttpd
	} > "$T/lighttpd.conf"
	exec lighttpd -D -f "$T/lighttpd.conf"
}
apache_run() {
	modules=/usr/lib/apache2/modules
	{
		printf 'ServerRoot "%s"\nServerName localhost\nListen 127.0.0.1:%s\nPidFile "%s"\nErrorLog "%s"\n' "$T" "$port" "$T/apache.pid" "$T/apache.log"
		[ "$(id -u)" != 0 ] || printf 'User www-data\nGroup www-data\n'
		printf 'Mutex pthread\nTypesConfig /etc/mime.types\n'
		for m in mpm_event authn_core authn_file authz_core authz_user auth_basic alias expires mime proxy proxy_fcgi; do
			[ ! -e $modules/mod_$m.so ] || printf 'LoadModule %s_module %s/mod_%s.so\n' $m $modules $m
		done
		"$1" apache
	} | awk '/^TypesConfig/ { types = $0; next } { print } /mod_mime/ && types { print types; types = "" }' > "$T/apache.conf"
	exec apache2 -X -f "$T/apache.conf"
}

get() { curl -s --resolve "$HOST:$port:127.0.0.1" "$@"; }
code() { get -o "$T/body" -D "$T/head" -w '%{http_code}' "$@"; }
has_list() { get "$URL/queries.json" | grep -q '"since":'; }
has_none() { ! has_list; }
seen() { grep -q "$1" "$T/events"; }

# begin SERVER MAKER: starts it on a port of its own.
begin() {
	port=$(free_port)
	URL=http://$HOST:$port
	"$1_run" "$2" > "$T/$1.out" 2>&1 &
	server=$!
	started $server
	ok "$1 starts" wait_for 10 get -s -o /dev/null "$URL/help"
}
end() {
	kill $server
	wait $server 2> /dev/null
}

one='from=2026-11-20T16:00&to=2026-11-20T16:05'
for server_name in nginx lighttpd apache; do
	command=$server_name
	[ $server_name != apache ] || command=apache2
	if ! command -v $command > /dev/null; then
		skip "$server_name" "it is not installed"
		continue
	fi
	begin $server_name sample
	for u in / /help "/details?$one&by=srcip" "/details.json?$one&by=srcip&filter=not+port+80" "/details.csv?$one&by=srcip" \
	    '/graph?size=mini' '/graph?size=mini&format=svg' /static/style.css /static/flowlight.js; do
		is "$server_name: $u" "$(code "$URL$u")" 200
		# Measured times differ from one to the next, whether it was known, and the cookie's secret.
		sed -E -e 's/; from the cache, of [^.]*//; /"from_cache":/d' -e 's/"seconds": [0-9.]*|, [0-9.]+ s\. |value="[0-9a-f]{32}"//' -e '/"text": "Reads|^ *,$/d' \
		    "$T/body" > "$T/$server_name.$(echo "$u" | tr -c 'a-z0-9\n' _)"
	done
	is "$server_name: no such page" "$(code "$URL/nope")" 404
	is "$server_name: a parameter twice" "$(code "$URL/details?top=1&top=2")" 400
	is "$server_name: HEAD" "$(code -I "$URL/details")" 200
	is "$server_name: POST" "$(code -d x=1 "$URL/details")" 405
	is "$server_name: a redirect stays here" "$(code "$URL/details?$one&go=show") $(sed -n 's/^[Ll]ocation: \(http:..[^/]*\)\{0,1\}\([^?]*\).*/\2/p' "$T/head" | tr -d '\r')" "303 /details"
	code "$URL/details?filter=%22%25%2B%26%3B%23" > /dev/null
	is "$server_name: all characters of a filter arrive" "$(grep -c '&quot;%+&amp;;#' "$T/body" | sed 's/[1-9].*/yes/')" yes
	code "$URL/graph" > /dev/null
	etag=$(sed -n 's/^ETag: \(.*\)\r$/\1/Ip' "$T/head")
	is "$server_name: what is known already" "$(code -H "If-None-Match: $etag" "$URL/graph")" 304
	for h in Content-Security-Policy X-Content-Type-Options Referrer-Policy Cache-Control; do
		is "$server_name: header $h once" "$(grep -ci "^$h:" "$T/head")" 1
	done
	# S12, S10: who somebody is, only the server says.
	for h in 'Remote-User: eve' 'REMOTE_USER: eve' 'X-Forwarded-User: eve' 'X-Forwarded-For: 127.0.0.1' 'Authorization: Basic ZXZlOng='; do
		code -H "$h" "$URL/help" > /dev/null
		is "S12: $server_name: $h" "$(grep -c '· eve' "$T/body")" 0
	done
	end
	begin $server_name with_auth
	is "S12: $server_name: without a password" "$(code "$URL/help")" 401
	is "S12: $server_name: with a wrong one" "$(code -u ann:x "$URL/help")" 401
	is "S12: $server_name: with the right one" "$(code -u ann:secret "$URL/help")" 200
	is "S12: $server_name: and that is who it is" "$(grep -c '· ann' "$T/body")" 1
	end
done
for f in "$T"/nginx.*; do
	[ "$f" != "$T/nginx.conf" ] && [ "$f" != "$T/nginx.out" ] || continue
	for other in lighttpd apache; do
		page=${f#"$T/nginx."}
		[ -e "$T/$other.$page" ] && ok "$other's $page is nginx's" diff "$f" "$T/$other.$page"
	done
done

# A query tells of itself at once, and ends with its client.
site_heavy
for server_name in nginx lighttpd apache; do
	[ -e "$T/$server_name.out" ] || continue
	begin $server_name sample
	# Not by a function, whose process would be another.
	curl -sN --resolve "$HOST:$port:127.0.0.1" -H 'Accept: text/event-stream' "$URL/details?$LONG" > "$T/events" &
	asker=$!
	started $asker
	ok "$server_name: progress comes while the query runs" wait_for 20 seen '^event: progress'
	kill $asker
	ok "R32: $server_name: the query ends with its client" wait_for 30 has_none
	end
done
is "nothing was wrong under way" "$(grep -c -iE 'sanitizer|runtime error|by signal' "$T/fcgi.log")" 0
