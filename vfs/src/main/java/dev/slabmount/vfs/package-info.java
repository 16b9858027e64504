/** The filesystem. */
@NullMarked
package dev.slabmount.vfs;

import org.jspecify.annotations.NullMarked;
