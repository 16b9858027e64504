/**
 * libfuse3's low-level API and what it needs of libc, as jextract generates it. Do not edit: change
 * {@code native-bindings/jextract/libfuse3.includes} and run {@code make bindings}.
 *
 * <p>{@code LibfuseH} has the functions and constants, a class per structure its layout. Functions
 * are looked up when first used, in the library that {@link
 * dev.slabmount.nativebindings.Libfuse3#load} loaded; one that this library lacks fails only then.
 * Layouts are those of libfuse 3.14 on x86-64: sizes of {@code fuse_file_info}, {@code fuse_buf},
 * {@code fuse_bufvec} and {@code fuse_lowlevel_ops} come from {@link
 * dev.slabmount.nativebindings.LibfuseAbi}, all of {@code stat} and {@code fuse_entry_param} from
 * {@link dev.slabmount.nativebindings.Platform}; every other number holds for all releases and
 * processors that slabmount knows. Nothing here takes or returns null.
 */
@NullMarked
package dev.slabmount.nativebindings.libfuse3;

import org.jspecify.annotations.NullMarked;
