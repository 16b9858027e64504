package dev.slabmount.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Connection;
import dev.slabmount.fuse.Feature;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the kernel, which offers everything, is asked for, and why not for the rest. */
class KernelAgreementTest {
  private static final Set<KernelCache> ALL = EnumSet.allOf(KernelCache.class);

  private final Map<Feature, String> whyNot = new EnumMap<>(Feature.class);

  private final Connection connection =
      (Connection)
          Proxy.newProxyInstance(
              Connection.class.getClassLoader(),
              new Class<?>[] {Connection.class},
              (proxy, method, arguments) -> {
                if (method.getName().equals("disable")) {
                  whyNot.put((Feature) arguments[0], (String) arguments[1]);
                }
                return method.getReturnType() == boolean.class ? true : null;
              });

  private KernelAgreement negotiate(final Set<KernelCache> wanted, final boolean needsOpens) {
    final KernelAgreement agreement = new KernelAgreement(wanted);
    agreement.negotiate(connection, needsOpens);
    return agreement;
  }

  private String declined() {
    return whyNot.entrySet().stream().map(Object::toString).collect(Collectors.joining(", "));
  }

  @Test
  void shouldDoWithoutLittleByDefault() {
    final KernelAgreement agreement = negotiate(ALL, false);
    assertFalse(agreement.announcesFiles());
    assertFalse(agreement.announcesDirectories());
    assertEquals(
        EnumSet.of(Feature.AUTO_INVAL_DATA, Feature.ASYNC_DIO), whyNot.keySet(), declined());
    assertEquals("a killed direct reader would wait for its answer", whyNot.get(Feature.ASYNC_DIO));
  }

  @Test
  void shouldSayThatPrefetchingSeesOpens() {
    final KernelAgreement agreement = negotiate(ALL, true);
    assertTrue(agreement.announcesFiles());
    assertFalse(agreement.announcesDirectories());
    assertEquals(
        "prefetching has to see files opened", whyNot.get(Feature.NO_OPEN_SUPPORT), declined());
  }

  @Test
  void shouldSayWhichCacheIsMissing() {
    final KernelAgreement agreement =
        negotiate(Set.of(KernelCache.LISTINGS, KernelCache.PAGES), false);
    assertTrue(agreement.announcesFiles());
    assertTrue(agreement.announcesDirectories());
    for (final Feature feature :
        Arrays.asList(Feature.NO_OPEN_SUPPORT, Feature.NO_OPENDIR_SUPPORT)) {
      assertEquals("without kernel cache of opens", whyNot.get(feature), declined());
    }
    for (final Feature feature : Arrays.asList(Feature.READDIRPLUS, Feature.READDIRPLUS_AUTO)) {
      assertEquals("without kernel cache of listed-attributes", whyNot.get(feature), declined());
    }
    assertEquals("without kernel cache of links", whyNot.get(Feature.CACHE_SYMLINKS), declined());
    negotiate(Set.of(), false);
    assertEquals(
        "without kernel cache of opens and pages", whyNot.get(Feature.NO_OPEN_SUPPORT), declined());
  }
}
