/**
 * Checks a store against a manifest: whether every object that the manifest names is there, whole.
 *
 * <p>Start at {@link dev.slabmount.vfs.scrub.Scrubber}, which reads and hashes; {@link
 * dev.slabmount.vfs.scrub.ScrubProgress} says how far it is, {@link
 * dev.slabmount.vfs.scrub.ScrubReport} what it found: {@link dev.slabmount.vfs.scrub.Defect}s, and
 * the files that need what is defective. Nothing here writes to the store.
 *
 * <p><b>Memory</b> is 32 to 56 bytes for each object of the manifest, about 40 for each defect, and
 * 273 KiB for each job; the rest is made when it is asked for.
 *
 * <p><b>Threads.</b> A scrubber owns as many threads as it has jobs, for one run. Progress may be
 * read by any thread; the report is immutable.
 */
@NullMarked
package dev.slabmount.vfs.scrub;

import org.jspecify.annotations.NullMarked;
