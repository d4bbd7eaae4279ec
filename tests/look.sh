# How every page looks and is reached, in headless Chromium; and an incident in a text browser.
. tests/lib.sh
. tests/site/site.sh
[ -z "$SAN" ] || { skip "how pages look" "the plain build shows the same pages"; exit 0; }
browser_modules
site_start
whois=$(free_port)
node tests/site/whois.mjs "$whois" > "$T/whois" &
started $!
wait_for 10 grep -q 'ready 127.0.0.1' "$T/whois"
wait_for 10 grep -q 'ready 127.0.0.2' "$T/whois"
# For administrators, so that no page is left out; with one thread for a query, so that a long one is long on
# many processors, too.
{ echo 'role "admins" { may = admin  users = "root" }'; echo "whois = \"127.0.0.1:$whois\""; echo "workers = 1"; } >> "$SITE/flowlight.conf"
admin() { sample nginx | sed 's/#fastcgi_param REMOTE_USER .*/fastcgi_param REMOTE_USER root;/'; }
nginx_start admin
# shellcheck disable=SC2046
node tests/browser/look/look.mjs "$URL" $(sed -n 's/.*\.path = "\([^"]*\)".*\.template = .*/\1/p' cgi/route.c)

# lynx: from Overview over Explain to the line that proves it, and its number.
text() { lynx -dump -width=1000 "$1"; }
text "$URL/" > "$T/overview.txt"
has "lynx shows what stood out" "$(cat "$T/overview.txt")" 'One host did it: 198.51.100.13'
link=$(sed -n 's/.*\[\([0-9]*\)\]Fri 2026-11-20 16:00 UTC, upstream1.*/\1/p' "$T/overview.txt" | head -n 1)
text "$(sed -n "s/^ *$link\. \(http.*\)/\1/p" "$T/overview.txt")" > "$T/explain.txt"
has "and follows it to the evidence" "$(cat "$T/explain.txt")" 'src *ip\|srcip'
line=$(sed -n 's/^ *\(nfdump -r .* -s srcip\/flows .*\)/\1/p' "$T/explain.txt" | head -n 1)
has "whose line proves it" "$(sh -c "$line")" ' 198\.51\.100\.13  *240('

# Its forms: the host is looked up, its flows in the slot are asked for, and the line shown lists them as well.
# form PATH FIELD=VALUE…: a form that is sent by GET, as lynx sends it.
form() { path=$1; shift; { (IFS='&'; echo "$*"); echo ---; } | lynx -get_data -dump -width=1000 "$URL$path"; }
form /host host=198.51.100.13 > "$T/host.txt"
has "lynx finds the host by the field of every page" "$(cat "$T/host.txt")" '198\.51\.100\.13'
has "which was seen once" "$(cat "$T/host.txt")" '2026-11-20 16:00 UTC'
form /details from=2026-11-20T16:00 to=2026-11-20T16:05 source=upstream1 list=1 "filter=src ip 198.51.100.13" > "$T/flows.txt"
line=$(sed -n 's/^ *\(nfdump -r .*\)/\1/p' "$T/flows.txt" | head -n 1)
is "and lists its flows" "$(grep -c '^ *2026-11-20 16:0[0-9:.]* .*198\.51\.100\.13' "$T/flows.txt")" 20
is "as many as the line below them" "$(sh -c "$line" | grep -c '^2026-11-20 16:0.* 198\.51\.100\.13:')" 20

# In the end, since the files are others then.
site_heavy 60000
node tests/browser/look/long.mjs "$URL" "$LONG"
