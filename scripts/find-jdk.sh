#!/bin/sh
# Prints the home of a Java of version 25 or newer, or says on stderr how to get one and exits 1.
#
#   find-jdk.sh             a JDK (with javac), for building
#   find-jdk.sh --runtime   any Java that can run slabmount
#
# Order: SLABMOUNT_JAVA (a home or a java executable; when it is set nothing else is tried), JAVA_HOME, java on PATH,
# then the folders where systems and tools put JVMs, newest version first. Beside this file as bin/../libexec in a
# distribution the same script serves the launcher.
set -u

min=25
need_javac=yes
what=JDK
if [ "${1-}" = --runtime ]; then
    need_javac=
    what=Java
fi

# feature_version HOME: prints the feature version ("25" of "25.0.3"); fails if there is no usable java in HOME.
feature_version() {
    [ -x "$1/bin/java" ] || return 1
    version=
    if [ -r "$1/release" ]; then
        version=$(sed -n 's/^JAVA_VERSION="\{0,1\}\([0-9]*\).*/\1/p' "$1/release" | head -n 1)
    fi
    if [ -z "$version" ]; then
        version=$("$1/bin/java" -version 2>&1 | sed -n 's/.* version "\{0,1\}\([0-9]*\).*/\1/p' | head -n 1)
    fi
    [ -n "$version" ] || return 1
    printf '%s\n' "$version"
}

# usable HOME: is this a Java that will do?
usable() {
    found=$(feature_version "$1") || return 1
    [ "$found" -ge "$min" ] || return 1
    [ -z "$need_javac" ] || [ -x "$1/bin/javac" ]
}

# home_of JAVA: the home that a java executable belongs to, behind any symbolic links.
home_of() {
    [ -x "$1" ] && real=$(readlink -f "$1") || return 1
    case $real in
        */bin/java) printf '%s\n' "${real%/bin/java}" ;;
        *) return 1 ;;
    esac
}

if [ -n "${SLABMOUNT_JAVA-}" ]; then
    home=$SLABMOUNT_JAVA
    [ -d "$home" ] || home=$(home_of "$SLABMOUNT_JAVA") || home=/nonexistent
    if usable "$home"; then
        printf '%s\n' "$home"
        exit 0
    fi
    if version=$(feature_version "$home"); then
        problem="is Java $version"
        [ "$version" -lt "$min" ] || problem="has no bin/javac"
    else
        problem="is neither a Java home nor its bin/java"
    fi
    echo "slabmount: SLABMOUNT_JAVA=$SLABMOUNT_JAVA $problem, but a $what of version $min or newer is needed; set it to one or unset it" >&2
    exit 1
fi

if [ -n "${JAVA_HOME-}" ] && usable "$JAVA_HOME"; then
    printf '%s\n' "$JAVA_HOME"
    exit 0
fi

if on_path=$(command -v java) && home=$(home_of "$on_path") && usable "$home"; then
    printf '%s\n' "$home"
    exit 0
fi

best=
best_version=0
for home in /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /opt/java/* /opt/jdk* /opt/*jdk* \
    "${HOME:-/}"/.sdkman/candidates/java/* "${HOME:-/}"/.jdks/* "${HOME:-/}"/.local/share/mise/installs/java/*; do
    if [ -d "$home" ] && usable "$home" && [ "$found" -gt "$best_version" ]; then
        best=$home
        best_version=$found
    fi
done
if [ -n "$best" ]; then
    printf '%s\n' "$best"
    exit 0
fi

echo "slabmount: no $what of version $min or newer in JAVA_HOME, on PATH or in /usr/lib/jvm; get one with 'sdk install java $min-tem' (https://sdkman.io), from https://adoptium.net/temurin/releases/?version=$min, or as your distribution's package (openjdk-$min-jdk, java-$min-openjdk-devel), or point JAVA_HOME at one" >&2
exit 1
