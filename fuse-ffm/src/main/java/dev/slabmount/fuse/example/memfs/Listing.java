package dev.slabmount.fuse.example.memfs;

import dev.slabmount.fuse.DirectoryBuffer;
import dev.slabmount.fuse.Entry;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.Request;
import java.util.Objects;

/**
 * Answers listings. The directory's names are shared until the answer is out, so that everything
 * that it counts as looked up has a name until then.
 */
final class Listing {
  private static final byte[] DOTS = {'.', '.'};

  private Listing() {}

  /** Answers a readdir. */
  static void answer(Request request, Node directory, long cookie, DirectoryBuffer buffer) {
    Names names = Objects.requireNonNull(directory.names);
    long stamp = names.lock.readLock();
    try {
      boolean fits =
          (cookie >= 1 || buffer.add(DOTS, 0, 1, directory.ino, Mode.DIRECTORY, 1))
              && (cookie >= 2 || buffer.add(DOTS, 0, 2, parent(names), Mode.DIRECTORY, 2));
      for (int i = names.placeAfter(cookie); fits && i < names.places(); i++) {
        Names.Child child = names.at(i);
        Node node = child.node;
        if (node != null) {
          byte[] name = child.name;
          fits = buffer.add(name, 0, name.length, node.ino, node.mode(), child.cookie);
        }
      }
      request.reply().directory(buffer);
    } finally {
      names.lock.unlockRead(stamp);
    }
  }

  /** Answers a readdirplus. */
  static void answerPlus(
      Request request, Node directory, long cookie, DirectoryBuffer buffer, MemFsOptions options) {
    Entry entry = request.entry();
    Names names = Objects.requireNonNull(directory.names);
    long stamp = names.lock.readLock();
    try {
      boolean fits =
          (cookie >= 1 || addDots(buffer, 1, entry, directory.ino))
              && (cookie >= 2 || addDots(buffer, 2, entry, parent(names)));
      int first = names.placeAfter(cookie);
      int end = first;
      while (fits && end < names.places()) {
        Names.Child child = names.at(end);
        Node node = child.node;
        if (node != null) {
          node.describe(entry, options);
          fits = buffer.addPlus(child.name, 0, child.name.length, entry, child.cookie);
        }
        end += fits ? 1 : 0;
      }
      if (request.reply().directory(buffer)) {
        countLookups(names, first, end);
      }
    } finally {
      names.lock.unlockRead(stamp);
    }
  }

  /** What the kernel took. Even if it forgets some of them first, each still has its name. */
  private static void countLookups(Names names, int first, int end) {
    for (int i = first; i < end; i++) {
      Node node = names.at(i).node;
      if (node != null) {
        node.addLookups(1);
      }
    }
  }

  /** {@code .} or {@code ..}, of which the kernel only wants number and type. */
  private static boolean addDots(DirectoryBuffer buffer, int dots, Entry entry, long ino) {
    entry.clear().ino(ino).attributes().ino(ino).mode(Mode.DIRECTORY);
    return buffer.addPlus(DOTS, 0, dots, entry, dots);
  }

  private static long parent(Names names) {
    Node parent = names.parent;
    return parent == null ? FileSystem.ROOT : parent.ino;
  }
}
