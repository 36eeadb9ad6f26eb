#!/bin/sh
# Names what the tests need and this machine lacks, and installs it on Debian and Ubuntu. NO_INSTALL=1 only names it.
set -eu

# One line for each: the command that must be there, the package that has it, what it is for.
needed() {
	case $(uname -s) in
	Linux)
		cat <<-END
			gcc                  gcc            the race detector
			bash                 bash           the commands of the README
			curl                 curl           the commands of the README and the sample in shell
			chromium             chromium       the browser that logs in
			dbus-daemon          dbus           the keyring's private session
			gnome-keyring-daemon gnome-keyring  the keyring
			python3              python3        the sample in Python
			php                  php-cli        the sample in PHP
			prove                perl           the sample in Perl, and what perl-base alone lacks of its library
			ruby                 ruby           the sample in Ruby
			fpc                  fp-compiler    the sample in Free Pascal
			initdb               postgresql     the store over a PostgreSQL table
		END
		;;
	*) echo "cc cc the race detector" ;;
	esac
}

# Debian keeps PostgreSQL's programs out of the PATH, in a directory for each version. The cluster that the package may make is
# left alone: the tests make their own.
for programs in /usr/lib/postgresql/*/bin; do
	PATH=$PATH:$programs
done

packages=
while read -r command package purpose; do
	if ! command -v "$command" >/dev/null 2>&1; then
		echo "missing: $command (package $package), for $purpose"
		packages="$packages $package"
	fi
done <<END
$(needed)
END

# gcc alone does not bring the C library's headers, which cgo compiles against.
if [ "$(uname -s)" = Linux ] && [ ! -e /usr/include/stdlib.h ]; then
	echo "missing: stdlib.h (package libc6-dev), for the race detector"
	packages="$packages libc6-dev"
fi

# fp-compiler alone does not bring the units for HTTP and TLS.
if [ "$(uname -s)" = Linux ] && ! ls /usr/lib/*/fpc/*/units/*/*/opensslsockets.ppu >/dev/null 2>&1; then
	echo "missing: opensslsockets.ppu (packages fp-units-fcl and fp-units-net), for the sample in Free Pascal"
	packages="$packages fp-units-fcl fp-units-net"
fi

[ -n "$packages" ] || exit 0
if [ -n "${NO_INSTALL:-}" ]; then
	echo "NO_INSTALL is set: nothing was installed" >&2
	exit 1
fi
if ! command -v apt-get >/dev/null 2>&1; then
	echo "install them with this system's own package manager, and run this again" >&2
	exit 1
fi
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
echo "installing:$packages"
$as_root apt-get update -q
# shellcheck disable=SC2086 # one word for each package
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $packages
