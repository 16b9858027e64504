/**
 * What the JDK cannot ask of a filesystem, for stores on local disks: {@link
 * dev.slabmount.nativebindings.file.OpenFolder}.
 */
@NullMarked
package dev.slabmount.nativebindings.file;

import org.jspecify.annotations.NullMarked;
