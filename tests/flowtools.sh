# flow-tools' configurations and formats, against what flow-tools 0.68.5 printed.
. tests/lib.sh
export TZ=UTC
D=tests/data/flowtools
F=$O/flowlight

# section FILE NAME: the lines between "=== NAME" and the next ===.
section() { awk -v want="=== $2" '/^=== /{ on = $0 == want; next } on' "$1"; }
lines() { wc -l | tr -d ' '; }

# What flow-report calls wrongly: see the comment in ft_report.h.
right_names() {
	case $1 in
	ip-destination-address/source-as) sed 's/ip-source-address\*,destination-as/ip-destination-address*,source-as/' ;;
	ip-destination-address/destination-as) sed 's/ip-destination-address\*,source-as/ip-destination-address*,destination-as/' ;;
	summary-detail) sed -e 's/>psize4096/psize4096/' -e 's/^1795196975,/0,/' ;;
	*) cat ;;
	esac
}

# All types of report: the first lines of plain ones, and of shares with rates, limits and tallies.
all=0 wrong=
for kind in plain percent; do
	for name in $(sed -n 's/^=== //p' $D/report/$kind.txt); do
		case $name in *tag*) file=$D/v1005-z6.ft ;; *) file=$D/v5-le-z6.ft ;; esac
		all=$((all + 1))
		section $D/report/$kind.txt "$name" | right_names "$name" > "$T/want"
		$F report -s $D/report/$kind.cfg -S "$(echo $kind | sed 's/plain/p/;s/percent/q/'):$name" $file 2>&1 |
		    sed "$([ -s "$T/want" ] && lines < "$T/want" || echo 1)q" > "$T/got"
		cmp -s "$T/got" "$T/want" || wrong="$wrong $kind:$name"
	done
done
is "$all reports" "$all$wrong" 155

# A day with masks, AS numbers and interfaces.
for name in prefix-mask prefix-len as ifs counters hourly two varname; do
	is "report $name" "$($F report -s $D/report/day.cfg -S $name $D/v5-masks-as-day.ft)" "$(cat $D/report/day.$name.txt)"
done
# The description names the program; that of the input file (xheader) is left out.
is "report scaled" "$($F report -s $D/report/day.cfg -S scaled $D/v5-masks-as-day.ft | sed 1,2d)" \
    "$(sed -e 1,2d -e '/^#$/,/^#$/d' $D/report/day.scaled.txt | sed '/^# mode/,/^#$/d')"
root=$PWD
(cd "$T" && "$root/$F" report -s "$root/$D/report/day.cfg" -S tofile "$root/$D/v5-masks-as-day.ft")
is "report to a file of strftime's name" "$(cat "$T/out/2026/11/19/proto.0000.txt")" "$(cat $D/report/day.tofile.txt)"

# The configurations of the howto, as published.
for name in $(sed -n 's/^stat-definition //p' $D/published/report.cfg); do
	want=$D/published/report.cfg.$(echo "$name" | sed 's,source/dest,source+dest,g; s,/,+,g').txt
	is "published $name" "$($F report -s $D/published/report.cfg -S "$name" $D/published/input.ft)" "$(cat "$want")"
done
for name in dstip-dstprt srcip-dstprt srcip-dstprt-pop; do
	is "published $name" "$($F report -s $D/published/reports.conf -S $name $D/published/input.ft)" \
	    "$(cat $D/published/reports.$name.txt)"
done
mkdir -p "$T/day/2026/2026-11"
cp $D/published/input.ft "$T/day/2026/2026-11/ft-v05.2026-11-20.175040+0000"
cp $D/published/input.ft "$T/day/tmp-v05.2026-11-20.175540+0000"
is "a directory, without the file in progress" "$($F report -s $D/published/reports.conf -S srcip-dstprt "$T/day")" \
    "$(cat $D/published/reports.srcip-dstprt.txt)"

text=$($F report -s $D/published/reports.conf -S srcip-dstprt-pop --format text $D/published/input.ft)
is "text: heading" "$(echo "$text" | sed -n 1p)" "ip-source-address  ip-destination-port  flows   octets  packets  duration"
is "text: first row" "$(echo "$text" | sed -n 2p)" "192.168.0.10       443                     23  46.0 KB      198    140918"
html=$($F report -s $D/published/reports.conf -S srcip-dstprt-pop --format html $D/published/input.ft)
has "html: heading" "$html" "<th>ip-source-address</th>"
has "html: row" "$html" "<tr><td>192.168.0.10</td><td>443</td><td>23</td><td>47151</td><td>198</td><td>140918</td></tr>"

# Variables, and what is wrong with a configuration.
cat > "$T/var.cfg" <<EOF
stat-report r
 type @{TYPE:-ip-protocol}
 output
  path |flow-rptfmt
  sort @{SORT:-+octets}
stat-definition default
 report r
EOF
has "a variable's default" "$($F report -s "$T/var.cfg" $D/v5-le-z6.ft)" '^6  *570  *2.3 MB  *4698'
has "a variable" "$($F report -s "$T/var.cfg" -v TYPE=ip-tos $D/v5-le-z6.ft)" '^ip-tos '
printf 'stat-report r\n type ip-protocol\n output\n  path |sh\n' > "$T/bad.cfg"
has "commands are not run" "$($F report -s "$T/bad.cfg" $D/v5-le-z6.ft 2>&1)" 'bad.cfg line 4: commands are not run'
printf 'stat-report r\n type nothing\n' > "$T/bad.cfg"
has "an error names file and line" "$($F report -s "$T/bad.cfg" $D/v5-le-z6.ft 2>&1)" 'bad.cfg line 2: "nothing" is no type of report'
has "a definition that is not there" "$($F report -s "$T/var.cfg" -S x $D/v5-le-z6.ft 2>&1)" 'no stat-definition "x"'
has "fields that the flows lack" "$($F report -s $D/report/plain.cfg -S p:ip-source-port $D/gen/gen-v8_1_le.ft 2>&1)" \
    'report p:ip-source-port: the flows have no Source port'
$F report -s "$T/var.cfg" $D/bad/trunc-midzlib.ft > "$T/out.txt" 2> "$T/err.txt"
is "a damaged file: exit status" $? 1
has "a damaged file: what is whole counts" "$(cat "$T/out.txt")" '^6 '
has "a damaged file: the reason" "$(cat "$T/err.txt")" 'offset .*: zlib: the file ends within the stream'

# flow-print: whole output by its sum, as cksum has it, and its first lines.
for f in 0 1 2 3 4 5 6; do
	is "print -f $f" "$($F print -f $f $D/v5-le-z6.ft | cksum)" "$(sed -n "s/^v5-le-z6 $f //p" $D/print.sums)"
done
is "print -f 3" "$($F print -f 3 $D/v5-le-z6.ft | sed 3q)" \
"srcIP            dstIP            prot  srcPort  dstPort  octets      packets
192.168.0.10     203.0.113.25     6     12013    80       488         8         
203.0.113.25     192.168.0.10     6     80       12013    4475        5         "
is "print -f 4 with masks and AS" "$($F print -f 4 $D/v5-masks-as-day.ft | sed 30q)" "$(cat $D/print.f4.txt)"
is "print: version 6" "$($F print $D/gen/gen-v6_le.ft)" "$(cat $D/gen/gen-v6.print)"
is "print: version 7" "$($F print $D/gen/gen-v7_le.ft)" "$(cat $D/gen/gen-v7.print)"
is "print -f 9" "$($F print -f 9 $D/gen/gen-v1005_le.ft)" "$(cat $D/gen/gen-v1005.print)"
is "print: version 1005" "$($F print $D/gen/gen-v1005_le.ft)" "$(cat $D/gen/gen-v1005.print)"
is "print -f 24: first flow" "$($F print -f 24 $D/v5-le-z6.ft | sed -n 3p)" \
"0000 192.168.0.10     0000 203.0.113.25     06 12013 80    8          488          2026-11-20 17:26:26.348  2026-11-20 17:26:30.317  127.0.0.1       0.0.0.0             3.969 61    00 1e  0     0    "
has "print -n" "$($F print -n $D/v5-le-z6.ft)" '^192.0.2.53  *192.168.0.10  *udp  *domain  *9958 '
for d in intif-dst intif-ip1 intif-src intif-src-popular; do
	is "print -f 5 -F nfilter.conf -D $d" "$($F print -f 5 -F $D/published/nfilter.conf -D $d $D/published/input.ft | cksum)" \
	    "$(sed -n "s/^$d 5 //p" $D/print.sums)"
done
$F print -f 99 $D/v5-le-z6.ft 2> "$T/err.txt"
is "a format that is not there" $? 2

# flow-stat: all formats, unsorted and by fields, by their sums without the line of arguments.
stat() { $F stat "$@" 2>/dev/null | grep -v '^# Args'; }
all=0 wrong=
while read -r file lines want words; do
	all=$((all + 1))
	got=$(eval "stat $words $D/$file" | if [ "$lines" = 0 ]; then cat; else sed "${lines}q"; fi | cksum)
	[ "$got" = "$(echo "$want" | tr : ' ')" ] || wrong="$wrong [$words]"
done < $D/stat.sums
is "$all statistics" "$all$wrong" "$(wc -l < $D/stat.sums | tr -d ' ')"
is "stat -f 9 -S 2 -P -w" "$(stat -f9 -S2 -P -w $D/v5-le-z6.ft | sed -n '10,12p')" \
"# IPaddr         flows    octets   packets  duration
#
192.168.0.20     4.219    18.119   10.731   14.303"
has "stat -f 0: average" "$(stat -f0 $D/v5-le-z6.ft)" '^Average flow time (1/1000 secs) : 21470.3569$'
has "stat -n" "$(stat -f12 -n -S1 $D/v5-le-z6.ft)" '^tcp         570  '
has "stat: fields that the flows lack" "$($F stat -f 30 $D/v5-le-z6.ft 2>&1)" 'the flows have no Source tag'
$F stat -f 33 $D/v5-le-z6.ft 2> "$T/err.txt"
is "a statistic that is not there" $? 2
echo "1..$count"
