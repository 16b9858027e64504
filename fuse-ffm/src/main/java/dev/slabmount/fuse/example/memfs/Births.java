package dev.slabmount.fuse.example.memfs;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.Request;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Makes nodes for whoever asks: theirs is the owner, and the group unless the directory passes its
 * own on. Each comes with a lookup count, which the answer gives to the kernel. Thread-safe.
 */
final class Births {
  private final FileMemory memory;
  private final Nodes nodes;
  private final Tree tree;
  private final WallClock clock;

  Births(FileMemory memory, Nodes nodes, Tree tree, WallClock clock) {
    this.memory = memory;
    this.nodes = nodes;
    this.tree = tree;
    this.clock = clock;
  }

  /** Makes a node with a name; null if an error was answered instead. */
  @Nullable Node named(
      Request request, Node directory, Name name, int mode, int device, byte @Nullable [] target) {
    Node node = make(request, directory, mode, device, target);
    int refused = node == null ? Errno.ENOSPC : add(directory, name, node);
    if (refused == 0) {
      return node;
    }
    request.reply().error(refused);
    return null;
  }

  /** Gives a new node its name; if that fails in any way, the node is gone. */
  private int add(Node directory, Name name, Node node) {
    boolean named = false;
    try {
      int refused = tree.add(directory, name, node);
      named = refused == 0;
      return refused;
    } finally {
      if (!named) {
        node.addLinks(-node.links);
        nodes.forget(node, 1);
      }
    }
  }

  /** Makes a file that has no name yet; null if an error was answered instead. */
  @Nullable Node nameless(Request request, Node directory, int mode) {
    if (isGone(directory)) {
      request.reply().error(Errno.ENOENT);
      return null;
    }
    Node node = make(request, directory, mode, 0, null);
    if (node == null) {
      request.reply().error(Errno.ENOSPC);
    } else {
      node.linked(clock.now(), -1);
    }
    return node;
  }

  private static boolean isGone(Node directory) {
    Names names = Objects.requireNonNull(directory.names);
    long stamp = names.lock.readLock();
    try {
      return names.removed;
    } finally {
      names.lock.unlockRead(stamp);
    }
  }

  /** A node that has its links already, though nothing leads to it; null if there is no room. */
  private @Nullable Node make(
      Request request, Node directory, int mode, int device, byte @Nullable [] target) {
    boolean inherits = (directory.mode() & Mode.SET_GROUP_ID) != 0;
    boolean passesOn = inherits && (mode & Mode.TYPE) == Mode.DIRECTORY;
    Node node =
        nodes.make(
            new Node.Birth(
                memory,
                passesOn ? mode | Mode.SET_GROUP_ID : mode,
                request.uid(),
                inherits ? directory.gid() : request.gid(),
                device,
                clock.now()),
            target);
    if (node != null) {
      node.addLookups(1);
    }
    return node;
  }
}
