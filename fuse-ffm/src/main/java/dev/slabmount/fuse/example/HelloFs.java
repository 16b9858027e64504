package dev.slabmount.fuse.example;

import dev.slabmount.fuse.Attributes;
import dev.slabmount.fuse.DirectoryBuffer;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.TransportKind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** One file, {@code hello}: the smallest filesystem that is of use. */
public final class HelloFs implements FileSystem {
  private static final byte[] NAME = "hello".getBytes(StandardCharsets.UTF_8);
  private static final byte[] TEXT = "Hello from Java!\n".getBytes(StandardCharsets.UTF_8);
  private static final long HELLO = 2; // inode number; ROOT is 1

  private HelloFs() {}

  /** Mounts until it is unmounted: {@code HelloFs DIRECTORY [LIBFUSE|DEV]}. */
  public static void main(String[] arguments) throws Exception {
    TransportKind transport = TransportKind.valueOf(arguments.length > 1 ? arguments[1] : "DEV");
    FuseMount.of(new HelloFs()).transport(transport).at(Path.of(arguments[0])).mount().awaitEnd();
  }

  private static Attributes describe(Attributes a, long ino) {
    return ino == ROOT
        ? a.ino(ino).mode(0040755).linkCount(2)
        : a.ino(ino).mode(0100444).linkCount(1).size(TEXT.length);
  }

  @Override
  public void lookup(Request request, long parent, Name name) {
    if (name.equalsRange(NAME, 0, NAME.length)) {
      describe(request.entry().ino(HELLO).attributes(), HELLO);
    }
    request.reply().entry(request.entry()); // whose inode is 0 for all other names: there are none
  }

  @Override
  public void getattr(Request request, long ino, long fh) {
    request.reply().attributes(describe(request.attributes(), ino), 0);
  }

  @Override
  public void readdir(Request request, long ino, long fh, long offset, DirectoryBuffer buffer) {
    if (offset == 0) {
      buffer.add(NAME, 0, NAME.length, HELLO, 0100000, 1);
    }
    request.reply().directory(buffer); // empty the second time: there is no more
  }

  @Override
  public void read(Request request, long ino, long fh, long offset, int length) {
    int from = (int) Math.min(offset, TEXT.length);
    request.reply().data(TEXT, from, Math.min(length, TEXT.length - from));
  }
}
