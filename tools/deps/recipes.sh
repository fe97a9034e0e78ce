# How each pinned library is built. Sourced by tools/deps/build; a change here builds all again.
#
# Called with: here (this folder), sources (verified archives), work (scratch), prefix (the goal).

machine=$(uname -m)
deps_cflags="-O2 -g -fPIC -ffunction-sections -fdata-sections"

# The flags of wolfssl_flags that hold on this machine, on one line.
wolfssl_flags() {
    awk -v machine="$machine" '/^#/ { next } NF == 1 { print } NF == 2 && $1 == machine { print $2 }' \
        "$here/wolfssl_flags" | tr '\n' ' '
}

recipe_blake3() {
    local c="$work/blake3/usr/share/cargo/registry/blake3-1.3.1/c" flags="" files file
    dpkg-deb -x "$sources/librust-blake3-dev_1.3.1-1_amd64.deb" "$work/blake3"
    files="blake3 blake3_dispatch blake3_portable"
    case $machine in
    x86_64) for file in sse2 sse41 avx2 avx512; do files+=" blake3_${file}_x86-64_unix"; done ;;
    aarch64) files+=" blake3_neon" ;;
    *) flags="-DBLAKE3_USE_NEON=0" ;;
    esac
    mkdir -p "$work/blake3/o" "$prefix/include" "$prefix/lib"
    for file in $files; do
        [ -f "$c/$file.c" ] && file+=.c || file+=.S
        # shellcheck disable=SC2086
        cc $deps_cflags $flags -c "$c/$file" -o "$work/blake3/o/$file.o"
    done
    ar rcs "$prefix/lib/libblake3.a" "$work"/blake3/o/*.o
    cp "$c/blake3.h" "$prefix/include/"
}

recipe_wolfssl() {
    local flags flag asm=() only=""
    mkdir -p "$work/wolfssl"
    tar -xf "$sources/wolfssl_5.9.2.orig.tar.gz" -C "$work/wolfssl" --strip-components=1
    install -Dm644 "$here/wolfssl_random.h" "$prefix/include/wolfssl_random.h"
    flags="$deps_cflags $(wolfssl_flags) -include \"$prefix/include/wolfssl_random.h\" -Wno-error"
    if [ "$machine" = x86_64 ]; then
        asm=(-DWOLFSSL_AESNI=yes -DWOLFSSL_INTEL_ASM=yes)
        only="-maes -mpclmul"
    fi
    cmake -G Ninja -S "$work/wolfssl" -B "$work/wolfssl/b" -Wno-dev \
        -DCMAKE_BUILD_TYPE=Release "-DCMAKE_C_FLAGS_RELEASE=-O2" -DBUILD_SHARED_LIBS=OFF \
        -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib \
        -DWOLFSSL_QUIC=yes -DWOLFSSL_AESECB=yes -DWOLFSSL_SESSION_TICKET=yes \
        -DWOLFSSL_ED25519=yes -DWOLFSSL_MLKEM=yes -DWOLFSSL_PQC_HYBRIDS=yes \
        -DWOLFSSL_CERTGEN=yes -DWOLFSSL_KEYGEN=yes -DWOLFSSL_TICKET_NONCE_MALLOC=yes \
        -DWOLFSSL_HASH_DRBG=no -DWOLFSSL_EXAMPLES=no -DWOLFSSL_CRYPT_TESTS=no \
        "${asm[@]}" "-DCMAKE_C_FLAGS=$flags $only"
    cmake --build "$work/wolfssl/b"
    cmake --install "$work/wolfssl/b"
    # options.h must tell users the flags too. It does not know them, and undefines some.
    {
        for flag in $(wolfssl_flags); do
            printf '#undef %s\n#define %s\n' "${flag#-D}" "${flag#-D}"
        done
        echo '#include "wolfssl_random.h"'
    } >>"$prefix/include/wolfssl/options.h"
}

recipe_ngtcp2() {
    local flags
    mkdir -p "$work/ngtcp2"
    tar -xf "$sources/ngtcp2_1.24.0.orig.tar.xz" -C "$work/ngtcp2" --strip-components=1
    flags="$deps_cflags $(wolfssl_flags) -DWOLFSSL_OPTIONS_IGNORE_SYS"
    flags+=" -include \"$prefix/include/wolfssl_random.h\""
    cmake -G Ninja -S "$work/ngtcp2" -B "$work/ngtcp2/b" -Wno-dev \
        -DCMAKE_BUILD_TYPE=Release "-DCMAKE_C_FLAGS_RELEASE=-O2" \
        -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib \
        -DENABLE_LIB_ONLY=ON -DENABLE_SHARED_LIB=OFF -DENABLE_OPENSSL=OFF -DENABLE_WOLFSSL=ON \
        -DWOLFSSL_INCLUDE_DIR="$prefix/include" -DWOLFSSL_LIBRARY="$prefix/lib/libwolfssl.a" \
        "-DCMAKE_C_FLAGS=$flags"
    cmake --build "$work/ngtcp2/b"
    cmake --install "$work/ngtcp2/b"
}
