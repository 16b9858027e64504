package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.Request;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When the kernel drops pages of a file that changes behind its back, by what was agreed. */
@Timeout(60)
class CachedPagesMountIT extends Mounted {
  /** Leaves pages in the cache from one open to the next; attributes are asked for each time. */
  private static final class KeepingFs extends RecordingFs {
    @Override
    public void open(Request r, long ino, int flags) {
      record(r, "open " + ino);
      r.reply().opened(r.openedFile().fh(1).keepCache(true));
    }

    void change(String content) {
      Node node = nodes.get(2L);
      node.content = bytes(content);
      node.modifySeconds++;
    }
  }

  private KeepingFs mount(Feature feature, boolean on) throws Exception {
    KeepingFs keeping = new KeepingFs();
    keeping.file("f", "first".getBytes(StandardCharsets.US_ASCII));
    mount(keeping, feature, on);
    assertEquals("first", sh("cat f"));
    return keeping;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers("Feature.AUTO_INVAL_DATA")
  void shouldDropPagesWhenTheTimeChanges(boolean on) throws Exception {
    KeepingFs keeping = mount(Feature.AUTO_INVAL_DATA, on);
    keeping.change("other");
    assertEquals(on ? "other" : "first", sh("cat f"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers("Feature.EXPLICIT_INVAL_DATA")
  void shouldKeepPagesWhenTheSizeChanges(boolean on) throws Exception {
    KeepingFs keeping = mount(Feature.EXPLICIT_INVAL_DATA, on);
    keeping.change("longer");
    assertEquals(on ? "first\0" : "longer", sh("cat f"));
  }
}
