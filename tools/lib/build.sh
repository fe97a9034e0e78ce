# Build a preset. Sourced by tools/dev.

# build_preset PRESET [TARGET]: third-party libraries, configuration, our code; each only if needed.
build_preset() {
    local preset=$1 target=${2:-all} folder=build/$1
    case $preset in
    dev | release | tsan | fuzz) ;;
    *) die "there is no preset '$preset', but dev, release, tsan and fuzz" ;;
    esac
    tools/deps/build
    if [ ! "$folder/build.ninja" -nt CMakePresets.json ]; then
        mkdir -p "$folder"
        cmake --preset "$preset" >"$folder/configure.log" 2>&1 || {
            cat "$folder/configure.log" >&2
            die "cmake cannot configure $folder"
        }
    fi
    if [ "$target" != all ] && ! ninja -C "$folder" -t query "$target" >/dev/null 2>&1; then
        # Not there: perhaps its sources are newer than the configuration.
        cmake "$folder" >/dev/null
        ninja -C "$folder" -t query "$target" >/dev/null 2>&1 ||
            die "there is nothing yet that '$target' could be built from"
    fi
    cmake --build "$folder" --target "$target"
}
