# Who may see what: roles by REMOTE_USER, limits of sources, networks and addresses.
. tests/lib.sh
. tests/site/site.sh
site_start

plain=$SITE/flowlight.conf
closed=$SITE/closed.conf
{ sed "s|^access = open|access = closed|" "$plain"; cat << 'END'
role "viewers" { users = "vera,viktor" }
role "analysts" { may = analyse  users = "anna" }
role "office" { may = analyse  users = "olga"  sources = "upstream1" }
role "customer" { may = analyse  users = "carl"  networks = "198.51.100.0/24,2001:db8:1::/48" }
role "seer" { users = "sven"  mask = false }
role "admins" { may = admin  users = "root" }
END
} > "$closed"

as() { "$O/flowlight.fcgi" -c "$closed" -r "$2" -u "$1"; }
status() { sed -n 's/^Status: //p;/^$/q'; }
body() { sed '1,/^$/d'; }
# But for the examples of the form.
addresses() { sed 's|192\.0\.2\.1, 10\.0\.0\.0/8, -10||' | grep -oE '\b([0-9]{1,3}\.){3}[0-9]{1,3}\b' | sort -u; }

w='from=2026-11-20T15:55&to=2026-11-20T16:05'
top="/details.json?$w&by=ip&order=flows&top=50"

# ---- who gets in ----
is "without a role nothing is seen" "$(as nobody / | status)" "403 Forbidden"
has "and the page says so" "$(as nobody /)" 'no role for the user nobody'
is "also as JSON" "$(as nobody "$top" | status)" "403 Forbidden"
is "also as CSV" "$(as nobody "/details.csv?$w&by=ip" | status)" "403 Forbidden"
is "style sheets are for everybody" "$(as nobody /static/style.css | status)" "200 OK"
is "with a role it is" "$(as vera / | status)" "200 OK"
get() { path=$1; shift; env -i GATEWAY_INTERFACE=CGI/1.1 FLOWLIGHT_CONF="${CONF:-$closed}" FLOWLIGHT_NOW=$FLOWLIGHT_NOW \
	LSAN_OPTIONS="$LSAN_OPTIONS" PATH_INFO="${path%%\?*}" QUERY_STRING="$(expr "$path" : '[^?]*?\(.*\)')" \
	REQUEST_METHOD=GET "$@" "$O/flowlight.fcgi" | tr -d '\r'; }
is "S12: nobody without REMOTE_USER" "$(get / | status)" "403 Forbidden"
is "S12: what a browser sends is no name" "$(get / HTTP_REMOTE_USER=root HTTP_X_FORWARDED_USER=root HTTP_AUTHORIZATION=root | status)" "403 Forbidden"
is "REMOTE_USER is one" "$(get / REMOTE_USER=root | status)" "200 OK"
is "in an open site no name is needed" "$(CONF=$plain get / | status)" "200 OK"

# ---- sources ----
as olga /status.json | body > "$T/status"
is "only the role's sources are there" "$(json sources.name < "$T/status")" '[
 "upstream1"
]'
is "another is unknown" "$(as olga "$top&source=upstream2" | status)" "400 Bad Request"
is "its graph too" "$(as olga "/graph?source=upstream2" | status)" "400 Bad Request"
is "a question means the role's sources" "$(as olga "$top" | body | json result.read.flows.value)" \
	"$(page "$top&source=upstream1" | body | json result.read.flows.value)"
has "and so does its line" "$(as olga "$top" | body | json result.commands.flowlight)" '--source upstream1'
line=$(as olga "$top" | body | json result.commands.nfdump)
is "which gives the same numbers" "$(eval "nfdump -q -N -o csv ${line#nfdump}" 2> /dev/null | sed -n 2p | cut -d, -f5,6)" \
	"$(as olga "/details.csv?$w&by=ip&order=flows&top=50" | body | sed -n 2p | cut -d, -f5,6)"
is "the page does not name others" "$(as olga "/details?$w&by=ip" | grep -c upstream2)" 0

# ---- networks ----
as carl "/details.csv?$w&list=1&limit=500" | body > "$T/carl"
is "all flows are of the role's networks" "$(sed 1d "$T/carl" | awk -F, 'NF > 20 && $4 !~ /^198\.51\.100\.|^2001:db8:1:/ && $5 !~ /^198\.51\.100\.|^2001:db8:1:/' | head -n 3)" ""
is "there are some" "$([ "$(grep -c , "$T/carl")" -gt 20 ] && echo yes)" yes
line=$(as carl "/details.json?$w&by=proto&order=flows&filter=proto+tcp" | body | json result.commands.nfdump)
has "its line has the networks" "$line" '198.51.100.0/24'
is "and gives the same numbers" "$(eval "nfdump -q -N -o csv ${line#nfdump}" 2> /dev/null | sed -n 2p | cut -d, -f5,6,8,10)" \
	"$(as carl "/details.csv?$w&by=proto&order=flows&filter=proto+tcp" | body | sed -n 2p | cut -d, -f5,6,8,10)"
is "a filter cannot widen it" "$(as carl "/details.json?$w&by=ip&filter=any+or+not+any" | body | json result.kept.flows.value)" \
	"$(as carl "/details.json?$w&by=ip" | body | json result.kept.flows.value)"
is "nor a comment or parentheses" "$(as carl "/details.json?$w&by=ip&filter=any)+or+(any" | status)" "400 Bad Request"
is "a host outside" "$(as carl "/host/203.0.113.9" | status)" "403 Forbidden"
is "its picture too" "$(as carl "/presence?host=203.0.113.9" | status)" "403 Forbidden"
is "no ranking of hosts" "$(as carl "/host.json" | body | json hosts)" "[]"
is "peaks are of all flows" "$(as carl "/explain?source=upstream1&at=2026-11-20T16:00" | status)" "403 Forbidden"

is "Overview is without them" "$(as carl / | status)" "200 OK"
is "and without names of hosts" "$(as carl /overview.json | body | addresses | grep -v '^198\.51\.100\.')" ""

# ---- masks ----
for url in "/details.json?$w&by=ip&order=flows&top=50" "/details.csv?$w&by=ip&top=50" "/details?$w&by=ip" \
    "/details.csv?$w&list=1&limit=300" "/details?$w&list=1&limit=100" "/details.json?$w&keys=srcip,dstip&top=50" \
    "/details?$w&keys=srcip,dstip,dstport&top=50" \
    "/explain.json?source=upstream2&at=2026-11-20T16:00" "/explain?source=upstream1&at=2026-11-20T16:00" /overview \
    /host/ "/host/198.51.100.0/24" "/host/198.51.100.0/24.json" "/host/198.51.100.0/24.csv?table=peers"; do
	is "no whole address: $url" "$(as vera "$url" | body | addresses | grep -v '\.0$')" ""
done
is "the masked networks count as nfdump counts them" \
	"$(as vera "/details.csv?$w&by=srcip&order=flows&filter=ipv4&top=5" | body | awk -F, '$5 ~ /\.0$/ { print $5, $6, $8, $10 }')" \
	"$(eval "$(page "/details.json?$w&by=srcip&filter=ipv4" | body | json result.commands.nfdump | sed 's/-s .*//') -q -N -A srcip4/24 -O flows -n 5 -o 'fmt:%sa %fl %pkt %byt' ipv4" 2> /dev/null | awk '$1 ~ /\.0$/ { print $1, $2, $3, $4 }')"
is "and a filter cannot find an address out" "$(as vera "/details.json?$w&by=ip&filter=ip+198.51.100.13" | body | json result.kept.flows.value)" 0
has "no line is shown" "$(as vera "/details?$w&by=ip")" 'which no command line shows'
is "none is in the model" "$(as vera "$top" | body | json result.commands.nfdump)" undefined
is "unless the role says mask = false" "$(as sven "$top" | body | addresses | grep -vc '\.0$' | sed 's/^[1-9].*/some/')" some

# ---- faults of the configuration ----
fault() { { cat "$plain"; echo "$1"; } > "$T/fault.conf"; "$O/flowlightd" -n -c "$T/fault.conf" 2>&1; }
has "a role without users" "$(fault 'role "x" { may = view }')" 'users: is not set'
has "a role of an unknown source" "$(fault 'role "x" { users = "a" sources = "nope" }')" 'there is no source "nope"'
has "networks that are none" "$(fault 'role "x" { users = "a" networks = "10.0.0.0/8,x" }')" 'must be networks'
has "rights that are none" "$(fault 'role "x" { users = "a" may = everything }')" 'must be view, analyse or admin'
