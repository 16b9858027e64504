package dev.slabmount.fuse.mount;

import dev.slabmount.fuse.Attributes;
import dev.slabmount.fuse.DirectoryBuffer;
import dev.slabmount.fuse.Entry;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.Request;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** One directory of files, some of which misbehave in a way that their name says. */
class TestFs implements FileSystem {
  static final List<String> NAMES =
      List.of(
          "hello",
          "throws",
          "overflows",
          "silent",
          "twice",
          "late",
          "stuck",
          "link",
          "oom",
          "big",
          "hangs");
  static final byte[] HELLO = "hello, world\n".getBytes(StandardCharsets.UTF_8);
  static final int BIG = 3 << 20;

  final CountDownLatch destroyed = new CountDownLatch(1);
  final CountDownLatch stuckReached = new CountDownLatch(1);
  final ConcurrentLinkedQueue<Request> stuck = new ConcurrentLinkedQueue<>();
  final AtomicLong forgotten = new AtomicLong();

  /** Operations that hang in the file {@code hangs}, until {@link #mayGoOn}. */
  final AtomicLong hanging = new AtomicLong();

  final CountDownLatch mayGoOn = new CountDownLatch(1);

  static byte[] big() {
    byte[] data = new byte[BIG];
    for (int i = 0; i < BIG; i++) {
      data[i] = (byte) (i * 31 + (i >>> 13));
    }
    return data;
  }

  private final byte[] big = big();

  static long ino(String name) {
    return NAMES.indexOf(name) + 2L;
  }

  private static String name(long ino) {
    return NAMES.get((int) ino - 2);
  }

  private static void fill(Attributes a, long ino) {
    a.ino(ino).times(1_700_000_000L, 123_456_789);
    if (ino == ROOT) {
      a.mode(0040755).linkCount(2);
    } else if (name(ino).equals("link")) {
      a.mode(0120777).linkCount(1).size(5);
    } else {
      a.mode(0100644).linkCount(1).size(name(ino).equals("big") ? BIG : HELLO.length);
    }
  }

  private static void fill(Entry entry, long ino) {
    fill(entry.ino(ino).attributes(), ino);
  }

  @Override
  public void destroy() {
    destroyed.countDown();
  }

  @Override
  public void lookup(Request request, long parent, Name name) {
    long ino = ino(name.toString());
    if (ino < 2) {
      request.reply().error(Errno.ENOENT);
      return;
    }
    fill(request.entry(), ino);
    request.reply().entry(request.entry());
  }

  @Override
  public void forget(long ino, long count) {
    forgotten.addAndGet(count);
  }

  @Override
  public void getattr(Request request, long ino, long fh) {
    fill(request.attributes(), ino);
    request.reply().attributes(request.attributes(), 0);
  }

  @Override
  public void readlink(Request request, long ino) {
    request.reply().target(HELLO, 0, 5);
  }

  @Override
  public void open(Request request, long ino, int flags) {
    request.reply().opened(request.openedFile().fh(ino).directIo(true));
  }

  @Override
  public void read(Request request, long ino, long fh, long offset, int length) {
    switch (name(ino)) {
      case "throws" -> throw new IllegalStateException("on purpose");
      case "overflows" -> recurse(0);
      case "oom" -> throw new OutOfMemoryError("on purpose");
      case "silent" -> {
        // Returns without an answer.
      }
      case "twice" -> {
        answer(request, offset, length);
        if (request.reply().error(Errno.EPERM)) {
          throw new IllegalStateException("a second answer went through");
        }
      }
      case "late" -> {
        Request detached = request.detach();
        new Thread(() -> answer(detached, offset, length)).start();
      }
      case "stuck" -> {
        stuck.add(request.detach());
        stuckReached.countDown();
      }
      case "hangs" -> {
        hanging.incrementAndGet();
        waitFor(mayGoOn);
        answer(request, offset, length);
      }
      case "big" -> {
        int count = Math.clamp(BIG - offset, 0, length);
        request.reply().data(big, (int) Math.min(offset, BIG), count);
      }
      default -> answer(request, offset, length);
    }
  }

  static void answer(Request request, long offset, int length) {
    int from = (int) Math.min(offset, HELLO.length);
    request.reply().data(HELLO, from, Math.min(length, HELLO.length - from));
  }

  /** Whatever interrupts. */
  private static void waitFor(CountDownLatch latch) {
    while (true) {
      try {
        latch.await();
        return;
      } catch (InterruptedException e) {
        // A filesystem that hangs does not listen.
      }
    }
  }

  @SuppressWarnings("InfiniteRecursion")
  private static int recurse(int depth) {
    return recurse(depth + 1) + 1;
  }

  @Override
  public void readdir(Request request, long ino, long fh, long offset, DirectoryBuffer buffer) {
    for (int i = (int) offset; i < NAMES.size(); i++) {
      byte[] name = NAMES.get(i).getBytes(StandardCharsets.UTF_8);
      if (!buffer.add(name, 0, name.length, i + 2L, 0100644, i + 1L)) {
        break;
      }
    }
    request.reply().directory(buffer);
  }

  @Override
  public void readdirplus(Request request, long ino, long fh, long offset, DirectoryBuffer buffer) {
    for (int i = (int) offset; i < NAMES.size(); i++) {
      byte[] name = NAMES.get(i).getBytes(StandardCharsets.UTF_8);
      fill(request.entry().clear(), i + 2L);
      if (!buffer.addPlus(name, 0, name.length, request.entry(), i + 1L)) {
        break;
      }
    }
    request.reply().directory(buffer);
  }
}
