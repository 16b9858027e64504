package dev.slabmount.fuse.example.memfs;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Name;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Everything that changes names. Each method returns 0 or an {@link Errno}.
 *
 * <p><b>Locks</b>, in this order: {@link #moves}, the names of directories, one node. Whoever holds
 * the names of more than one directory, or changes which directory lies in which, holds {@code
 * moves}; so it does not matter in which order those are locked.
 *
 * <p>Thread-safe.
 */
final class Tree {
  private static final int NO_REPLACE = 1; // RENAME_NOREPLACE, linux/fs.h
  private static final int EXCHANGE = 2;

  private final Object moves = new Object();
  private final Nodes nodes;
  private final HeapRoom room;
  private final WallClock clock;

  /** Creates an empty tree, whose names take their room from {@code room}. */
  Tree(Nodes nodes, HeapRoom room, WallClock clock) {
    this.nodes = nodes;
    this.room = room;
    this.clock = clock;
  }

  /** Gives a node, whose link is counted already, a name. */
  int add(Node parent, Name name, Node node) {
    Names names = parent.names;
    if (names == null) {
      return Errno.ENOTDIR;
    }
    long stamp = names.lock.writeLock();
    try {
      if (names.removed) {
        return Errno.ENOENT;
      }
      if (names.find(name) != null) {
        return Errno.EEXIST;
      }
      Names.Child child = names.prepare(name, node);
      if (!room.take(HeapRoom.name(name.length()))) {
        return Errno.ENOSPC;
      }
      names.add(child);
      if (node.names != null) {
        node.names.parent = parent;
      }
      parent.renamed(clock.now(), node.isDirectory() ? 1 : 0);
      return 0;
    } finally {
      names.lock.unlockWrite(stamp);
    }
  }

  /** Removes the name of what is no directory. */
  int unlink(Node parent, Name name) {
    Names names = parent.names;
    if (names == null) {
      return Errno.ENOTDIR;
    }
    Node node;
    long stamp = names.lock.writeLock();
    try {
      Names.Child child = names.find(name);
      if (child == null || child.node == null) {
        return Errno.ENOENT;
      }
      node = child.node;
      if (node.isDirectory()) {
        return Errno.EISDIR;
      }
      remove(names, child);
      long now = clock.now();
      node.linked(now, -1);
      parent.renamed(now, 0);
    } finally {
      names.lock.unlockWrite(stamp);
    }
    nodes.removeIfUnused(node);
    return 0;
  }

  /** Removes an empty directory. */
  int rmdir(Node parent, Name name) {
    Names names = parent.names;
    if (names == null) {
      return Errno.ENOTDIR;
    }
    Node node;
    synchronized (moves) {
      long stamp = names.lock.writeLock();
      try {
        Names.Child child = names.find(name);
        if (child == null || child.node == null) {
          return Errno.ENOENT;
        }
        node = child.node;
        int refused = retire(node);
        if (refused != 0) {
          return refused;
        }
        remove(names, child);
        parent.renamed(clock.now(), -1);
      } finally {
        names.lock.unlockWrite(stamp);
      }
    }
    nodes.removeIfUnused(node);
    return 0;
  }

  private void remove(Names names, Names.Child child) {
    names.remove(child);
    room.give(HeapRoom.name(child.name.length));
  }

  /** An empty directory loses its name: nothing can be made in it from now on. */
  private int retire(Node node) {
    Names names = node.names;
    if (names == null) {
      return Errno.ENOTDIR;
    }
    long stamp = names.lock.writeLock();
    try {
      if (!names.isEmpty()) {
        return Errno.ENOTEMPTY;
      }
      names.removed = true;
      node.linked(clock.now(), -2);
      return 0;
    } finally {
      names.lock.unlockWrite(stamp);
    }
  }

  /** Gives a node one more name. */
  int link(Node node, Node parent, Name name) {
    if (node.isDirectory()) {
      return Errno.EPERM;
    }
    boolean linked = false;
    node.addLinks(1); // before the name is there, so that nobody removes the node
    try {
      int refused = add(parent, name, node);
      linked = refused == 0;
      return refused;
    } finally {
      if (linked) {
        node.linked(clock.now(), 0);
      } else {
        node.addLinks(-1);
        nodes.removeIfUnused(node);
      }
    }
  }

  /** Renames; {@code flags} as {@code renameat2(2)} has them. */
  int rename(Node parent, Name name, Node newParent, Name newName, int flags) {
    Names from = parent.names;
    Names to = newParent.names;
    if (from == null || to == null) {
      return Errno.ENOTDIR;
    }
    if (flags != 0 && flags != NO_REPLACE && flags != EXCHANGE) {
      return Errno.EINVAL;
    }
    Node replaced = null;
    synchronized (moves) {
      long fromStamp = from.lock.writeLock();
      long toStamp = from == to ? 0 : to.lock.writeLock();
      try {
        Names.Child source = from.find(name);
        Names.Child target = to.find(newName);
        if (source == null || source.node == null) {
          return Errno.ENOENT;
        }
        if (to.removed || (flags == EXCHANGE && target == null)) {
          return Errno.ENOENT;
        }
        if (flags == NO_REPLACE && target != null) {
          return Errno.EEXIST;
        }
        if (target != null && target.node == source.node) {
          return 0; // two names of one node: both stay
        }
        Move move = new Move(parent, source, newParent, target);
        int refused = flags == EXCHANGE ? exchange(move) : move(move, newName);
        if (refused != 0) {
          return refused;
        }
        replaced = move.replaced;
      } finally {
        if (from != to) {
          to.lock.unlockWrite(toStamp);
        }
        from.lock.unlockWrite(fromStamp);
      }
    }
    if (replaced != null) {
      nodes.removeIfUnused(replaced);
    }
    return 0;
  }

  /** What a rename is about. */
  private static final class Move {
    final Node parent;
    final Names.Child source;
    final Node newParent;
    final Names.@Nullable Child target;
    final Node node;
    final @Nullable Node replaced;

    Move(Node parent, Names.Child source, Node newParent, Names.@Nullable Child target) {
      this.parent = parent;
      this.source = source;
      this.newParent = newParent;
      this.target = target;
      node = Objects.requireNonNull(source.node);
      replaced = target == null ? null : target.node;
    }
  }

  private int move(Move m, Name newName) {
    if (isWithin(m.newParent, m.node)) {
      return Errno.EINVAL;
    }
    Names from = Objects.requireNonNull(m.parent.names);
    Names to = Objects.requireNonNull(m.newParent.names);
    long now = clock.now();
    if (m.target == null || m.replaced == null) {
      if (!(from == to ? rename(from, m.source, newName) : move(m, to, newName))) {
        return Errno.ENOSPC;
      }
    } else {
      int refused = replace(m, now);
      if (refused != 0) {
        return refused;
      }
      m.target.node = m.node;
      remove(from, m.source);
    }
    boolean replacesDirectory = m.replaced != null && m.replaced.isDirectory();
    movedTo(m.node, m.parent, m.newParent, now);
    m.parent.renamed(now, 0);
    m.newParent.renamed(now, replacesDirectory ? -1 : 0);
    return 0;
  }

  /** A child gets another name in its directory; false if there is no room. */
  private boolean rename(Names names, Names.Child child, Name newName) {
    byte[] bytes = newName.toByteArray(); // first: nothing may fail once room is taken
    boolean fits = room.take(HeapRoom.name(bytes.length));
    if (fits) {
      room.give(HeapRoom.name(child.name.length));
      names.rename(child, bytes);
    }
    return fits;
  }

  /** As {@link #rename(Names, Names.Child, Name)}, into another directory. */
  private boolean move(Move m, Names to, Name newName) {
    Names.Child child = to.prepare(newName, m.node);
    boolean fits = room.take(HeapRoom.name(newName.length()));
    if (fits) {
      to.add(child);
      remove(Objects.requireNonNull(m.parent.names), m.source);
    }
    return fits;
  }

  /** What has the new name loses it. */
  private int replace(Move m, long now) {
    Node replaced = Objects.requireNonNull(m.replaced);
    if (!m.node.isDirectory()) {
      if (replaced.isDirectory()) {
        return Errno.EISDIR;
      }
      replaced.linked(now, -1);
      return 0;
    }
    // A directory that holds the source is not empty, and its names are locked already.
    return replaced == m.parent ? Errno.ENOTEMPTY : retire(replaced);
  }

  private int exchange(Move m) {
    Node other = Objects.requireNonNull(m.replaced);
    if (isWithin(m.newParent, m.node) || isWithin(m.parent, other)) {
      return Errno.EINVAL;
    }
    long now = clock.now();
    m.source.node = other;
    Objects.requireNonNull(m.target).node = m.node;
    movedTo(m.node, m.parent, m.newParent, now);
    movedTo(other, m.newParent, m.parent, now);
    m.parent.renamed(now, 0);
    m.newParent.renamed(now, 0);
    return 0;
  }

  /** A node lies in another directory now, which may be the same. */
  private static void movedTo(Node node, Node parent, Node newParent, long now) {
    node.linked(now, 0);
    if (node.names != null && parent != newParent) {
      node.names.parent = newParent;
      parent.renamed(now, -1);
      newParent.renamed(now, 1);
    }
  }

  /** Whether a directory is {@code top} or lies somewhere in it. */
  private static boolean isWithin(Node directory, Node top) {
    if (!top.isDirectory()) {
      return false;
    }
    Node at = directory;
    while (true) {
      if (at == top) {
        return true;
      }
      Node above = at.names == null ? null : at.names.parent;
      if (above == null || above == at) {
        return false;
      }
      at = above;
    }
  }
}
