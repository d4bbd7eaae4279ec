# Files of layout 1, encoded by mknfcapd1 with all extensions: nfdump 1.7.1 and
# flowlight read the same from them.
. tests/lib.sh
export TZ=UTC

# What csv does not have; addresses of both families in full.
rest='fmt:%nfc|%evt|%tevt|%xevt|%xsa|%xda|%xsp|%xdp|%uname|%nevt|%ivrf|%evrf|%iacl|%eacl'
rest="$rest|%pbstart|%pbend|%pbstep|%pbsize|%tr|%eng|%exp|%fl|%pr|%dp|%it|%ic"

some='proto tcp and src port > 40000'

# nfdump says on stderr that it does not know samplers.
theirs() { nfdump -6 -q -r "$1" -o "$2" 2>/dev/null; }
ours() { $O/flowlight query -6 -q -r "$1" -o "$2" 2>&1; }

for pack in none lzo bz2 lz4; do
	ok "$pack: written" $O/mknfcapd1 "$T/$pack" $pack
	is "$pack: 2000 flows" "$(theirs "$T/$pack" csv | wc -l)" 2000
	is "$pack: csv" "$(ours "$T/$pack" csv)" "$(theirs "$T/$pack" csv)"
	is "$pack: all other fields" "$(ours "$T/$pack" "$rest")" "$(theirs "$T/$pack" "$rest")"
	is "$pack: chosen flows" "$($O/flowlight query -6 -q -r "$T/$pack" -o csv "$some")" \
	    "$(nfdump -6 -q -r "$T/$pack" -o csv "$some" 2>/dev/null)"
	ok "$pack: written as layout 2" $O/nfrecode "$T/$pack" "$T/$pack.2" lz4
	is "$pack: csv, of layout 2 and 1" "$(theirs "$T/$pack.2" csv)" "$(theirs "$T/$pack" csv)"
	is "$pack: all other fields" "$(theirs "$T/$pack.2" "$rest")" "$(theirs "$T/$pack" "$rest")"
done
