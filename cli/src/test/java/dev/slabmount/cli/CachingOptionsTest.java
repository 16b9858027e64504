package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.vfs.KernelCache;
import dev.slabmount.vfs.VfsOptions;
import dev.slabmount.vfs.prefetch.PrefetchStrategy;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

class CachingOptionsTest {

  @Command
  static final class Host {
    @Mixin CachingOptions caching = new CachingOptions();
  }

  private static VfsOptions parse(final String... arguments) {
    final Host host = new Host();
    new CommandLine(host).parseArgs(arguments);
    final VfsOptions.Builder options = VfsOptions.builder();
    host.caching.applyTo(options);
    return options.build();
  }

  @Test
  void shouldLeaveTheDefaultsAlone() {
    assertEquals(VfsOptions.defaults(), parse());
  }

  @Test
  void shouldReadStrategies() {
    assertEquals(new PrefetchStrategy.None(), parse("--prefetch", "none").prefetch());
    assertEquals(new PrefetchStrategy.Eager(), parse("--prefetch=eager").prefetch());
    assertEquals(new PrefetchStrategy.OnOpen(1), parse("--prefetch=on-open").prefetch());
    assertEquals(new PrefetchStrategy.OnOpen(7), parse("--prefetch=on-open:7").prefetch());
    assertEquals(
        new PrefetchStrategy.Sequential(PrefetchStrategy.AUTOMATIC),
        parse("--prefetch=sequential").prefetch());
    assertEquals(
        new PrefetchStrategy.Sequential(4096), parse("--prefetch=sequential:4096").prefetch());
  }

  @Test
  void shouldReadBudgetAndCaches() {
    assertEquals(5 << 20, parse("--prefetch-budget", "5M").prefetchBudget());
    assertEquals(0, parse("--prefetch-budget", "0").prefetchBudget());
    assertEquals(Set.of(KernelCache.values()), parse("--kernel-cache=all").kernelCaches());
    assertEquals(Set.of(), parse("--kernel-cache=none").kernelCaches());
    assertEquals(
        Set.of(KernelCache.ABSENT_NAMES, KernelCache.PAGES),
        parse("--kernel-cache=pages,absent-names").kernelCaches());
  }

  @Test
  void shouldRefuseABudgetOfNothing() {
    final ParameterException refusal =
        assertThrows(
            ParameterException.class, () -> parse("--prefetch=none", "--prefetch-budget=1M"));
    assertTrue(refusal.getMessage().contains("'--prefetch-budget'"), refusal.getMessage());
  }

  @Test
  void shouldSayThatPrefetchingCannotWorkIfItWasAskedFor() {
    assertEquals("", uselessness(15));
    assertEquals("", uselessness(15, "--prefetch=none"));
    assertEquals("", uselessness(16, "--prefetch=eager"));
    assertEquals(
        "a pool of 15 blocks is too small, it takes 16; raise --pool-size or lower --block-size",
        uselessness(15, "--prefetch=eager"));
    assertEquals(
        "--prefetch-budget is less than a block of 1 MiB",
        uselessness(16, "--prefetch=eager", "--prefetch-budget=1023K"));
    assertEquals("", uselessness(16, "--prefetch-budget=0"));
  }

  private static String uselessness(final int blocks, final String... arguments) {
    final Host host = new Host();
    new CommandLine(host).parseArgs(arguments);
    return host.caching.uselessness(
        MemoryPoolConfig.builder().maxSize((long) blocks << 20).blockSize(1 << 20).build());
  }

  @Test
  void shouldRefuseWhatIsNoStrategyBudgetOrCache() {
    for (final String wrong :
        List.of(
            "--prefetch=some",
            "--prefetch=",
            "--prefetch=none:1",
            "--prefetch=eager:2",
            "--prefetch=on-open:0",
            "--prefetch=on-open:",
            "--prefetch=sequential:-1",
            "--prefetch=sequential:4097",
            "--prefetch=sequential:99999999999999999999",
            "--prefetch-budget=much",
            "--kernel-cache=pages,everything",
            "--kernel-cache=")) {
      final ParameterException refusal =
          assertThrows(ParameterException.class, () -> parse(wrong), wrong);
      final String option = wrong.substring(0, wrong.indexOf('='));
      assertTrue(refusal.getMessage().contains("'" + option + "'"), refusal.getMessage());
    }
  }

  @Test
  void shouldReadHowFarTheKernelReadsAhead() {
    assertEquals(1 << 20, readAhead());
    assertEquals(0, readAhead("--read-ahead=0"));
    assertEquals(256 << 10, readAhead("--read-ahead", "256K"));
    assertEquals(1 << 30, readAhead("--read-ahead=1G"));
    final ParameterException refused =
        assertThrows(ParameterException.class, () -> readAhead("--read-ahead=1025M"));
    assertTrue(refused.getMessage().contains("at most 1G, not 1"), refused.getMessage());
  }

  private static int readAhead(final String... arguments) {
    final Host host = new Host();
    new CommandLine(host).parseArgs(arguments);
    return host.caching.readAhead();
  }
}
