# Debian packages by what they are for. Sourced by tools/dev.

packages_build="build-essential cmake ninja-build pkg-config xz-utils
    libsodium-dev libargon2-dev libev-dev librocksdb-dev libjansson-dev libcmocka-dev"
packages_demo="graphviz iso-codes"
packages_lint="clang-format"
packages_test="$packages_lint"
packages_fuzz="clang libclang-rt-14-dev"

die() {
    echo "tools/dev: $*" >&2
    exit 1
}

# packages_need GROUP...: install what is missing of the groups; a preset without a group needs none.
packages_need() {
    local group name list="" missing="" as_root=()
    for group in "$@"; do
        name=packages_$group
        list+=" ${!name:-}"
    done
    # shellcheck disable=SC2086
    set -- $list
    if ! command -v dpkg-query >/dev/null; then
        echo "tools/dev: this is no Debian; I trust that there is what these packages hold: $*" >&2
        return
    fi
    missing=$(comm -23 <(printf '%s\n' "$@" | sort -u) <(packages_installed "$@" | sort -u))
    missing=${missing//$'\n'/ }
    [ -n "$missing" ] || return 0

    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null || ! { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
            die "some packages are missing; as root, run: apt-get install -y $missing"
        fi
        as_root=(sudo)
    fi
    echo "installing $missing ..." >&2
    as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0)
    mkdir -p build
    # Without new lists, the old ones may do.
    # shellcheck disable=SC2086
    { "${as_root[@]}" update || true
      "${as_root[@]}" install -y --no-install-recommends $missing; } </dev/null >build/apt.log 2>&1 || {
        tail -20 build/apt.log >&2
        die "could not install; once apt works again: apt-get install -y $missing"
    }
}

packages_installed() {
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
        sed -n 's/^installed //p'
}
