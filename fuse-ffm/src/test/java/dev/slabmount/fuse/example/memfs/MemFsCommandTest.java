package dev.slabmount.fuse.example.memfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the command says to arguments that it does not take, before anything is mounted. */
@Timeout(20)
class MemFsCommandTest {
  private static final int WRONG_USE = 2;

  /** What a run said and returned. */
  private record Ran(int code, String out, String err) {}

  private static Ran run(String... arguments) throws InterruptedException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        MemFsCommand.run(
            arguments,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Ran(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "                             | no mountpoint: name the directory to mount on; memfs --help lists what there is",
        "--threads 2                  | no mountpoint: name the directory to mount on; memfs --help lists what there is",
        "/a /b                        | '/b' is one argument too many: there is a mountpoint already; memfs --help lists what there is",
        "/a --frob                    | unknown option '--frob'; memfs --help lists what there is",
        "/a -osize=1G                 | unknown option '-osize=1G'; memfs --help lists what there is",
        "/a --transport               | --transport has no value: write dev or libfuse behind it; memfs --help lists what there is",
        "/a --threads                 | --threads has no value: write a number behind it; memfs --help lists what there is",
        "/a -o                        | -o has no value: write options, separated by commas behind it; memfs --help lists what there is",
        "/a --transport tcp           | --transport 'tcp' is none: there are dev and libfuse",
        "/a --threads 0               | --threads '0' is no number from 1 to 1024",
        "/a --threads 1025            | --threads '1025' is no number from 1 to 1024",
        "/a --threads many            | --threads 'many' is no number from 1 to 1024",
        "/a -o size=0                 | size=0: not a size like 512M or 4G",
        "/a -o size=                  | size=: not a size like 512M or 4G",
        "/a -o size=9999999999T       | size=9999999999T: not a size like 512M or 4G",
        "/a -o ro,attr_timeout=soon   | attr_timeout=soon: not a number of seconds from 0 to 1000000000",
        "/a -o entry_timeout=-1       | entry_timeout=-1: not a number of seconds from 0 to 1000000000",
        "/a -o negative_timeout=NaN   | negative_timeout=NaN: not a number of seconds from 0 to 1000000000",
        "/a -o without=SPEED          | without=SPEED: no kernel feature like ASYNC_READ"
      })
  void shouldSayInOneLineWhatIsWrongWithAnArgument(String words, String said) throws Exception {
    Ran ran = run(words == null ? new String[0] : words.split(" ", -1));
    assertEquals("memfs: " + said + System.lineSeparator(), ran.err);
    assertEquals("", ran.out);
    assertEquals(WRONG_USE, ran.code);
  }

  @Test
  void shouldRefuseAnEmptyMountpoint() throws Exception {
    Ran ran = run("");
    assertEquals("memfs: the mountpoint is an empty word: name a directory\n", ran.err);
    assertEquals(WRONG_USE, ran.code);
  }

  @Test
  void shouldListAllThatItTakesWhenAskedForHelp() throws Exception {
    Ran ran = run("/nonexistent", "--help");
    assertEquals("", ran.err);
    assertEquals(0, ran.code);
    for (String word :
        "MOUNTPOINT --transport --threads --debug-fuse -o size heap entry_timeout attr_timeout negative_timeout direct_io no_keep_cache cache_readdir writeback_cache no_xattr no_killpriv without"
            .split(" ", -1)) {
      assertTrue(
          Pattern.compile("(?m)(^|[ \\[])" + word + "[ =\\]]").matcher(ran.out).find(), word);
    }
  }
}
