package dev.slabmount.fuse.dispatch;

import dev.slabmount.fuse.Feature;
import java.util.Set;

/**
 * What whoever mounts decides about kernel features over the filesystem's head. Immutable.
 *
 * @param with asked for after the filesystem has chosen
 * @param without never asked for, whatever the filesystem chooses
 * @param maxBackground how many background requests the kernel may have under way; 0: as the
 *     filesystem chooses
 */
public record FeatureChoice(Set<Feature> with, Set<Feature> without, int maxBackground) {
  /** Leaves everything to the filesystem. */
  public static final FeatureChoice NONE = new FeatureChoice(Set.of(), Set.of(), 0);

  /** Copies. */
  public FeatureChoice {
    with = Set.copyOf(with);
    without = Set.copyOf(without);
  }
}
