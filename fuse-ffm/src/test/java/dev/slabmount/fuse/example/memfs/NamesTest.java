package dev.slabmount.fuse.example.memfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Name;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
  private final HeapRoom room = new HeapRoom(1 << 30);
  private final FileMemory memory = new FileMemory(1 << 20, room);
  private final Names names = new Names();
  private long numbers;

  @AfterEach
  void close() {
    memory.close();
  }

  private static Name name(String text) {
    return new Name().set(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private Node node() {
    return new Node(++numbers, 0, new Node.Birth(memory, Mode.FILE | 0644, 0, 0, 0, 0), null);
  }

  private void remove(String text) {
    names.remove(names.find(name(text)));
  }

  /** The names after a cookie, in their order. */
  private List<String> after(long cookie) {
    List<String> listed = new ArrayList<>();
    for (int i = names.placeAfter(cookie); i < names.places(); i++) {
      if (names.at(i).node != null) {
        listed.add(new String(names.at(i).name, StandardCharsets.ISO_8859_1));
      }
    }
    return listed;
  }

  @Test
  void shouldFindExactlyTheNamesThatThereAre() {
    Node a = node();
    names.add(names.prepare(name("a"), a));
    names.add(names.prepare(name("ab"), node()));
    assertSame(a, names.get(name("a")));
    assertNull(names.get(name("")));
    assertNull(names.get(name("b")));
    assertNull(names.get(name("abc")));
    remove("a");
    assertNull(names.get(name("a")));
    assertEquals(List.of("ab"), after(0));
    remove("ab");
    assertTrue(names.isEmpty());
  }

  @Test
  void shouldFindNamesThatHaveTheSameHash() {
    // 31 * 'A' + 'a' == 31 * 'B' + 'B': all of these meet at one place of the table.
    Map<String, Node> model = new LinkedHashMap<>();
    for (int i = 0; i < 64; i++) {
      StringBuilder text = new StringBuilder();
      for (int bit = 0; bit < 6; bit++) {
        text.append((i >> bit & 1) == 0 ? "Aa" : "BB");
      }
      Node node = node();
      names.add(names.prepare(name(text.toString()), node));
      model.put(text.toString(), node);
    }
    for (int i = 0; i < 2; i++) {
      model.forEach((text, node) -> assertSame(node, names.get(name(text)), text));
      model.keySet().removeIf(text -> text.startsWith("Aa") && removed(text));
    }
    assertEquals(32, model.size());
  }

  private boolean removed(String text) {
    remove(text);
    return true;
  }

  @Test
  void shouldGoOnBehindACookieWhateverHasComeAndGone() {
    for (int i = 0; i < 100; i++) {
      names.add(names.prepare(name("n" + i), node()));
    }
    long cookie = names.find(name("n50")).cookie;
    for (int i = 0; i < 90; i++) {
      remove("n" + i);
    }
    for (int i = 0; i < 1000; i++) {
      names.add(names.prepare(name("m" + i), node())); // which lets the list be compacted
      if (i >= 5) {
        remove("m" + i);
      }
    }
    List<String> expected = new ArrayList<>();
    for (int i = 90; i < 100; i++) {
      expected.add("n" + i);
    }
    expected.addAll(List.of("m0", "m1", "m2", "m3", "m4"));
    assertEquals(expected, after(cookie));
    assertEquals(expected, after(0));
    assertEquals(List.of(), after(Long.MAX_VALUE));
  }

  @Test
  void shouldKeepTheCookieOfANameThatChanges() {
    names.add(names.prepare(name("a"), node()));
    names.add(names.prepare(name("b"), node()));
    Names.Child child = names.find(name("a"));
    long cookie = child.cookie;
    assertTrue(cookie >= Names.FIRST_COOKIE);
    names.rename(child, name("z").toByteArray());
    assertNull(names.get(name("a")));
    assertEquals(cookie, names.find(name("z")).cookie);
    assertEquals(List.of("z", "b"), after(0));
    assertEquals(List.of("b"), after(cookie));
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 200, 5000})
  void shouldBehaveAsAMap(int different) {
    Random random = new Random(different);
    Map<String, Node> model = new HashMap<>();
    TreeMap<Long, String> byCookie = new TreeMap<>();
    Set<Long> used = new HashSet<>();
    for (int step = 0; step < 30_000; step++) {
      // Grows for some time, then shrinks.
      boolean grows = step / 5000 % 2 == 0;
      String text = "name" + random.nextInt(different);
      Names.Child child = names.find(name(text));
      assertSame(model.get(text), names.get(name(text)));
      if (child == null) {
        if (grows || random.nextInt(4) == 0) {
          Node node = node();
          names.add(names.prepare(name(text), node));
          model.put(text, node);
          long cookie = names.find(name(text)).cookie;
          assertTrue(used.add(cookie), "a cookie is used again");
          byCookie.put(cookie, text);
        }
      } else if (random.nextInt(3) == 0) {
        String other = "other" + step;
        names.rename(child, name(other).toByteArray());
        model.put(other, model.remove(text));
        byCookie.put(child.cookie, other);
      } else if (!grows) {
        byCookie.remove(child.cookie);
        names.remove(child);
        model.remove(text);
      }
      if (step % 1000 == 0) {
        long from = random.nextInt(step + 1);
        assertEquals(List.copyOf(byCookie.tailMap(from, false).values()), after(from));
      }
    }
    for (String text : List.copyOf(model.keySet())) {
      assertSame(model.remove(text), names.get(name(text)));
      remove(text);
    }
    assertTrue(names.isEmpty());
    assertEquals(List.of(), after(0));
    assertTrue(names.places() <= 64, "what is left of names that went: " + names.places());
  }
}
