package dev.slabmount.fuse.session;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.Charset;
import java.nio.file.Path;

/** Paths as C takes them: in the charset in which this JVM names files, whatever its default is. */
public final class NativePath {
  private NativePath() {}

  /** The bytes of {@code path} and a NUL, in {@code arena}. */
  public static MemorySegment of(Arena arena, Path path) {
    byte[] bytes = path.toString().getBytes(charset());
    MemorySegment copy = arena.allocate(bytes.length + 1L);
    MemorySegment.copy(bytes, 0, copy, JAVA_BYTE, 0, bytes.length);
    return copy;
  }

  static Charset charset() {
    String name = System.getProperty("sun.jnu.encoding");
    return name == null ? Charset.defaultCharset() : Charset.forName(name);
  }
}
