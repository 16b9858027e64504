package dev.slabmount.bench.evict;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.slabmount.core.evict.AdaptiveFifoPolicy;
import dev.slabmount.core.evict.ClockPolicy;
import dev.slabmount.core.evict.EvictionPolicy;
import dev.slabmount.core.evict.LruPolicy;
import dev.slabmount.core.evict.ResidentSlots;
import dev.slabmount.core.evict.S3FifoPolicy;
import dev.slabmount.core.pool.EvictionAlgorithm;
import dev.slabmount.core.pool.MemoryPoolConfig;

/** What is compared. */
public enum Contender {
  /** The policy that a pool has unless it is told otherwise. */
  DEFAULT("default") {
    @Override
    long misses(int[] requests, int objects, int capacity) {
      EvictionAlgorithm algorithm = MemoryPoolConfig.builder().build().eviction();
      return missesOf(algorithm, requests, objects, capacity);
    }
  },
  /** The pool's S3-FIFO. */
  S3_FIFO("S3-FIFO") {
    @Override
    long misses(int[] requests, int objects, int capacity) {
      return missesOf(EvictionAlgorithm.S3_FIFO, requests, objects, capacity);
    }
  },
  /** The pool's LRU. */
  LRU("LRU") {
    @Override
    long misses(int[] requests, int objects, int capacity) {
      return missesOf(EvictionAlgorithm.LRU, requests, objects, capacity);
    }
  },
  /** The pool's CLOCK. */
  CLOCK("CLOCK") {
    @Override
    long misses(int[] requests, int objects, int capacity) {
      return missesOf(EvictionAlgorithm.CLOCK, requests, objects, capacity);
    }
  },
  /** Caffeine itself, with its upkeep done on the calling thread. */
  W_TINY_LFU("W-TinyLFU") {
    @Override
    long misses(int[] requests, int objects, int capacity) {
      Cache<Integer, Boolean> cache =
          Caffeine.newBuilder().maximumSize(capacity).executor(Runnable::run).build();
      Integer[] keys = new Integer[objects];
      for (int object = 0; object < objects; object++) {
        keys[object] = object;
      }
      long misses = 0;
      for (int object : requests) {
        if (cache.getIfPresent(keys[object]) == null) {
          cache.put(keys[object], true);
          misses++;
        }
      }
      return misses;
    }
  },
  /** What is possible with knowledge of the future. */
  BELADY("Belady") {
    @Override
    long misses(int[] requests, int objects, int capacity) {
      return new Belady(requests, objects, capacity).misses();
    }
  };

  private final String title;

  Contender(String title) {
    this.title = title;
  }

  /** Its name in the table. */
  String title() {
    return title;
  }

  /** How many of the requests a cache of so many equal slots, empty at first, does not hold. */
  abstract long misses(int[] requests, int objects, int capacity);

  private static long missesOf(
      EvictionAlgorithm algorithm, int[] requests, int objects, int capacity) {
    return new PolicyCache(slots -> policy(algorithm, slots), objects, capacity).misses(requests);
  }

  private static EvictionPolicy policy(EvictionAlgorithm algorithm, ResidentSlots slots) {
    return switch (algorithm) {
      case ADAPTIVE_FIFO -> new AdaptiveFifoPolicy(slots);
      case S3_FIFO -> new S3FifoPolicy(slots);
      case CLOCK -> new ClockPolicy(slots);
      case LRU -> new LruPolicy(slots);
    };
  }
}
