/** The FUSE binding. */
@NullMarked
package dev.slabmount.fuse;

import org.jspecify.annotations.NullMarked;
