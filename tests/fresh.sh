#!/bin/sh
# SPDX-License-Identifier: MIT
# ./run fresh [COMMAND...]: prove that `./run COMMAND` (tests, then demo) works on a bare Debian 12.
# Makes a minimal root with mmdebstrap from this machine's sources, copies the tree into it
# without anything built, and runs there. Root is needed. Loopback is all the network that the
# tests use; apt uses this machine's.
set -eu
cd -- "$(dirname -- "$(readlink -f -- "$0")")/.."

[ "$(id -u)" = 0 ] || { echo "fresh: must be root" >&2; exit 69; }
root=${VOTEPOST_FRESH:-/var/tmp/votepost-fresh}
tree=/srv/some\ where/votepost # a path that no file of ours knows

done_with_it() {
	for mount in dev/shm dev proc; do
		mountpoint -q "$root/$mount" && umount -R "$root/$mount" || true
	done
}
trap done_with_it EXIT
trap 'exit 130' INT TERM

done_with_it
rm -rf --one-file-system "$root"
mkdir -p "$root"

# Where this machine gets its packages from, and how it must ask.
if [ -s /etc/apt/sources.list.d/debian.sources ]; then
	sources=$root.sources
	cp /etc/apt/sources.list.d/debian.sources "$sources"
elif grep -q '^deb .*bookworm' /etc/apt/sources.list 2>/dev/null; then
	sources=$root.list
	grep '^deb .*bookworm' /etc/apt/sources.list >"$sources"
else
	echo "fresh: /etc/apt names no source of bookworm to make a root from" >&2
	exit 69
fi
apt-config dump Acquire::Check-Valid-Until Acquire::Check-Date Acquire::http::Proxy \
	Acquire::https::Proxy >"$root.conf"
echo "fresh: making $root" >&2
mmdebstrap --quiet --variant=minbase --include=ca-certificates --aptopt="$root.conf" \
	bookworm "$root" "$sources" >&2
cp "$root.conf" "$root/etc/apt/apt.conf.d/00host"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp /etc/hosts "$root/etc/hosts"
# npm trusts a list of its own; in there it trusts whom this machine trusts.
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/host.pem"
echo cafile=/etc/ssl/certs/host.pem >"$root/root/.npmrc"
mkdir -p "$root$tree"
tar -c --exclude=./build --exclude=./.git --exclude=./demo --exclude=__pycache__ . |
	tar -x -C "$root$tree"

mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --make-rslave "$root/dev"
# No service is started by a package's installation in here.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"

worst=0
[ $# -gt 0 ] || set -- tests demo
for command in "$@"; do
	echo "fresh: ./run $command" >&2
	start=$(date +%s)
	status=0
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM="${TERM:-dumb}" \
		${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
		chroot "$root" sh -c 'cd "$1" && exec ./run "$2"' sh "$tree" "$command" || status=$?
	echo "fresh: ./run $command ended with $status after $(($(date +%s) - start)) s" >&2
	[ "$status" = 0 ] || worst=$status
done
exit "$worst"
