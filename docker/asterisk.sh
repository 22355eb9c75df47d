#!/bin/sh
# Fills in the lab's configuration for one Asterisk with the usual paths and ports, then runs it.
# Phones are expected at fixed ports of this address: 201 at 5201, 202 at 5202 and so on, the trunk at 5299.
set -eu
folder=${1:-/etc/asterisk}
sed -i \
    -e 's/@IP@/127.0.0.1/g' \
    -e 's/@AMI_PORT@/5038/; s/@SIP_PORT@/5060/; s/@HTTP_PORT@/8088/; s/@MEDIA_PORT@/8089/' \
    -e 's/@RTP_START@/10000/; s/@RTP_END@/18000/; s/@OUTWARD@/127.0.0.1/' \
    -e 's/@PORT_load@/5298/; s/@PORT_trunk@/5299/; s/@PORT_\(2[0-9][0-9]\)@/5\1/' \
    -e 's/@SYSTEM@//; s#@DIR@/etc#/etc/asterisk#; s#@DIR@/lib#/var/lib/asterisk#' \
    -e 's#@DIR@/db#/var/lib/asterisk#; s#@DIR@/spool#/var/spool/asterisk#; s#@DIR@/run#/var/run/asterisk#' \
    -e 's#@DIR@/log#/var/log/asterisk#; s#@DATA@#/usr/share/asterisk#' \
    -e "s#@MODULES@#$(dirname "$(find /usr/lib -name chan_pjsip.so | head -n 1)")#" \
    "$folder"/*.conf
[ -z "${1:-}" ] || exit 0
# The product finds the columns of these files by their header lines.
mkdir -p /var/log/asterisk/cel-custom /var/log/asterisk/cdr-custom /var/run/asterisk /var/lib/asterisk/moh
# Silence to hold callers with: without a file there is no music class, and no event that music started.
head -c 80000 /dev/zero | tr '\000' '\377' > /var/lib/asterisk/moh/silence.ulaw
cel=/var/log/asterisk/cel-custom/cel.csv
cdr=/var/log/asterisk/cdr-custom/cdr.csv
[ -e "$cel" ] || echo 'eventtype,eventtime,cid_num,cid_name,exten,context,channame,appname,appdata,uniqueid,linkedid,peer,extra' > "$cel"
[ -e "$cdr" ] || echo 'linkedid,uniqueid,src,dst,dcontext,clid,channel,dstchannel,lastapp,lastdata,start,answer,end,duration,billsec,disposition,sequence' > "$cdr"
exec asterisk -f -n
