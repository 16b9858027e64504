package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code slabmount doctor} on this machine, whole and with something hidden from it. */
@Timeout(120)
class DoctorIT {
  @TempDir private Path temp;

  @Test
  void shouldFindAMachineThatCanMountInOrder() {
    final Launcher.Result result = new Launcher(temp).run("doctor").assertOk();
    assertTrue(
        result.out().lines().allMatch(line -> line.matches("(ok|note) +\\S.*")), result.out());
    assertTrue(
        result.out().lines().anyMatch(line -> line.matches("ok +libfuse3 +3\\..*")), result.out());
    assertTrue( // of no release
        result
            .out()
            .lines()
            .anyMatch(line -> line.matches("note +with libfuse .*Notifier.prune.*")),
        result.out());
  }

  @Test
  void shouldPrintJson() throws IOException {
    final String out = new Launcher(temp).run("doctor", "--json").assertOk().out();
    try (JsonParser parser = new JsonFactory().createParser(out)) {
      parser.nextToken();
      assertEquals("ready", parser.nextFieldName());
      assertTrue(parser.nextBooleanValue());
      parser.nextToken();
      while (parser.nextToken() != null) {
        parser.skipChildren();
      }
    }
  }

  @Test
  void shouldMissADeviceThatIsNotThere() {
    assumeTrue(Namespace.isPossible(), "needs to make a mount namespace");
    final Launcher.Result result =
        new Launcher(temp)
            .through(
                Namespace.command(
                    "mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 && exec \"$@\""))
            .run("doctor");
    result.assertFailed(ExitCode.PREREQUISITE, "1 needed thing is missing");
    assertTrue(
        result.out().contains("missing  /dev/fuse      there is none; mend: sudo modprobe fuse"),
        result.out());
  }

  @Test
  void shouldMissALibraryThatIsNotThere() {
    final Launcher.Result result =
        new Launcher(temp).with("SLABMOUNT_LIBFUSE3", temp + "/none.so").run("doctor");
    result.assertFailed(ExitCode.PREREQUISITE, "1 needed thing is missing");
    assertTrue(
        result
            .out()
            .lines()
            .anyMatch(line -> line.matches("missing  libfuse3 .*; mend: unset SLABMOUNT_LIBFUSE3")),
        result.out());
  }
}
