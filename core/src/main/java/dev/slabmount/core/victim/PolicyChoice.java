package dev.slabmount.core.victim;

import dev.slabmount.core.evict.AdaptiveFifoPolicy;
import dev.slabmount.core.evict.ClockPolicy;
import dev.slabmount.core.evict.EvictionPolicy;
import dev.slabmount.core.evict.LruPolicy;
import dev.slabmount.core.evict.ResidentSlots;
import dev.slabmount.core.evict.S3FifoPolicy;
import dev.slabmount.core.pool.EvictionAlgorithm;

/** Makes the policy that the configuration names. */
final class PolicyChoice {
  private PolicyChoice() {}

  /** A policy over these slots with nothing in its care. */
  static EvictionPolicy of(final EvictionAlgorithm algorithm, final ResidentSlots slots) {
    return switch (algorithm) {
      case ADAPTIVE_FIFO -> new AdaptiveFifoPolicy(slots);
      case LRU -> new LruPolicy(slots);
      case S3_FIFO -> new S3FifoPolicy(slots);
      case CLOCK -> new ClockPolicy(slots);
    };
  }
}
