# make install puts everything where it says, and what is installed runs.
. tests/lib.sh
dest=$T/dest
ok "make install" make -s install O="$O" DESTDIR="$dest" PREFIX=/usr/local
for f in bin/flowlight sbin/flowlightd libexec/flowlight.fcgi etc/flowlight.conf \
    share/flowlight/templates/layout.html share/flowlight/static/style.css \
    share/flowlight/examples/nginx.conf share/flowlight/examples/flowlightd.service \
    share/man/man1/flowlight.1 share/man/man5/flowlight.conf.5 share/man/man7/flowlight-filter.7 \
    share/man/man8/flowlightd.8 share/man/man8/flowlight.fcgi.8; do
	ok "$f is installed" test -s "$dest/usr/local/$f"
done
has "the installed program runs" "$("$dest/usr/local/bin/flowlight" --version)" '^flowlight [0-9]'
echo changed >> "$dest/usr/local/etc/flowlight.conf"
make -s install O="$O" DESTDIR="$dest" PREFIX=/usr/local > /dev/null
has "an edited configuration is kept" "$(tail -n 1 "$dest/usr/local/etc/flowlight.conf")" '^changed$'
# The sample with our directories must pass the daemon's own check.
mkdir -p "$T/flows" "$T/state"
sed -e "s|\"/var/lib/flowlight\"|\"$T/state\"|" conf/flowlight.conf > "$T/flowlight.conf"
ok "the sample configuration is right" "$O/flowlightd" -n -c "$T/flowlight.conf"
