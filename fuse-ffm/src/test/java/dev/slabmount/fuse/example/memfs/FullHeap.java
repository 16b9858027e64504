package dev.slabmount.fuse.example.memfs;

import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.Request;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** In a JVM of its own: fills the heap and has one step done, which must leave things whole. */
final class FullHeap {
  private static final int KIB = 1 << 10;
  private static final int FULL_LIST = 1 << 14; // names: as many as the list has places
  private static final int FULL_TABLE = 3 << 12; // names: one more makes the table larger
  private static final int FULL_ATTRIBUTES = 2398; // as many as an ArrayList of 2 has places then

  private static final Object[] NOTHING = {};
  private static final byte[][] LEFT = new byte[1][];
  private static Object[] hoard = NOTHING;

  private final HeapRoom room = new HeapRoom(1 << 30);
  private final FileMemory memory = new FileMemory(1 << 30, room);
  private final Nodes nodes = new Nodes(room);
  private final Tree tree = new Tree(nodes, room, new WallClock());
  private final Node root = make(Mode.DIRECTORY);
  private final Node file = make(Mode.FILE);
  private final Names names = Objects.requireNonNull(root.names);

  private FullHeap() {}

  /** Runs in the child. */
  public static void main(String[] arguments) throws IOException {
    FullHeap heap = new FullHeap();
    switch (arguments[0]) {
      case "list" -> heap.list();
      case "remove" -> heap.remove();
      case "attribute" -> heap.attribute();
      case "memory" -> heap.memory();
      case "create" -> heap.create();
      case "rename" -> heap.rename();
      case "link" -> heap.link();
      case "forget" -> heap.forget();
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    System.out.println("as it should be");
  }

  /** Whether a step fails when the heap has so little left. */
  private static boolean fails(int leftBytes, Runnable step) {
    LEFT[0] = new byte[leftBytes];
    for (int places = 1 << 18; places > 0; places /= 2) {
      fillBy(places);
    }
    LEFT[0] = null;
    try {
      step.run();
      return false;
    } catch (OutOfMemoryError full) {
      return true;
    } finally {
      hoard = NOTHING;
    }
  }

  private static void fillBy(int places) {
    try {
      while (true) {
        Object[] more = new Object[places];
        more[0] = hoard;
        hoard = more;
      }
    } catch (OutOfMemoryError full) {
      // as it is meant to be
    }
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  private static Name name(String text) {
    return new Name().set(text.getBytes(StandardCharsets.US_ASCII));
  }

  private Node make(int mode) {
    return Objects.requireNonNull(
        nodes.make(new Node.Birth(memory, mode | 0755, 0, 0, 0, 0), null));
  }

  /** Names of the file, from one number to the one before another. */
  private void addNames(int from, int to) {
    for (int i = from; i < to; i++) {
      check(tree.add(root, name("n" + i), file) == 0, "added");
    }
  }

  private void removeNames(int from, int to) {
    for (int i = from; i < to; i++) {
      names.remove(Objects.requireNonNull(names.find(name("n" + i))));
    }
  }

  /** The list shows exactly these, each once. */
  private void checkListed(int from, int to) {
    List<String> listed = new ArrayList<>();
    for (int i = names.placeAfter(0); i < names.places(); i++) {
      if (names.at(i).node != null) {
        listed.add(new String(names.at(i).name, StandardCharsets.US_ASCII));
      }
    }
    List<String> expected = new ArrayList<>();
    for (int i = from; i < to; i++) {
      expected.add("n" + i);
    }
    check(listed.equals(expected), "listed " + listed.size() + " of " + expected.size());
  }

  private void list() {
    addNames(0, FULL_LIST);
    int removed = 9000; // more than half, fewer than three quarters
    removeNames(0, removed);
    Name next = name("n" + FULL_LIST);
    check(fails(16 * KIB, () -> tree.add(root, next, file)), "there was room for another list");
    checkListed(removed, FULL_LIST);
    addNames(FULL_LIST, FULL_LIST + 1);
    checkListed(removed, FULL_LIST + 1);
    check(names.places() == FULL_LIST + 1 - removed, "it is compact now");
  }

  private void remove() {
    addNames(0, FULL_LIST);
    int removed = FULL_LIST - FULL_LIST / 4;
    removeNames(0, removed);
    Names.Child child = Objects.requireNonNull(names.find(name("n" + removed)));
    check(!fails(16 * KIB, () -> names.remove(child)), "to remove takes no memory");
    check(names.places() == FULL_LIST, "there was room for another list");
    checkListed(removed + 1, FULL_LIST);
  }

  private void attribute() {
    ExtendedAttributes attributes = new ExtendedAttributes(room);
    for (int i = 0; i < FULL_ATTRIBUTES; i++) {
      check(attributes.set(name("a" + i), new byte[0], 0) == 0, "set");
    }
    long free = room.freeBytes();
    Name next = name("next");
    byte[] value = {1};
    // Enough for one of the two lists to grow.
    check(fails(17 * KIB, () -> attributes.set(next, value, 0)), "there was room for both");
    check(room.freeBytes() == free, "took room");
    check(attributes.get(next) == null, "is there");
    check(
        attributes.set(next, value, 0) == 0 && Arrays.equals(value, attributes.get(next)),
        "not there");
    attributes.clear();
    check(room.freeBytes() > free, "all of them are gone");
  }

  private void memory() throws IOException {
    FileMemory other = new FileMemory(1 << 30, room);
    other.givePage(other.takePage()); // so that all of the way was gone once
    long free = memory.freeBytes();
    long mapped = mappedKib();
    int times = 50;
    int[] failed = {0};
    Runnable take =
        () -> {
          for (int i = 0; i < times; i++) {
            try {
              memory.takePage();
            } catch (OutOfMemoryError full) {
              failed[0]++;
            }
          }
        };
    check(!fails(0, take) && failed[0] == times, failed[0] + " failed");
    check(memory.freeBytes() == free, "took memory");
    long more = mappedKib() - mapped;
    check(more < times * 4L * KIB / 2, "keeps " + more + " KiB that it has mapped");
    check(memory.takePage() != Pieces.NONE, "there is memory");
  }

  private static long mappedKib() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmSize:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new AssertionError("no VmSize");
  }

  private void create() {
    Births births = new Births(memory, nodes, tree, new WallClock());
    Request request =
        (Request)
            Proxy.newProxyInstance(
                FullHeap.class.getClassLoader(),
                new Class<?>[] {Request.class},
                (proxy, method, arguments) -> 0);
    births.named(request, root, name("first"), Mode.FILE, 0, null);
    addNames(1, FULL_TABLE);
    long free = room.freeBytes();
    long next = file.ino + 2;
    Name one = name("one more");
    check(fails(16 * KIB, () -> births.named(request, root, one, Mode.FILE, 0, null)), "fits");
    check(room.freeBytes() == free, "took room");
    check(nodes.get(next) == null, "nobody leads to it, and it is there");
    Node made = births.named(request, root, one, Mode.FILE, 0, null);
    check(made != null && made.ino == next && names.get(one) == made, "made");
  }

  private void rename() {
    Node from = make(Mode.DIRECTORY);
    Name one = name("one more");
    check(tree.add(from, one, file) == 0, "added");
    addNames(0, FULL_TABLE);
    long free = room.freeBytes();
    check(fails(16 * KIB, () -> tree.rename(from, one, root, one, 0)), "there was room");
    check(room.freeBytes() == free, "took room");
    check(names.get(one) == null && from.names.get(one) == file, "moved");
    check(tree.rename(from, one, root, one, 0) == 0, "renamed");
    check(names.get(one) == file && from.names.isEmpty(), "not moved");
    check(room.freeBytes() == free, "one name for another");
  }

  private void link() {
    addNames(0, FULL_TABLE);
    int links = file.links;
    long free = room.freeBytes();
    Name one = name("one more");
    check(fails(16 * KIB, () -> tree.link(file, root, one)), "there was room");
    check(file.links == links && room.freeBytes() == free, "counted");
    check(tree.link(file, root, one) == 0 && file.links == links + 1, "not counted");
  }

  private void lose(Node node) {
    node.linked(0, -node.links);
    nodes.removeIfUnused(node);
  }

  private void forget() {
    List<Node> made = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      made.add(make(Mode.FILE));
    }
    lose(made.removeLast()); // so that all of the way was gone once
    Runnable forget =
        () -> {
          for (int i = 0; i < made.size(); i++) {
            lose(made.get(i));
          }
        };
    check(!fails(16 * KIB, forget), "to forget takes no memory");
    Set<Long> numbers = new HashSet<>();
    for (Node node : made) {
      numbers.add(node.ino);
      check(nodes.get(node.ino) == null, "forgotten");
    }
    for (int i = 0; i < made.size(); i++) {
      check(numbers.remove(make(Mode.FILE).ino), "a number was lost");
    }
  }
}
