package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Feature;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

class KernelOptionsTest {

  @Command
  static final class Host {
    @Mixin KernelOptions kernel = new KernelOptions();
  }

  private static KernelOptions.Choice parse(final String... arguments) {
    final Host host = new Host();
    new CommandLine(host).parseArgs(arguments);
    return host.kernel.choice();
  }

  @Test
  void shouldLeaveEverythingToTheFileSystem() {
    assertEquals(new KernelOptions.Choice(Set.of(), Set.of(), 0), parse());
  }

  @ParameterizedTest
  @EnumSource
  void shouldKnowEveryFeatureByTheNameInTheLogAndInSmallLetters(final Feature feature) {
    final String small = feature.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    assertEquals(Set.of(feature), parse("--with", feature.name()).with());
    assertEquals(Set.of(feature), parse("--without=" + small).without());
  }

  @Test
  void shouldReadLists() {
    final KernelOptions.Choice choice =
        parse("--with=POSIX_ACL", "--without", "async-read,MAX_PAGES", "--max-background=65535");
    assertEquals(Set.of(Feature.POSIX_ACL), choice.with());
    assertEquals(Set.of(Feature.ASYNC_READ, Feature.MAX_PAGES), choice.without());
    assertEquals(65535, choice.maxBackground());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--with=",
        "--with=WARP_DRIVE",
        "--without=ASYNC_READ,",
        "--max-background=0",
        "--max-background=65536",
        "--with=ASYNC_READ --without=ASYNC_READ"
      })
  void shouldRefuseWhatMakesNoSense(final String line) {
    final String[] arguments = line.split(" ", -1);
    final String said = assertThrows(ParameterException.class, () -> parse(arguments)).getMessage();
    assertTrue(said.contains(arguments[0].replaceFirst("=.*", "")), said);
  }
}
