package dev.slabmount.bench.peer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The peers have to serve what was written, or their speed means nothing. */
class PeerFilesTest {
  private static final long SEED = 1;
  private static final int BYTES = 100_000;

  @Test
  void shouldReadWhatWasWrittenBesideAnArray() {
    Random random = new Random(SEED);
    PeerFile file = new PeerFile(0100644);
    byte[] model = new byte[BYTES];
    int size = 0;
    for (int i = 0; i < 2_000; i++) {
      int offset = random.nextInt(BYTES);
      int length = random.nextInt(BYTES - offset + 1);
      switch (random.nextInt(8)) {
        case 0 -> {
          file.resize(offset);
          if (offset < size) {
            Arrays.fill(model, offset, size, (byte) 0);
          }
          size = offset;
        }
        case 1, 2, 3 -> {
          byte[] bytes = new byte[length];
          random.nextBytes(bytes);
          assertEquals(length, file.write(offset, length, ByteBuffer.wrap(bytes)::get));
          System.arraycopy(bytes, 0, model, offset, length);
          size = length == 0 ? Math.max(size, offset) : Math.max(size, offset + length);
        }
        default -> {
          byte[] bytes = new byte[length];
          int count = file.read(offset, length, ByteBuffer.wrap(bytes)::put);
          assertEquals(Math.max(0, Math.min(length, size - offset)), count, "seed " + SEED);
          assertArrayEquals(
              Arrays.copyOfRange(model, offset, offset + count),
              Arrays.copyOf(bytes, count),
              "seed " + SEED);
        }
      }
      assertEquals(size, file.size());
    }
  }

  @Test
  void shouldKeepNamesOfAFolderAndPathsTheSame() {
    PeerFiles files = new PeerFiles();
    assertEquals(0, files.makeFolder("/d", 0755));
    assertEquals(0, files.makeFile("/d/a", 0644));
    PeerFile a = files.get("/d/a");
    assertEquals(-17, files.makeFile("/d/a", 0644));
    assertEquals(-2, files.makeFile("/missing/a", 0644));
    assertEquals(-39, files.removeFolder("/d"));
    assertEquals(-21, files.removeFile("/d"));
    assertEquals(0, files.rename("/d", "/e"));
    assertSame(a, files.get("/e/a"));
    assertNull(files.get("/d/a"));
    assertNotNull(files.get("/e").names.get("a"));
    assertEquals(0, files.removeFile("/e/a"));
    assertEquals(0, files.removeFolder("/e"));
    assertEquals(0, files.get("/").names.size());
  }
}
