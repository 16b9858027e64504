package dev.slabmount.core.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryPoolConfigTest {
  private static final long GIB = 1L << 30;

  @TempDir Path root;

  @Test
  void shouldTakeAQuarterOfTheMemoryButNoMoreThanEightGibibytes() {
    final MemoryPoolConfig config = MemoryPoolConfig.defaults();
    final long quarter = MachineMemory.ofThisMachine().bytes() / 4;
    assertEquals(Math.max(1 << 20, Math.min(8 * GIB, quarter)), config.maxSize());
    assertEquals(1 << 20, config.blockSize());
    assertEquals(EvictionAlgorithm.ADAPTIVE_FIFO, config.eviction());
    assertEquals(config.maxSize() >> 20, config.maxBlocks());
  }

  @Test
  void shouldSayWhatIsWrongWithASetting() {
    assertRefused(MemoryPoolConfig.builder().blockSize(5000), "blockSize", "5000");
    assertRefused(MemoryPoolConfig.builder().blockSize(2048), "blockSize", "2048");
    assertRefused(MemoryPoolConfig.builder().blockSize(512 << 20), "blockSize", "536870912");
    assertRefused(MemoryPoolConfig.builder().maxSize(4096), "maxSize", "4096", "lower blockSize");
    assertRefused(MemoryPoolConfig.builder().maxSize(-1), "maxSize", "-1");
    assertRefused(MemoryPoolConfig.builder().maxSize(8L << 40), "maxSize", "4 TiB");
    assertRefused(MemoryPoolConfig.builder().roomWait(Duration.ofSeconds(-1)), "roomWait", "-1");
    assertRefused(MemoryPoolConfig.builder().closeWait(Duration.ofDays(999)), "closeWait");
  }

  private static void assertRefused(final MemoryPoolConfig.Builder builder, final String... words) {
    final IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, builder::build);
    for (final String word : words) {
      assertTrue(thrown.getMessage().contains(word), thrown.getMessage());
    }
  }

  @Test
  void shouldTakeTheMachinesMemoryWhereNoGroupLimitsIt() throws IOException {
    write("proc/meminfo", "MemTotal:       16384000 kB\nMemFree: 1 kB\n");
    assertEquals(16384000L * 1024, MachineMemory.read(root).bytes());
    write("proc/self/cgroup", "0::/user.slice\n");
    write("sys/fs/cgroup/user.slice/memory.max", "max\n");
    assertEquals(16384000L * 1024, MachineMemory.read(root).bytes());
  }

  @Test
  void shouldTakeTheSmallestLimitOfTheGroupAndItsParents() throws IOException {
    write("proc/meminfo", "MemTotal:       16384000 kB\n");
    write("proc/self/cgroup", "0::/a/b\n");
    write("sys/fs/cgroup/a/memory.max", GIB + "\n");
    write("sys/fs/cgroup/a/b/memory.max", 2 * GIB + "\n");
    assertEquals(GIB, MachineMemory.read(root).bytes());
  }

  @Test
  void shouldReadTheLimitOfACompleteContainer() throws IOException {
    write("proc/meminfo", "MemTotal:       16384000 kB\n");
    write("proc/self/cgroup", "0::/outside/of/the/container\n");
    write("sys/fs/cgroup/memory.max", GIB + "\n");
    assertEquals(GIB, MachineMemory.read(root).bytes());
    write("proc/self/cgroup", "0::/../../other\n");
    assertEquals(GIB, MachineMemory.read(root).bytes());
  }

  @Test
  void shouldReadTheLimitsOfTheFirstVersionOfControlGroups() throws IOException {
    write("proc/meminfo", "MemTotal:       16384000 kB\n");
    write("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/x\n0::/\n");
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    write("sys/fs/cgroup/memory/x/memory.limit_in_bytes", GIB + "\n");
    assertEquals(GIB, MachineMemory.read(root).bytes());
  }

  @Test
  void shouldAssumeLittleWhereNothingCanBeRead() throws IOException {
    assertEquals(MachineMemory.FALLBACK, MachineMemory.read(root).bytes());
    write("proc/meminfo", "MemTotal: much\n");
    write("proc/self/cgroup", "nonsense\n0::/../../..\n");
    assertEquals(MachineMemory.FALLBACK, MachineMemory.read(root).bytes());
  }

  private void write(final String file, final String text) throws IOException {
    final Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }
}
