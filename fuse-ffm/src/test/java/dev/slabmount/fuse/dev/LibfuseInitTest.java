package dev.slabmount.fuse.dev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Connection;
import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.DirectoryBuffer;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.dispatch.FeatureChoice;
import dev.slabmount.nativebindings.Libfuse3;
import java.nio.ByteBuffer;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the installed libfuse answers the kernel's INIT with: each feature, on and off. */
@Timeout(60)
class LibfuseInitTest {
  private static final int FLAGS = 16 + 12;
  private static final int MAX_BACKGROUND = 16 + 16;
  private static final int MAX_WRITE = 16 + 20;
  private static final int MAX_PAGES = 16 + 28;
  private static final int FLAGS_2 = 16 + 32;

  /** The kernel looks at these in no answer: they say how it takes an ENOSYS of ours. */
  private static final Set<Feature> NOT_IN_THE_ANSWER =
      Set.of(Feature.NO_OPEN_SUPPORT, Feature.NO_OPENDIR_SUPPORT);

  private static final class Listing implements FileSystem {
    private final Feature wanted;

    Listing(Feature wanted) {
      this.wanted = wanted;
    }

    @Override
    public void init(Connection connection) {
      connection.enable(wanted);
    }

    @Override
    public void readdir(Request r, long ino, long fh, long offset, DirectoryBuffer buffer) {
      r.reply().directory(buffer);
    }

    @Override
    public void readdirplus(Request r, long ino, long fh, long offset, DirectoryBuffer buffer) {
      r.reply().directory(buffer);
    }
  }

  private record Answer(ByteBuffer bytes, String line) {
    boolean has(Feature feature) {
      long flags = (bytes.getInt(FLAGS) & 0xFFFF_FFFFL) | ((long) bytes.getInt(FLAGS_2) << 32);
      return (flags & feature.protocolBit()) != 0;
    }
  }

  private static Answer answer(Feature wanted, FeatureChoice choice) throws Exception {
    try (LibfuseEnd end = new LibfuseEnd(new Listing(wanted), choice)) {
      byte[] sent = end.only(WireMessage.init(7, 45, TestEnd.ALL_FLAGS));
      assertEquals(0, WireMessage.errno(sent));
      return new Answer(WireMessage.of(sent), end.transport.whenAgreed().get());
    }
  }

  @Covers({
    "Feature.ASYNC_READ",
    "Feature.POSIX_LOCKS",
    "Feature.ATOMIC_O_TRUNC",
    "Feature.EXPORT_SUPPORT",
    "Feature.BIG_WRITES",
    "Feature.DONT_MASK",
    "Feature.FLOCK_LOCKS",
    "Feature.AUTO_INVAL_DATA",
    "Feature.READDIRPLUS",
    "Feature.READDIRPLUS_AUTO",
    "Feature.ASYNC_DIO",
    "Feature.WRITEBACK_CACHE",
    "Feature.PARALLEL_DIROPS",
    "Feature.POSIX_ACL",
    "Feature.HANDLE_KILLPRIV",
    "Feature.HANDLE_KILLPRIV_V2",
    "Feature.MAX_PAGES",
    "Feature.CACHE_SYMLINKS",
    "Feature.EXPLICIT_INVAL_DATA",
    "Feature.SETXATTR_EXT",
    "Feature.DIRECT_IO_ALLOW_MMAP"
  })
  @ParameterizedTest
  @EnumSource
  void shouldBeAgreedIfTheLineSaysSo(Feature feature) throws Exception {
    String release = "libfuse 3." + Libfuse3.load().version().minor();
    boolean passes = Libfuse3.load().version().minor() >= feature.libfuseMinor();
    Answer on = answer(feature, FeatureChoice.NONE);
    assertEquals(passes, on.line.matches(".* features \\S*\\b" + feature + "\\b.*"), on.line);
    assertEquals(
        !passes, on.line.contains(feature + " (" + release + " does not pass it on)"), on.line);
    assertEquals(passes && !NOT_IN_THE_ANSWER.contains(feature), on.has(feature));

    Answer off = answer(feature, new FeatureChoice(Set.of(), Set.of(feature), 0));
    switch (feature) {
      case BIG_WRITES -> {
        assertTrue(off.has(feature));
        assertTrue(off.line.endsWith("switched off: BIG_WRITES (libfuse always asks for it)"));
      }
      case MAX_PAGES -> {
        assertEquals(32, off.bytes.getShort(MAX_PAGES));
        assertEquals(32 * 4096, off.bytes.getInt(MAX_WRITE));
        assertEquals(256, on.bytes.getShort(MAX_PAGES));
        assertEquals(256 * 4096, on.bytes.getInt(MAX_WRITE));
      }
      default -> assertEquals(false, off.has(feature));
    }
    if (feature != Feature.BIG_WRITES) {
      assertTrue(
          off.line.contains(feature + " (switched off by an option of the mount)"), off.line);
    }
  }

  @Test
  void shouldPassTheNumberOfBackgroundRequests() throws Exception {
    assertEquals(
        256, answer(Feature.ASYNC_READ, FeatureChoice.NONE).bytes.getShort(MAX_BACKGROUND));
    FeatureChoice few = new FeatureChoice(Set.of(), Set.of(), 7);
    Answer answer = answer(Feature.ASYNC_READ, few);
    assertEquals(7, answer.bytes.getShort(MAX_BACKGROUND));
    assertTrue(answer.line.contains(", 7 background requests"), answer.line);
  }
}
