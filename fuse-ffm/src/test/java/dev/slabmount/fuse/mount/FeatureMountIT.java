package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.FuseMount;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a kernel feature changes in the requests that arrive, switched on and off by the mount. */
@Timeout(60)
class FeatureMountIT extends Mounted {
  private static final long HOUR = TimeUnit.HOURS.toNanos(1);

  private void mount(Feature feature, boolean on) throws Exception {
    fs.file("f", "0123456789".getBytes(StandardCharsets.US_ASCII));
    fs.entryTimeoutNanos = HOUR;
    fs.attributesTimeoutNanos = HOUR;
    FuseMount.Builder builder =
        FuseMount.of(fs).transport(transport).at(point).threads(2).drain(Duration.ofSeconds(3));
    mount = (on ? builder.with(feature) : builder.without(feature)).mount();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers("Feature.WRITEBACK_CACHE")
  void shouldCollectSmallWritesInTheWritebackCache(boolean on) throws Exception {
    mount(Feature.WRITEBACK_CACHE, on);
    sh("dd if=/dev/zero of=new bs=1 count=200 2>/dev/null");
    int writes = seen("write ").size();
    assertTrue(on ? writes <= 10 : writes == 200, writes + " requests for 200 writes");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers("Feature.ATOMIC_O_TRUNC")
  void shouldTruncateWithTheOpen(boolean on) throws Exception {
    mount(Feature.ATOMIC_O_TRUNC, on);
    sh(": >f");
    assertEquals(on ? 0 : 1, seen("setattr 2").size());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers("Feature.CACHE_SYMLINKS")
  void shouldReadLinksOnce(boolean on) throws Exception {
    mount(Feature.CACHE_SYMLINKS, on);
    sh("ln -s f l; readlink l; readlink l; readlink l");
    assertEquals(on ? 1 : 3, seen("readlink").size());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers({"Feature.READDIRPLUS", "readdirplus", "readdir"})
  void shouldListWithAttributes(boolean on) throws Exception {
    fs.without.add(Feature.READDIRPLUS_AUTO);
    mount(Feature.READDIRPLUS, on);
    sh("ls -U");
    assertEquals(on, seen("readdir ").isEmpty());
    assertEquals(on, !seen("readdirplus ").isEmpty());
  }
}
