/**
 * Content addressed objects: their names, where they are kept, and the check that they are whole.
 */
@NullMarked
package dev.slabmount.vfs.content;

import org.jspecify.annotations.NullMarked;
