package dev.slabmount.fuse.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slabmount.fuse.mount.Shell;
import dev.slabmount.fuse.posix.FaultyMemFs.Mistake;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Both suites find a mistake that is there. */
@Timeout(60)
class SeededMistakesIT {
  private static final int STEPS = 250;

  private static MemServer server;

  @BeforeAll
  static void serve() throws Exception {
    String caching = "size=64M,attr_timeout=0,entry_timeout=0,no_keep_cache";
    server = MemServer.start(FaultyMemFs.class, "dev", caching);
  }

  @AfterAll
  static void end() {
    if (server != null) {
      server.close();
    }
  }

  /** A new directory in which everything goes wrong in one way. */
  private static String directory(Mistake mistake) throws Exception {
    String root = server.point().toString();
    assertEquals(0, Posix.setxattr(root, FaultyMemFs.SWITCH, mistake.name(), 0));
    String dir = Files.createTempDirectory(server.point(), "test").toString();
    assertEquals(0, Posix.chmod(dir, 0755));
    return dir;
  }

  /** Runs the test of the contract that looks at what a mistake breaks. */
  @SuppressWarnings("JUnitMethodInvoked") // to see them fail is what this is about
  private static void runContract(Mistake mistake, String dir) throws Throwable {
    FilesContractIT files = in(dir, new FilesContractIT());
    switch (mistake) {
      case LOST_BYTE -> onFile(files, () -> files.shouldReadBackWhatWasWritten(4097));
      case FORGOTTEN_TRUNCATE ->
          onFile(files, () -> files.shouldShowZerosWhereAFileWasCutAndGrewAgain(100));
      case FORGOTTEN_HOLE -> onFile(files, () -> files.shouldPunchHoles(5000));
      case SHIFTED_COPY -> onFile(files, files::shouldCopyWithinASmallFileThatGrows);
      case REPLACING_RENAME -> in(dir, new NamesContractIT()).shouldExchangeTwoNames();
      case SKIPPED_NAME -> in(dir, new ListingContractIT()).shouldGoOnWhereAListingWas();
      case FORGOTTEN_TIME -> in(dir, new AttributesContractIT()).shouldKeepTimesToTheNanosecond();
      case OVERWRITTEN_ATTRIBUTE ->
          in(dir, new ExtendedAttributesContractIT()).shouldMakeOrReplaceAsTold();
      case KEPT_RIGHTS ->
          in(dir, new AttributesContractIT())
              .shouldTakeSetUserIdFromAFileThatSomebodyElseWritesTo();
      case NONE -> throw new IllegalArgumentException("breaks nothing");
    }
  }

  private static <T extends OnAnyDirectory> T in(String dir, T test) {
    test.place = Place.DEV_UNCACHED;
    test.dir = dir;
    return test;
  }

  private static void onFile(FilesContractIT files, Executable test) throws Throwable {
    files.makeFile();
    try {
      test.execute();
    } finally {
      files.closeFile();
    }
  }

  @ParameterizedTest
  @EnumSource(names = "NONE", mode = Mode.EXCLUDE)
  void shouldBeFoundByTheContract(Mistake mistake) throws Throwable {
    runContract(mistake, directory(Mistake.NONE));
    String broken = directory(mistake);
    assertThrows(AssertionError.class, () -> runContract(mistake, broken));
  }

  @ParameterizedTest
  @EnumSource(names = {"NONE", "LOST_BYTE", "FORGOTTEN_TRUNCATE", "FORGOTTEN_HOLE", "SHIFTED_COPY"})
  void shouldBeFoundByDataIntegrity(Mistake mistake) throws Exception {
    long seed = System.nanoTime() & 0xFFFFFF;
    System.out.println("seeded mistake " + mistake + ": seed " + seed);
    String dir = directory(mistake);
    Hammer.prepare(dir);
    // In a process of its own, with which everything goes that is open when it fails.
    Process hammer = DataIntegrityIT.start(dir, 0, seed, STEPS);
    String said = new String(hammer.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(mistake == Mistake.NONE, said.equals("done\n"), said);
    assertEquals(mistake != Mistake.NONE, said.contains("AssertionError: "), said);
    assertEquals(0, Shell.run("rm", "-rf", dir).exit());
  }
}
