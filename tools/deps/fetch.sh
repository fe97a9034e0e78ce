# Get the files of `pins` into $sources, each checked by its SHA-256. Sourced by tools/deps/build.
#
# Looked for in this order: the folder $EIDETICA_SOURCES; upstream; the Debian mirror that apt uses
# on this machine, by path and then by index; snapshot.debian.org. EIDETICA_ROUTES limits that to
# some of: folder upstream mirror index snapshot.

fetch_all() {
    local hash name url path sha1 package
    mkdir -p "$sources"
    while read -r hash name url path sha1 package; do
        case $hash in '' | '#'*) continue ;; esac
        fetch_is_good "$sources/$name" "$hash" || fetch_one
    done <"$here/pins"
}

fetch_is_good() { # FILE HASH
    [ -f "$1" ] && echo "$2  $1" | sha256sum -c --status
}

# The rest share the variables of fetch_all's loop.
fetch_one() {
    local route tried=""
    for route in ${EIDETICA_ROUTES:-folder upstream mirror index snapshot}; do
        rm -f "$sources/new"
        fetch_why="no answer"
        if "fetch_from_$route" </dev/null >"$deps/fetch.log" 2>&1; then
            if fetch_is_good "$sources/new" "$hash"; then
                mv "$sources/new" "$sources/$name"
                echo "fetched $name ($route)"
                return
            fi
            [ ! -f "$sources/new" ] || fetch_why="its SHA-256 is another"
        fi
        tried+="  $route: $fetch_why"$'\n'
    done
    cat >&2 <<END
tools/deps/build: cannot get $name. Tried:
$tried
To go on: put that file (SHA-256 $hash)
into a folder of your choice, from $url
or from http://snapshot.debian.org/file/$sha1,
and run again with EIDETICA_SOURCES=/that/folder.
END
    exit 1
}

# Download with what there is: a minimal Debian has no curl, but apt has a downloader.
fetch_url() {
    fetch_why="no answer from $1"
    if command -v curl >/dev/null; then
        curl -fsSL --connect-timeout 5 --speed-limit 1000 --speed-time 20 -o "$sources/new" "$1"
    else
        /usr/lib/apt/apt-helper -o APT::Sandbox::User=root -o Acquire::http::Timeout=10 \
            -o Acquire::https::Timeout=10 -o Acquire::Retries=0 download-file "$1" "$sources/new"
    fi
}

fetch_from_folder() {
    fetch_why="EIDETICA_SOURCES is not set"
    [ -n "${EIDETICA_SOURCES:-}" ] || return 1
    fetch_why="no such file in $EIDETICA_SOURCES"
    cp "$EIDETICA_SOURCES/$name" "$sources/new"
}

fetch_from_upstream() {
    fetch_url "$url"
}

# Debian mirrors that this machine's apt knows, one a line.
fetch_mirrors() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
        grep -v -e security -e backports | grep '/debian/*$' | sort -u
}

fetch_from_mirror() {
    local mirror
    fetch_why="apt knows no Debian mirror"
    for mirror in $(fetch_mirrors); do
        fetch_why="not in ${mirror%/}/$path"
        /usr/lib/apt/apt-helper -o APT::Sandbox::User=root \
            download-file "${mirror%/}/$path/$name" "$sources/new" && return
    done
    return 1
}

# With lists of our own in the build folder: those of the machine stay as they are. The
# architecture is fixed, for one hash must hold everywhere, and it is C source that we want.
fetch_from_index() {
    local apt="$deps/apt" mirror options
    fetch_why="apt knows no Debian mirror"
    mirror=$(fetch_mirrors | head -1)
    [ -n "$mirror" ] || return 1
    fetch_why="the newest $package at $mirror has another file"
    options=(-o Dir::State="$apt" -o Dir::Cache="$apt/cache" -o Dir::State::status="$apt/status"
        -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o APT::Sandbox::User=root -o APT::Architecture=amd64 -o APT::Architectures=amd64
        -o APT::Get::List-Cleanup=false)
    if [ ! -f "$apt/status" ]; then
        mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
        printf 'deb %s bookworm main\ndeb-src %s sid main\n' "$mirror" "$mirror" >"$apt/sources.list"
        touch "$apt/status"
        apt-get "${options[@]}" update
    fi
    rm -rf "$apt/got" && mkdir "$apt/got" && cd "$apt/got"
    case $name in
    *.deb) apt-get "${options[@]}" download "$package" ;;
    *) apt-get "${options[@]}" source --download-only "$package" ;;
    esac
    cd "$here"
    cp "$apt/got/$name" "$sources/new"
}

fetch_from_snapshot() {
    fetch_url "http://snapshot.debian.org/file/$sha1"
}
