package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Attributes;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.fuse.session.MountTable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A request that is answered at once makes no garbage, whichever compiler has got hold of it. */
@Timeout(80)
@ParameterizedClass
@EnumSource(TransportKind.class)
class AllocationMountIT {
  @Parameter TransportKind transport;

  private static final int WARM_UP = 5_000;
  private static final int MEASURED = 20_000;

  // On a busy machine the compilers may be late: what still runs uncompiled links and boxes.
  private static final int ROUNDS = 5;
  private static final long NOISE_BYTES = 10_000; // what the JVM itself does now and then

  @TempDir Path dir;

  /** One file of 100 blocks, that nothing is remembered of. */
  private static final class StormFs implements FileSystem {
    private final long address;

    StormFs(MemorySegment block) {
      address = block.address();
    }

    private static void fill(Attributes a, long ino) {
      a.ino(ino).mode(ino == ROOT ? 0040755 : 0100644).linkCount(1).size(100 * 4096);
    }

    @Override
    public void lookup(Request request, long parent, Name name) {
      fill(request.entry().ino(2).attributes(), 2);
      request.reply().entry(request.entry());
    }

    @Override
    public void getattr(Request request, long ino, long fh) {
      fill(request.attributes(), ino);
      request.reply().attributes(request.attributes(), 0);
    }

    @Override
    public void open(Request request, long ino, int flags) {
      request.reply().opened(request.openedFile().fh(7).directIo(true));
    }

    @Override
    public void read(Request request, long ino, long fh, long offset, int length) {
      if (offset % 8192 == 0) {
        request.reply().data(address, length);
      } else {
        int half = length / 2;
        request.reply().slices(request.slices().add(address, half).add(address, length - half));
      }
    }
  }

  /** Bytes that the workers have allocated since they began. */
  private static long allocatedByWorkers() throws ReflectiveOperationException {
    Object bean =
        Class.forName("java.lang.management.ManagementFactory")
            .getMethod("getThreadMXBean")
            .invoke(null);
    Method allocated =
        Class.forName("com.sun.management.ThreadMXBean")
            .getMethod("getThreadAllocatedBytes", long.class);
    long sum = 0;
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("fuse-worker")) {
        sum += (long) allocated.invoke(bean, thread.threadId());
      }
    }
    return sum;
  }

  @Test
  void shouldMakeNoGarbageWhenItIsWarm() throws Exception {
    Path point = Files.createDirectory(dir.resolve("mnt"));
    Path client = dir.resolve("client");
    assertEquals(0, Shell.run("cc", "-O1", "-o", client.toString(), "src/test/c/client.c").exit());
    try (Arena arena = Arena.ofShared()) {
      StormFs fs = new StormFs(arena.allocate(1 << 17));
      try (FuseMount mount =
          FuseMount.of(fs)
              .transport(transport)
              .at(point)
              .threads(2)
              .drain(Duration.ofSeconds(5))
              .mount()) {
        storm(client, point, WARM_UP);
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && least > NOISE_BYTES; round++) {
          least = Math.min(least, allocatedIn(mount, client));
        }
        assertTrue(least <= NOISE_BYTES, least + " bytes for " + MEASURED + " rounds of requests");
      }
    }
    assertTrue(MountTable.at(point).isEmpty());
  }

  /** Bytes that the workers allocate while they serve what is measured. */
  private long allocatedIn(FuseMount mount, Path client) throws Exception {
    long bytesBefore = allocatedByWorkers();
    long requestsBefore = mount.stats().requests();
    storm(client, mount.mountPoint(), MEASURED);
    long requests = mount.stats().requests() - requestsBefore;
    assertTrue(requests >= 3 * MEASURED, "a lookup, a getattr and a read: " + requests);
    return allocatedByWorkers() - bytesBefore;
  }

  private static void storm(Path client, Path point, int times) throws Exception {
    String file = point.resolve("f").toString();
    Shell.Result result = Shell.run(client.toString(), "storm", file, String.valueOf(times));
    assertEquals(times + "\n", result.out(), result.err());
  }
}
