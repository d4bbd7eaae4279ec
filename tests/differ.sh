# R41: numbers agree.  For random filters and windows the sum of the graph, the sum of the
# table, and what nfdump answers to the line below the table are the same.
. tests/lib.sh
. tests/site/site.sh
site_start
nginx_start
N=${DIFFER:-$([ -n "$SAN" ] && echo 100 || echo 300)}
node tests/site/differ.mjs "$URL" "$N" "${DIFFER_SEED:-1}" $UNTIL $HOURS
