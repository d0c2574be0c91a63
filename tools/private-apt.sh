# SPDX-License-Identifier: MIT
# apt on a root of its own, with the mirrors this machine's own apt uses: packages can be fetched without touching the
# machine's. Sourced by the fetch-* tools.

# die SENTENCE...: one line on standard error, and the end.
die() {
    echo "${0##*/}: $*" >&2
    exit 1
}

# folder DIR: DIR made, its absolute name in $dir.
folder() {
    mkdir -p "$1" || die "cannot make the folder $1"
    dir=$(cd "$1" && pwd)
}

# private_apt ARCHITECTURE STATUS [SUFFIX]: a root in $dir/.apt, $work, gone when the tool ends; the state of packages is
# a copy of the file STATUS; APT_CONFIG is set and the lists are read. SUFFIX ("-backports"): of each release, the
# other one of that name is a source, too.
private_apt() {
    for tool in apt-get dpkg-deb; do
        command -v "$tool" >/dev/null 2>&1 || die "$tool is missing: this needs a Debian-like machine"
    done
    work=$dir/.apt
    rm -rf "$work"
    trap 'rm -rf "$work"' EXIT
    trap 'exit 1' HUP INT TERM
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/etc" "$work/out"
    cat "$2" >"$work/status" || die "cannot read $2"

    # Only sources that say they are Debian's: others would be asked for an architecture they need not have.
    key=/usr/share/keyrings/debian-archive-keyring.gpg
    option=
    [ ! -r "$key" ] || option="[signed-by=$key] "
    apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
        sort -u | while read -r origin uri release component; do
        [ "$origin" = Debian ] || continue
        echo "deb $option$uri $release $component"
        case $release in
        *-*) ;;
        *) [ -z "${3:-}" ] || echo "deb $option$uri $release$3 $component" ;;
        esac
    done >"$work/etc/sources.list"
    [ -s "$work/etc/sources.list" ] ||
        die "this machine's apt knows no Debian source: run apt-get update first, or unpack the packages into $dir by hand"

    cat >"$work/apt.conf" <<END
APT::Architecture "$1";
APT::Architectures { "$1"; };
APT::Sandbox::User "";
Dir::State "$work";
Dir::State::lists "$work/lists";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
Dir::Etc::sourcelist "$work/etc/sources.list";
Dir::Etc::sourceparts "-";
Acquire::Languages "none";
END
    APT_CONFIG=$work/apt.conf
    export APT_CONFIG
    apt-get -qq update >"$work/log" 2>&1 ||
        die "cannot read the package lists: $(grep -m1 '^[EW]:' "$work/log" || echo 'apt-get update failed')"
}

# download PACKAGE: its file in $work/out.
download() {
    (cd "$work/out" && apt-get -qq download "$1") >"$work/log" 2>&1 ||
        die "cannot fetch $1: $(grep -m1 '^E:' "$work/log" || echo 'apt-get download failed')"
}
