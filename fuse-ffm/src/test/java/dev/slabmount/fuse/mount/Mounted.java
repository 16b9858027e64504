package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.fuse.Wait;
import dev.slabmount.fuse.session.MountTable;
import dev.slabmount.fuse.session.Unmounter;
import dev.slabmount.nativebindings.Libfuse3;
import dev.slabmount.nativebindings.LibfuseUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A {@link RecordingFs}, mounted by the test itself, and clients in other processes. Nothing is
 * cached unless a test sets timeouts, so every use of the mount is seen.
 */
@ParameterizedClass
@EnumSource(TransportKind.class)
abstract class Mounted {
  @Parameter TransportKind transport;

  /** Runs the rest of the line as somebody else, who can nevertheless reach any directory. */
  private static final String AS =
      "setpriv --reuid 1234 --regid 2345 --clear-groups --inh-caps +dac_read_search"
          + " --ambient-caps +dac_read_search ";

  @TempDir private static Path programs;
  static String client = "";

  @TempDir Path dir;
  final RecordingFs fs = new RecordingFs();
  int threads = 3;
  Path point;
  FuseMount mount;

  @BeforeAll
  static void compileClient() throws Exception {
    client = programs.resolve("client").toString();
    Shell.Result compiled =
        Shell.run("cc", "-O1", "-o", client, Path.of("src/test/c/client.c").toString());
    assertEquals(0, compiled.exit(), compiled.err());
  }

  @BeforeEach
  void makeMountPoint() throws IOException {
    point = Files.createDirectory(dir.resolve("mnt"));
  }

  @AfterEach
  void unmount() throws IOException {
    try {
      if (mount != null) {
        mount.close();
      }
    } finally {
      boolean left = MountTable.at(point).isPresent();
      if (left) {
        Unmounter.unmount(point, true);
      }
      assertTrue(!left, "a mount is left behind");
    }
    if (mount != null) {
      assertEquals(0, mount.stats().uncaught(), "operations that threw");
      assertEquals(0, mount.stats().unanswered(), "operations without an answer");
      assertEquals(0, mount.stats().repliesRefused(), "answers refused");
    }
  }

  void mount(String... options) throws IOException {
    FuseMount.Builder builder = describe(fs);
    for (String option : options) {
      builder.option(option);
    }
    mount = builder.mount();
  }

  /**
   * Whether this transport has what came with a minor release of libfuse 3 and, for the other
   * transport, with a minor release of Linux 6.
   */
  boolean has(int libfuseMinor, int linux6Minor) {
    if (transport == TransportKind.LIBFUSE) {
      return libfuseMinor <= libfuseMinor();
    }
    String[] release = System.getProperty("os.version").split("[.-]", -1);
    int major = Integer.parseInt(release[0]);
    return major > 6 || (major == 6 && Integer.parseInt(release[1]) >= linux6Minor);
  }

  /** Whether this transport and kernel have a feature. */
  boolean has(Feature feature) {
    String[] since = feature.linux().split("\\.", -1);
    String[] release = System.getProperty("os.version").split("[.-]", -1);
    int kernel = Integer.parseInt(release[0]) * 1000 + Integer.parseInt(release[1]);
    return kernel >= Integer.parseInt(since[0]) * 1000 + Integer.parseInt(since[1])
        && (transport == TransportKind.DEV || libfuseMinor() >= feature.libfuseMinor());
  }

  /** Describes a mount of another filesystem. */
  FuseMount.Builder describe(FileSystem other) {
    return FuseMount.of(other)
        .transport(transport)
        .at(point)
        .threads(threads)
        .drain(Duration.ofSeconds(3))
        .option("allow_other");
  }

  /** Mounts with a feature asked for, or switched off, by whoever mounts. */
  void mount(RecordingFs other, Feature feature, boolean on, String... options) throws IOException {
    FuseMount.Builder builder = describe(other);
    for (String option : options) {
      builder.option(option);
    }
    mount = (on ? builder.with(feature) : builder.without(feature)).mount();
  }

  private static int libfuseMinor() {
    try {
      return Libfuse3.load().version().minor();
    } catch (LibfuseUnavailableException e) {
      throw new AssertionError(e);
    }
  }

  /** Runs a script in the root of the mount, with the client as {@code $c}; returns its output. */
  String sh(String script) throws Exception {
    Shell.Result result = shell(script);
    assertEquals(0, result.exit(), () -> script + ": " + result.err() + what());
    return result.out();
  }

  Shell.Result shell(String script) throws Exception {
    return Shell.run(
        "sh",
        "-ec",
        "cd \"$1\"; c=$2; as=$3; " + script,
        "sh",
        point.toString(),
        client,
        AS.strip());
  }

  /** Runs the client on a file of the mount and returns the line it prints. */
  String client(String command, String file, String... arguments) throws Exception {
    StringBuilder script = new StringBuilder("\"$c\" " + command + " '" + file + "'");
    for (String argument : arguments) {
      script.append(" '").append(argument).append('\'');
    }
    return sh(script.toString()).strip();
  }

  List<String> seen(String prefix) {
    return fs.calls.stream().map(TreeFs.Call::what).filter(c -> c.startsWith(prefix)).toList();
  }

  /** The call that a regular expression describes, which must have been made. */
  TreeFs.Call call(String expression) {
    Pattern pattern = Pattern.compile(expression, Pattern.DOTALL);
    return fs.calls.stream()
        .filter(call -> pattern.matcher(call.what()).matches())
        .findFirst()
        .orElseThrow(() -> new AssertionError("not seen: " + expression + what()));
  }

  void awaitCall(String expression) throws Exception {
    awaitCall(fs, expression);
  }

  void awaitCall(RecordingFs of, String expression) throws Exception {
    Pattern pattern = Pattern.compile(expression, Pattern.DOTALL);
    Wait.until(
        "the call " + expression + what(),
        () -> of.calls.stream().anyMatch(call -> pattern.matcher(call.what()).matches()));
  }

  private String what() {
    return "; seen: " + seen("");
  }
}
