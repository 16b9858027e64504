package dev.slabmount.fuse.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.mount.Shell;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A test that gets an empty directory somewhere; all of them go in the end. */
@ParameterizedClass
@EnumSource(Place.class)
@ExtendWith(Servers.class)
abstract class OnAnyDirectory {
  @Parameter Place place;

  /** The test's own directory. */
  String dir;

  @BeforeEach
  void makeDirectory() throws Exception {
    dir = Files.createTempDirectory(Servers.directory(place), "test").toString();
    assertEquals(0, Posix.chmod(dir, 0755));
  }

  @AfterEach
  void hearNoComplaint() {
    Servers.assertNoComplaint(place);
  }

  /** A path in the test's directory; characters are bytes. */
  String in(String name) {
    return dir + "/" + name;
  }

  Path path(String name) {
    return Path.of(dir, name);
  }

  /** Makes a file with some text. */
  String file(String name, String text) throws Exception {
    Files.writeString(path(name), text, StandardCharsets.ISO_8859_1);
    return in(name);
  }

  String text(String name) throws Exception {
    return Files.readString(path(name), StandardCharsets.ISO_8859_1);
  }

  /** Runs a script in the test's directory as somebody else; returns its exit code. */
  int asSomebody(String script) throws Exception {
    return with("dac_read_search", script);
  }

  /** As somebody else, who has one more capability and can nevertheless reach any directory. */
  int with(String capability, String script) throws Exception {
    String capabilities = "+dac_read_search,+" + capability;
    return Shell.run(
            "setpriv",
            "--reuid=1234",
            "--regid=2345",
            "--clear-groups",
            "--inh-caps=" + capabilities,
            "--ambient-caps=" + capabilities,
            "sh",
            "-c",
            "cd '" + dir + "' && " + script)
        .exit();
  }

  static void assertOk(long result) {
    assertEquals(0, result);
  }

  /** A call failed with one of {@link Errno}. */
  static void assertErrno(int errno, long result) {
    assertEquals(-errno, result);
  }
}
