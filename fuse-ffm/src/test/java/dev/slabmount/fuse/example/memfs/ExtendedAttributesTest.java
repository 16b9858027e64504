package dev.slabmount.fuse.example.memfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Name;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExtendedAttributesTest {
  private final HeapRoom room = new HeapRoom(1 << 20);
  private final ExtendedAttributes attributes = new ExtendedAttributes(room);

  private static Name name(String text) {
    return new Name().set(text.getBytes(StandardCharsets.US_ASCII));
  }

  private String list(String without) {
    byte[] prefix = without.isEmpty() ? null : without.getBytes(StandardCharsets.US_ASCII);
    return new String(attributes.list(prefix), StandardCharsets.US_ASCII).replace('\0', '|');
  }

  @Test
  void shouldMakeOrReplaceAsTold() {
    byte[] one = {1};
    assertEquals(Errno.ENODATA, attributes.set(name("user.a"), one, ExtendedAttributes.REPLACE));
    assertEquals(0, attributes.set(name("user.a"), one, ExtendedAttributes.CREATE));
    byte[] two = {2, 2};
    assertEquals(Errno.EEXIST, attributes.set(name("user.a"), two, ExtendedAttributes.CREATE));
    int both = ExtendedAttributes.CREATE | ExtendedAttributes.REPLACE;
    assertEquals(Errno.EEXIST, attributes.set(name("user.a"), two, both));
    assertEquals(Errno.ENODATA, attributes.set(name("user.b"), two, both));
    assertArrayEquals(one, attributes.get(name("user.a")));
    assertEquals(0, attributes.set(name("user.a"), two, ExtendedAttributes.REPLACE));
    assertArrayEquals(two, attributes.get(name("user.a")));
    assertEquals(0, attributes.remove(name("user.a")));
    assertEquals(Errno.ENODATA, attributes.remove(name("user.a")));
    assertNull(attributes.get(name("user.a")));
  }

  @Test
  void shouldListNamesButForThoseThatAreHidden() {
    attributes.set(name("user.a"), new byte[0], 0);
    attributes.set(name("trusted.b"), new byte[0], 0);
    attributes.set(name("trusted"), new byte[0], 0);
    assertEquals("user.a|trusted.b|trusted|", list(""));
    assertEquals("user.a|trusted|", list("trusted."));
  }

  @Test
  void shouldRemoveCapabilitiesOnly() {
    attributes.set(name("security.capability"), new byte[20], 0);
    attributes.set(name("security.other"), new byte[20], 0);
    attributes.removeCapabilities();
    attributes.removeCapabilities();
    assertEquals("security.other|", list(""));
  }

  @Test
  void shouldTakeNoMoreThanOneNodeMay() {
    byte[] large = new byte[1 << 16];
    int set = 0;
    while (attributes.set(name("user." + set), large, 0) == 0) {
      set++;
    }
    assertEquals(ExtendedAttributes.BYTES_MAX / (large.length + 64), set);
    assertNull(attributes.get(name("user." + set)));
    assertEquals(0, attributes.set(name("user.0"), new byte[1], 0), "smaller ones fit");
    assertEquals(0, attributes.set(name("user." + set), new byte[1000], 0));
    attributes.clear();
    assertEquals(room.limitBytes(), room.freeBytes());
    assertEquals("", list(""));
  }

  @Test
  void shouldTakeNoMoreThanThereIs() {
    HeapRoom little = new HeapRoom(1000);
    ExtendedAttributes one = new ExtendedAttributes(little);
    ExtendedAttributes other = new ExtendedAttributes(little);
    assertEquals(0, one.set(name("user.a"), new byte[800], 0));
    assertEquals(Errno.ENOSPC, other.set(name("user.a"), new byte[800], 0));
    assertEquals(Errno.ENOSPC, one.set(name("user.a"), new byte[2000], 0));
    assertEquals(800, one.get(name("user.a")).length, "the old value stays");
    one.clear();
    assertEquals(0, other.set(name("user.a"), new byte[800], 0));
  }

  @Test
  void shouldBehaveAsAMap() {
    Random random = new Random(7);
    Map<String, byte[]> model = new LinkedHashMap<>();
    for (int step = 0; step < 5000; step++) {
      String text = "user." + random.nextInt(20);
      if (random.nextInt(3) == 0) {
        assertEquals(model.remove(text) == null ? Errno.ENODATA : 0, attributes.remove(name(text)));
      } else {
        byte[] value = new byte[random.nextInt(50)];
        random.nextBytes(value);
        assertEquals(0, attributes.set(name(text), value, 0));
        model.put(text, value);
      }
      assertArrayEquals(model.get(text), attributes.get(name(text)));
    }
    assertTrue(model.keySet().stream().allMatch(text -> list("").contains(text + "|")));
    assertEquals(model.size(), list("").chars().filter(c -> c == '|').count());
    attributes.clear();
    assertEquals(room.limitBytes(), room.freeBytes());
  }
}
