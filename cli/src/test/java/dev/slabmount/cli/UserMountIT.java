package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slabmount.cli.control.ProcessStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Everything as an ordinary user, who mounts through fusermount3.
 *
 * <p>Tests that run as root make such a user, in a mount namespace in which {@code /dev/fuse} is
 * open to all, the user has a name, and {@code /mnt} is empty but for a home. The capability lets
 * the user read this project wherever it lies; it is of no use for mounting or writing.
 */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(120)
class UserMountIT {
  /** Makes the namespace and becomes the user whose id is the first argument. */
  private static final String BECOME_USER =
      """
      set -e
      mount -t tmpfs none /mnt
      mkdir -m 755 /mnt/user /mnt/closed
      chown "$1" /mnt/user
      { cat /etc/passwd; echo "slabtest:x:$1:$1::/mnt/user:/bin/sh"; } >/mnt/passwd
      mount --bind /mnt/passwd /etc/passwd
      mknod -m 666 /mnt/fuse c 10 229
      mount --bind /mnt/fuse /dev/fuse
      user=$1
      shift
      exec setpriv --reuid "$user" --regid "$user" --clear-groups \
        --inh-caps +dac_read_search --ambient-caps +dac_read_search "$@"
      """;

  private static final String MAKE_TREE =
      """
      cd "$HOME"
      mkdir tree mnt
      echo hello >tree/a
      slabmount snapshot tree --store store --out tree.json >/dev/null
      """;

  @TempDir private Path temp;
  private final long self = ProcessStatus.effectiveUser();
  private long user;
  private Path home;
  private Launcher shell;

  @BeforeEach
  void becomeUser() throws IOException {
    shell =
        new Launcher(temp)
            .program(Path.of("/bin/sh"))
            .with("PATH", Launcher.DISTRIBUTION + "/bin:" + System.getenv("PATH"));
    user = self;
    home = temp;
    if (self == 0) {
      assumeTrue(Namespace.isPossible(), "needs to make a mount namespace");
      user = 1_000_000 + ProcessHandle.current().pid(); // Nobody's, and no other run's.
      home = Path.of("/mnt/user");
      shell.through(Namespace.command(BECOME_USER)).through(Long.toString(user));
    }
    shell.with("HOME", home.toString()).with("XDG_RUNTIME_DIR", home.toString());
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    shell.assertNothingLeft();
  }

  @ParameterizedTest
  @ValueSource(strings = {"libfuse", "dev"})
  void shouldDoEverythingForAnOrdinaryUser(final String transport) {
    final String script =
        MAKE_TREE
            + """
            slabmount mount tree.json mnt --store store --daemon --transport %s
            cat mnt/a
            stat -c %%u mnt/a
            slabmount list
            slabmount stats mnt
            slabmount unmount mnt
            slabmount list
            grep -c " $HOME/mnt " /proc/self/mountinfo || echo end
            """
                .formatted(transport);
    final String out = shell.run("-ec", script).assertOk().out();
    assertTrue(out.contains("\nhello\n" + user + "\nSTATE "), out);
    assertTrue(out.contains("\nanswering  "), out);
    assertTrue(out.contains("\nmount    " + home + "/mnt of " + home + "/tree.json by "), out);
    assertTrue(out.endsWith(" descriptors\n0\nend\n"), out);
  }

  @Test
  void shouldRefuseAMountpointOfSomebodyElse() {
    assumeTrue(self == 0, "needs a folder of another user's in a place of its own");
    shell
        .run("-ec", MAKE_TREE + "exec slabmount mount tree.json /mnt/closed --store store")
        .assertFailed(ExitCode.MOUNTPOINT, "cannot mount on /mnt/closed: permission denied");
  }

  @Test
  void shouldRefuseALogThatMayNotBeWritten() {
    assumeTrue(self == 0, "needs a folder of another user's in a place of its own");
    shell
        .run(
            "-ec",
            MAKE_TREE
                + "exec slabmount mount tree.json mnt --store store --daemon"
                + " --log-file /mnt/closed/log")
        .assertFailed(ExitCode.OUTPUT, "/mnt/closed/log: permission denied");
  }

  @Test
  void shouldFallBackFromASocketFolderThatMayNotBeWritten() throws IOException {
    assumeTrue(self == 0, "needs a folder of another user's in a place of its own");
    final Path fallback = Path.of("/tmp/slabmount-" + user);
    shell.with("XDG_RUNTIME_DIR", "/mnt/closed");
    final String script =
        MAKE_TREE
            + """
            slabmount mount tree.json mnt --store store --daemon --log-file log 2>warned
            slabmount stats mnt | head -n 1
            slabmount unmount mnt
            grep WARN log >warnings
            cmp warnings warned
            cat warned
            unset XDG_RUNTIME_DIR
            slabmount mount tree.json mnt --store store --daemon --log-file log2
            slabmount unmount mnt
            grep WARN log2 || echo quiet
            """;
    try {
      final String out = shell.run("-ec", script).assertOk().out();
      assertTrue(out.contains("\nmount    /mnt/user/mnt of "), out);
      assertTrue(
          out.lines()
              .anyMatch(line ->
                  line.matches(
                      ".* WARN .*/mnt/closed/slabmount cannot be made: permission denied; .*"
                          + "the socket is in "
                          + fallback)),
          out);
      assertTrue(out.endsWith("\nquiet\n"), out);
    } finally {
      Files.deleteIfExists(fallback);
    }
  }

  @Test
  void shouldServeWithoutASocketWhereAllItsFoldersArePlanted() throws IOException {
    assumeTrue(self == 0, "needs a folder of another user's in a place of its own");
    final Path planted = Path.of("/tmp/slabmount-" + user);
    final Path target = Files.createDirectory(temp.resolve("target"));
    Files.createSymbolicLink(planted, target);
    try {
      shell.with("XDG_RUNTIME_DIR", "/mnt/closed");
      final String script =
          MAKE_TREE
              + """
              slabmount mount tree.json mnt --store store --daemon --log-file log 2>warned
              cat mnt/a
              grep WARN log >warnings
              cmp warnings warned
              cat warned
              slabmount list
              slabmount stats mnt 2>&1 || echo "code $?"
              slabmount unmount mnt
              """;
      final String out = shell.run("-ec", script).assertOk().out();
      assertTrue(out.contains("\nhello\n"), out);
      assertEquals(1, out.lines().filter(line -> line.contains(" WARN ")).count(), out);
      assertTrue(out.contains("will not find this mount"), out);
      assertTrue(out.contains(planted + " is no folder; remove it"), out);
      assertTrue(out.contains("no slabmount of this user is mounted there"), out);
      assertTrue(out.contains("\ncode " + ExitCode.MOUNTPOINT.code() + "\n"), out);
      try (var files = Files.list(target)) {
        assertEquals(0, files.count());
      }
    } finally {
      Files.delete(planted);
    }
  }
}
