package dev.slabmount.core.pool;

import org.junit.jupiter.api.Nested;

/**
 * What every {@link MemoryPool} promises, whatever it is made of. A subclass says how to make one
 * and how to look inside it; one topic is one class.
 *
 * <p>Some scenarios carry a number, by which they are found in reports:
 *
 * <table>
 * <caption>Numbered scenarios</caption>
 * <tr><th>Number</th><th>Topic</th><th>Scenario</th></tr>
 * <tr><td>P1</td><td>{@code BlockKeyTest}</td><td>keys: kind, parts, text</td></tr>
 * <tr><td>P2–P4</td><td>dirty</td><td>insert, get, has: counted, pinned, by inode and index</td></tr>
 * <tr><td>P5, P6</td><td>dirty</td><td>marked flushed, marked to be flushed</td></tr>
 * <tr><td>P7, P9</td><td>dirty</td><td>an inode's blocks are removed; a block is replaced</td></tr>
 * <tr><td>P8, P16, P17</td><td>room</td><td>who goes, who stays, and when nobody can</td></tr>
 * <tr><td>P10, P11</td><td>modification</td><td>in the middle, and behind the end</td></tr>
 * <tr><td>P12, P13</td><td>modification</td><td>read through a handle; shrink</td></tr>
 * <tr><td>P14, P15</td><td>content</td><td>load once, then hit</td></tr>
 * <tr><td>P18, P19, P22</td><td>threads</td><td>one load for five, stable bytes, has_dirty</td></tr>
 * <tr><td>P20</td><td>room</td><td>the figures</td></tr>
 * <tr><td>P23</td><td>room</td><td>a written block goes only after it was flushed</td></tr>
 * </table>
 *
 * <p>(There is no P21: it was about a side table that this pool does not have.) The scenarios W1 to
 * W19 and R1 to R7 are in {@code KnownWeaknesses}.
 */
public abstract class MemoryPoolContract implements PoolKind {
  /** For subclasses. */
  protected MemoryPoolContract() {}

  @Nested
  class ContentBlocks extends ContentBlocksContract {
    ContentBlocks() {
      super(MemoryPoolContract.this);
    }
  }

  @Nested
  class DirtyBlocks extends DirtyBlocksContract {
    DirtyBlocks() {
      super(MemoryPoolContract.this);
    }
  }

  @Nested
  class Modification extends ModificationContract {
    Modification() {
      super(MemoryPoolContract.this);
    }
  }

  @Nested
  class Pages extends PagesContract {
    Pages() {
      super(MemoryPoolContract.this);
    }
  }

  @Nested
  class PageFill extends PageFillContract {
    PageFill() {
      super(MemoryPoolContract.this);
    }
  }

  @Nested
  class Flush extends FlushContract {
    Flush() {
      super(MemoryPoolContract.this);
    }
  }

  @Nested
  class Room extends RoomContract {
    Room() {
      super(MemoryPoolContract.this);
    }
  }

  @Nested
  class Threads extends ThreadsContract {
    Threads() {
      super(MemoryPoolContract.this);
    }
  }

  @Nested
  class Independence extends IndependenceContract {
    Independence() {
      super(MemoryPoolContract.this);
    }
  }

  @Nested
  class SingleFlight extends SingleFlightContract {
    SingleFlight() {
      super(MemoryPoolContract.this);
    }
  }

  @Nested
  class LoadAhead extends LoadAheadContract {
    LoadAhead() {
      super(MemoryPoolContract.this);
    }
  }

  @Nested
  class Close extends CloseContract {
    Close() {
      super(MemoryPoolContract.this);
    }
  }

  @Nested
  class EveryMethod extends EveryMethodContract {
    EveryMethod() {
      super(MemoryPoolContract.this);
    }
  }
}
