#!/bin/sh
# Lists the programs that the tests need and this machine lacks, and installs them on Debian and Ubuntu. With NO_INSTALL=1 it
# only lists them; the tests that need them are skipped.
set -eu

# Each line has a command, its package, and its purpose.
needed() {
	case $(uname -s) in
	Linux)
		cat <<-END
			gcc                  gcc            the race detector
			bash                 bash           the commands of the README
			curl                 curl           the commands of the README and the sample in shell
			setpriv              util-linux     the tests as an ordinary user, for root
			chromium             chromium       the browser that logs in
			dbus-daemon          dbus           the keyring's private session
			gnome-keyring-daemon gnome-keyring  the keyring
			python3              python3        the sample in Python
			php                  php-cli        the sample in PHP
			prove                perl           the sample in Perl, and what perl-base alone lacks of its library
			ruby                 ruby           the sample in Ruby
			fpc                  fp-compiler    the sample in Free Pascal
			initdb               postgresql     the store over a PostgreSQL table
			node                 nodejs         the authorization server oidc-provider
			npm                  npm            oidc-provider itself
		END
		;;
	*) echo "cc cc the race detector" ;;
	esac
}

# On Debian PostgreSQL's programs are not in the PATH, but in a directory for each version. The tests create their own cluster and
# do not use the one of the package.
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

# The package gcc does not include the headers of the C library, which cgo needs.
if [ "$(uname -s)" = Linux ] && [ ! -e /usr/include/stdlib.h ]; then
	echo "missing: stdlib.h (package libc6-dev), for the race detector"
	packages="$packages libc6-dev"
fi

# The package fp-compiler does not include the units for HTTP and TLS.
if [ "$(uname -s)" = Linux ] && ! ls /usr/lib/*/fpc/*/units/*/*/opensslsockets.ppu >/dev/null 2>&1; then
	echo "missing: opensslsockets.ppu (packages fp-units-fcl and fp-units-net), for the sample in Free Pascal"
	packages="$packages fp-units-fcl fp-units-net"
fi

# install_modules installs oidc-provider in the versions of its lock file, next to the tests that run it.
install_modules() {
	modules=${0%/*}/../e2e/oidcprovider
	if command -v npm >/dev/null 2>&1 && [ -z "${NO_INSTALL:-}" ] && [ ! "$modules/node_modules/.package-lock.json" -nt "$modules/package-lock.json" ]; then
		npm ci --prefix "$modules" --ignore-scripts --no-audit --no-fund
	fi
}

if [ -z "$packages" ]; then
	install_modules
	exit 0
fi
if [ -n "${NO_INSTALL:-}" ]; then
	echo "NO_INSTALL is set: nothing is installed, and the tests that need it are skipped"
	exit 0
fi

skip_hint="to run the tests that need none of it: NO_INSTALL=1 make test"

if ! command -v apt-get >/dev/null 2>&1; then
	echo "install what is missing with this system's own package manager, and run this again" >&2
	echo "$skip_hint" >&2
	exit 1
fi

install="apt-get install -q -y --no-install-recommends$packages"

# ask_administrator exits. $1 is the reason why this user cannot install packages.
ask_administrator() {
	echo "$1, so an administrator must run:" >&2
	echo "    apt-get update && $install" >&2
	echo "$skip_hint" >&2
	exit 1
}

as_root=
if [ "$(id -u)" != 0 ]; then
	as_root=sudo
	command -v sudo >/dev/null 2>&1 || ask_administrator "this user is not root and there is no sudo"
	sudo true || ask_administrator "sudo does not let this user become root"
fi
echo "installing:$packages"
$as_root apt-get update -q
# shellcheck disable=SC2086 # one word for each package
$as_root env DEBIAN_FRONTEND=noninteractive $install
install_modules
