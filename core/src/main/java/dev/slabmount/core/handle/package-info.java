/**
 * The friendly face of a pin: handles that check their use.
 *
 * <p>{@code PinnedToken} is a token that is given up once, however often and by whomever it is
 * closed; {@link dev.slabmount.core.handle.PinnedBlock} and {@link
 * dev.slabmount.core.handle.PinnedMutableBlock} are the handles of content and of inodes' blocks.
 *
 * <p>Any thread, also several on one handle.
 */
@NullMarked
package dev.slabmount.core.handle;

import org.jspecify.annotations.NullMarked;
