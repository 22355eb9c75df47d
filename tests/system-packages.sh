#!/bin/sh
# What the tests need beside Python packages: a browser, SIP phones, databases, a TURN server, and debootstrap for Asterisk.
# Installs only what is missing.
set -eu
packages="chromium sip-tester debootstrap postgresql mariadb-server coturn"
missing=""
for package in $packages; do
    dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q "install ok installed" || missing="$missing $package"
done
command -v node >/dev/null 2>&1 || echo "node is not installed: the front end is built with the one from Python's packages"
if [ -z "$missing" ]; then
    exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "Install these packages first, as root: apt-get install$missing" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# Debian would start the database servers at once; the tests start their own.
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d.tamas
chmod +x /usr/sbin/policy-rc.d.tamas
if [ ! -e /usr/sbin/policy-rc.d ]; then mv /usr/sbin/policy-rc.d.tamas /usr/sbin/policy-rc.d; ours=yes; else rm /usr/sbin/policy-rc.d.tamas; ours=no; fi
apt-get install -y -qq --no-install-recommends $missing >/dev/null
[ "$ours" = no ] || rm -f /usr/sbin/policy-rc.d
