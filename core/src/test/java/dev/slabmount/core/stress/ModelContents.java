package dev.slabmount.core.stress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.pool.BlockHandle;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.Blocks;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The operations on content-keyed blocks, on pool and model. */
final class ModelContents {
  private static final int CONTENTS = 24;
  private static final int HELD = 3;

  private final ModelPool model;
  private final MemoryPool pool;
  private final List<Held> held = new ArrayList<>();

  /** An open handle. */
  private static final class Held {
    final BlockHandle handle;
    boolean removed;

    Held(final BlockHandle handle) {
      this.handle = handle;
    }
  }

  ModelContents(final ModelPool model) {
    this.model = model;
    this.pool = model.pool;
  }

  int held() {
    return held.size();
  }

  /** Whether something is held that can still be found. */
  boolean holdsSome() {
    return held.stream().anyMatch(each -> !each.removed);
  }

  void step() {
    final BlockKey key = BlockKey.ofContent(model.random.nextInt(CONTENTS), 1, 2);
    switch (model.random.nextInt(12)) {
      case 0, 1, 2 -> acquire(key);
      case 3 -> fail(key);
      case 4 -> tryGet(key);
      case 5, 6 -> pin(key);
      case 7 -> loadAhead(key);
      case 8 -> invalidate(key);
      case 9 -> remove(key);
      case 10 -> refuseWrites(key);
      case 11 -> assertFalse(pool.giveUpLoad(key.high(), key.low(), key.block()), "no load");
      default -> throw new AssertionError();
    }
  }

  private byte[] contentOf(final BlockKey key) {
    return Blocks.bytes(key.high(), (int) (key.high() * 977 % (model.blockSize + 1)));
  }

  private boolean present(final BlockKey key) {
    final boolean present = pool.contains(key.high(), key.low(), key.block());
    assertTrue(present || !isHeld(key), key + " was dropped while it was held");
    return present;
  }

  private boolean isHeld(final BlockKey key) {
    return held.stream().anyMatch(each -> !each.removed && each.handle.key().equals(key));
  }

  private int load(final BlockKey key, final MemorySegment slot) throws IOException {
    model.loads++;
    return new Blocks.Fixed(contentOf(key)).load(key, slot);
  }

  private void acquire(final BlockKey key) {
    final boolean present = present(key);
    final long before = model.loads;
    final BlockHandle handle = pool.acquire(key, this::load);
    model.allocations += model.loads - before;
    assertTrue(model.backed || model.loads - before == (present ? 0 : 1), "loads of " + key);
    assertArrayEquals(contentOf(key), Blocks.array(handle.data()), key.toString());
    if (held.size() < HELD) {
      held.add(new Held(handle));
    } else {
      handle.close();
    }
  }

  private void fail(final BlockKey key) {
    if (!present(key)) {
      model.expect(
          MemoryPoolException.RetrievalFailed.class,
          () ->
              pool.acquire(
                  key,
                  (loaded, slot) -> {
                    throw new IOException("planned");
                  }));
      assertFalse(present(key), "a failed load leaves nothing behind");
    }
  }

  private void tryGet(final BlockKey key) {
    final boolean present = present(key);
    try (BlockHandle handle = pool.tryGet(key)) {
      assertEquals(present, handle != null, key.toString());
      if (handle != null) {
        assertArrayEquals(contentOf(key), Blocks.array(handle.data()), key.toString());
      }
    }
  }

  private void pin(final BlockKey key) {
    final boolean present = present(key);
    final byte[] content = contentOf(key);
    final long before = model.loads;
    final long token =
        model.random.nextBoolean()
            ? pool.pin(key.high(), key.low(), key.block())
            : pool.pinOrLoad(key.high(), key.low(), key.block(), content.length, this::load);
    model.allocations += model.loads - before;
    if (token == MemoryPool.NO_BLOCK) {
      assertFalse(present && !model.backed, key.toString());
      return;
    }
    try {
      assertEquals(content.length, pool.length(token));
      assertEquals(0, pool.address(token) % 4096);
      assertArrayEquals(content, Blocks.array(pool.view(token)), key.toString());
    } finally {
      pool.unpin(token);
    }
  }

  private void loadAhead(final BlockKey key) {
    final boolean present = present(key);
    final long before = model.loads;
    final int length = contentOf(key).length;
    final boolean loaded = pool.loadAhead(key.high(), key.low(), key.block(), length, this::load);
    model.allocations += model.loads - before;
    assertTrue(model.backed || loaded != present, key.toString());
  }

  private void invalidate(final BlockKey key) {
    final boolean goes = present(key) && !isHeld(key);
    final int removed = pool.invalidateHash(key.high(), key.low());
    assertTrue(model.backed || removed == (goes ? 1 : 0), key.toString());
    assertEquals(isHeld(key), present(key), "only what is held stays");
  }

  private void remove(final BlockKey key) {
    final boolean present = present(key);
    final int removed = pool.removeContentBlocks(key.high(), key.low());
    assertTrue(model.backed || removed == (present ? 1 : 0), key.toString());
    for (final Held each : held) {
      each.removed |= each.handle.key().equals(key);
    }
    assertFalse(present(key), "removed");
  }

  private void refuseWrites(final BlockKey key) {
    final long token = pool.pin(key.high(), key.low(), key.block());
    if (token != MemoryPool.NO_BLOCK) {
      try {
        final MemorySegment source = Blocks.segment((byte) 1);
        model.expect(
            MemoryPoolException.BlockNotMutable.class, () -> pool.write(token, 0, source, 0, 1));
        model.expect(MemoryPoolException.BlockNotMutable.class, () -> pool.resize(token, 1));
        assertTrue(pool.pagesValid(token, 0, model.blockSize), "content is all there");
      } finally {
        pool.unpin(token);
      }
    }
  }

  void release() {
    for (final Held each : held) {
      assertArrayEquals(
          contentOf(each.handle.key()), Blocks.array(each.handle.data()), "held for long");
      each.handle.close();
    }
    held.clear();
  }
}
