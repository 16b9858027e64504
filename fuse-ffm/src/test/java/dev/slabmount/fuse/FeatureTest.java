package dev.slabmount.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.nativebindings.kernel.KernelH;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The numbers of features, against the headers as far as these know them. */
class FeatureTest {
  private static final int OLDEST_MINOR = 10;

  @ParameterizedTest
  @EnumSource(value = Feature.class, mode = EnumSource.Mode.EXCLUDE, names = "DIRECT_IO_ALLOW_MMAP")
  void shouldHaveTheNumberOfTheKernelsHeader(Feature feature) throws Exception {
    String name = feature == Feature.READDIRPLUS ? "DO_READDIRPLUS" : feature.name();
    Method constant = KernelH.class.getMethod("FUSE_" + name);
    assertEquals(((Number) constant.invoke(null)).longValue(), feature.protocolBit());
  }

  /** libfuse's header lacks what is younger than it; its numbers for the rest never change. */
  @Test
  void shouldHaveTheNumberOfLibfusesHeader() throws Exception {
    Path header = Path.of("/usr/include/fuse3/fuse_common.h");
    Matcher defined =
        Pattern.compile("#define FUSE_CAP_(\\w+)\\s+\\(1(?:UL)? << (\\d+)\\)")
            .matcher(Files.readString(header));
    Map<String, Integer> bits = new HashMap<>();
    while (defined.find()) {
      bits.put(defined.group(1), 1 << Integer.parseInt(defined.group(2)));
    }
    for (Feature feature : Feature.values()) {
      if (feature.libfuseBit() == 0) {
        assertFalse(bits.containsKey(feature.name()), feature.name());
      } else if (feature.libfuseMinor() <= OLDEST_MINOR || bits.containsKey(feature.name())) {
        assertEquals(bits.get(feature.name()), feature.libfuseBit(), feature.name());
      }
    }
  }

  @Test
  void shouldShareNoNumber() {
    Set<Long> protocol = new HashSet<>();
    Set<Integer> libfuse = new HashSet<>();
    for (Feature feature : Feature.values()) {
      assertTrue(protocol.add(feature.protocolBit()), feature.name());
      assertTrue(feature.libfuseBit() == 0 || libfuse.add(feature.libfuseBit()), feature.name());
    }
  }
}
