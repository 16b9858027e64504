/**
 * What the JDK cannot ask of a filesystem, for stores and trees on local disks: {@link
 * dev.slabmount.nativebindings.file.OpenFolder} flushes it, {@link
 * dev.slabmount.nativebindings.file.Filesystem} tells its kind, and {@link
 * dev.slabmount.nativebindings.file.EffectiveUser} who we are to it.
 */
@NullMarked
package dev.slabmount.nativebindings.file;

import org.jspecify.annotations.NullMarked;
