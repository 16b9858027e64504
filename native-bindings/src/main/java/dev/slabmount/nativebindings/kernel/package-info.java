/**
 * The FUSE wire protocol ({@code linux/fuse.h}, protocol 7.38) as jextract generates it. Do not
 * edit: change {@code native-bindings/jextract/kernel.includes} and run {@code make bindings}.
 *
 * <p>{@code KernelH} has the opcodes and flags, a class per structure its layout, which is the same
 * on every processor. Nothing here takes or returns null.
 */
@NullMarked
package dev.slabmount.nativebindings.kernel;

import org.jspecify.annotations.NullMarked;
