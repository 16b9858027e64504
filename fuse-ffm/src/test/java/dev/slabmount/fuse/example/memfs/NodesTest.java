package dev.slabmount.fuse.example.memfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.Name;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NodesTest {
  private static final long BYTES = 10L << 20;
  private static final int THREADS = 4;

  private final HeapRoom room = new HeapRoom(BYTES);
  private final FileMemory memory = new FileMemory(1 << 20, room);
  private final Nodes nodes = new Nodes(room);
  private final Node root = make(Mode.DIRECTORY | 0755);

  @AfterEach
  void close() {
    memory.close();
  }

  private Node make(int mode) {
    return nodes.make(new Node.Birth(memory, mode, 1, 2, 0, 3), null);
  }

  /** It has no names any more. */
  private void lose(Node node) {
    node.linked(0, -node.links);
    nodes.removeIfUnused(node);
  }

  @Test
  void shouldBeginWithTheRootWhichStays() {
    assertEquals(FileSystem.ROOT, root.ino);
    lose(root);
    assertSame(root, nodes.get(FileSystem.ROOT));
    assertNull(nodes.get(0));
    assertNull(nodes.get(2));
    assertNull(nodes.get(-1));
    assertNull(nodes.get(Long.MAX_VALUE));
    assertNull(nodes.get(1L + (1L << 32)));
  }

  @Test
  void shouldKeepANodeWhileItHasNamesOrLookups() {
    Node node = make(Mode.FILE);
    node.addLookups(3);
    lose(node);
    assertSame(node, nodes.get(node.ino));
    nodes.forget(node, 2);
    assertSame(node, nodes.get(node.ino));
    nodes.forget(node, 1);
    assertNull(nodes.get(node.ino));

    Node named = make(Mode.FILE);
    named.addLookups(1);
    nodes.forget(named, 1);
    assertSame(named, nodes.get(named.ino), "it has a name");
    lose(named);
    assertNull(nodes.get(named.ino));
  }

  @Test
  void shouldGiveANumberAgainWithAnotherGeneration() {
    Node first = make(Mode.FILE);
    lose(first);
    Node second = make(Mode.FILE);
    assertEquals(first.ino, second.ino);
    assertNotEquals(first.generation, second.generation);
    nodes.removeIfUnused(first); // once more, of one that is gone
    lose(first);
    assertSame(second, nodes.get(second.ino));
  }

  @Test
  void shouldMakeNoMoreThanThereIsRoomFor() {
    List<Node> made = new ArrayList<>();
    for (Node node = make(Mode.FILE); node != null; node = make(Mode.FILE)) {
      made.add(node);
    }
    assertTrue(made.size() > 10_000, made.size() + " nodes");
    assertNull(make(Mode.DIRECTORY));
    lose(made.removeLast());
    Node again = make(Mode.FILE);
    assertNotNull(again);
    made.add(again);
    assertNull(make(Mode.FILE));
    for (Node each : made) {
      assertSame(each, nodes.get(each.ino));
    }
    made.forEach(this::lose);
    assertEquals(BYTES - root.heapBytes(), room.freeBytes());
  }

  @Test
  void shouldGiveBackWhatANodeHolds() {
    Node node = make(Mode.FILE);
    node.extended = new ExtendedAttributes(room);
    node.extended.set(new Name().set(new byte[] {'x'}), new byte[1000], 0);
    assertTrue(node.content.allocate(0, 1 << 18));
    lose(node);
    assertTrue(node.gone);
    assertEquals(BYTES - root.heapBytes(), room.freeBytes());
    assertEquals(memory.limitBytes(), memory.freeBytes());
  }

  @Test
  void shouldNeverGiveANumberToTwoNodesAtOnce() throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> working = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int seed = i;
        working.add(
            pool.submit(() -> {
              makeAndLose(seed);
              return null;
            }));
      }
      for (Future<?> each : working) {
        each.get();
      }
    }
    assertEquals(BYTES - root.heapBytes(), room.freeBytes());
    assertTrue(make(Mode.FILE).ino <= 1 + THREADS * 50, "numbers are used again");
  }

  private void makeAndLose(int seed) {
    Random random = new Random(seed);
    Map<Long, Node> own = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      if (own.size() < 50 && random.nextBoolean()) {
        Node node = make(Mode.FILE);
        assertNull(own.put(node.ino, node));
        assertSame(node, nodes.get(node.ino));
      } else if (!own.isEmpty()) {
        Node node = own.remove(own.keySet().iterator().next());
        assertSame(node, nodes.get(node.ino));
        lose(node);
        assertTrue(nodes.get(node.ino) != node);
      }
    }
    own.values().forEach(this::lose);
  }
}
