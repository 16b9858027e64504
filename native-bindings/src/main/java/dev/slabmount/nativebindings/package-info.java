/**
 * C as Java sees it: how libfuse3 is found, called and laid out. No behaviour of a filesystem.
 *
 * <h2>Reading order</h2>
 *
 * <ol>
 *   <li>{@link dev.slabmount.nativebindings.Libfuse3}: the entry point. {@code load()} finds the
 *       library (an override, the dynamic linker, the usual folders), refuses releases whose layout
 *       is unknown, and must come before anything below is used.
 *   <li>{@link dev.slabmount.nativebindings.LibfuseCalls}: the calls made for every request; {@link
 *       dev.slabmount.nativebindings.LibfuseNewerCalls}: those that not every release has.
 *   <li>{@link dev.slabmount.nativebindings.LowlevelOperation}: the callbacks that libfuse makes.
 *   <li>{@link dev.slabmount.nativebindings.LibfuseAbi}, {@link
 *       dev.slabmount.nativebindings.Platform}: what differs between releases and between
 *       processors.
 *   <li>{@link dev.slabmount.nativebindings.Libc}: system calls with their errno.
 * </ol>
 *
 * <h2>Generated or written</h2>
 *
 * <p>The packages {@code libfuse3} and {@code kernel} beside this one are jextract's output for
 * libfuse 3.14 and FUSE protocol 7.38 on x86-64, from the symbol lists in {@code
 * native-bindings/jextract}. They are committed and never edited: {@code make bindings} makes them
 * anew, and a test compares them with {@code jextract/CHECKSUMS}. This package holds what jextract
 * cannot make, each piece with its source: bit-fields, errno, variadic calls, the two forms of
 * {@code fuse_session_new}, callbacks that are newer than 3.14, pointers as plain {@code long}s for
 * the hot path, and every number that differs elsewhere.
 *
 * <h2>Where an offset lives</h2>
 *
 * <pre>
 *   the same in every release, on both processors   the generated layout: fuse_file_info.fh$offset()
 *   different between releases of libfuse           a row of LibfuseAbi
 *   different between x86-64 and aarch64            Platform: struct stat, fuse_entry_param, O_DIRECT …
 * </pre>
 *
 * <p>{@code AbiLayoutTest} holds all three against C: live against the installed headers, and
 * against what the same C programs printed for every release from 3.10.0 to 3.18.2 on both
 * processors. A new release gets a row here and a file there ({@code src/test/c/record-abi.sh}).
 *
 * <h2>Threads and memory</h2>
 *
 * <p>Everything here may be called from any thread. Addresses are trusted: whoever passes one keeps
 * its memory alive and large enough. Structures are allocated at their largest known size ({@code
 * LibfuseAbi.LARGEST_*}) and zeroed.
 */
@NullMarked
package dev.slabmount.nativebindings;

import org.jspecify.annotations.NullMarked;
