package dev.slabmount.core.inspect;

import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.slot.SlotPages;
import dev.slabmount.core.slot.SlotTable;
import java.util.function.Consumer;

/**
 * Compares what the page maps say of a slot with its header: see {@link SlotPages} for what must be
 * true. For a quiet pool; one thread.
 */
final class PageAudit {
  private final SlotTable table;
  private final SlotPages pages;
  private final Consumer<String> findings;

  PageAudit(final SlotTable table, final Consumer<String> findings) {
    this.table = table;
    this.pages = table.pages;
    this.findings = findings;
  }

  /** Looks at a live slot. */
  void look(final int slot, final String name) {
    final long word = table.words.wordAcquire(slot);
    final boolean inodeKeyed = BlockWord.has(word, BlockWord.INODE_KEYED);
    final int held = SlotPages.pagesOf(table.capacity(slot));
    final int used = inodeKeyed ? SlotPages.pagesOfBlock(table.headers.lengthAcquire(slot)) : 0;
    if (pages.firstValid(slot, used, held) < held) {
      findings.accept(name + " has a valid page that it does not reach");
    }
    for (int page = pages.firstToFlush(slot, 0, held);
        page < held;
        page = pages.firstToFlush(slot, page + 1, held)) {
      if (!pages.isValid(slot, page)) {
        findings.accept(name + " wants page " + page + " flushed, which is missing");
      }
    }
    if (pages.anyToFlush(slot) != BlockWord.has(word, BlockWord.NEEDS_FLUSH)) {
      findings.accept(name + " does not agree with its pages whether it needs flushing");
    }
  }
}
