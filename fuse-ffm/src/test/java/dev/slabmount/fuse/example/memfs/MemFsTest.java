package dev.slabmount.fuse.example.memfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.AttributeChanges;
import dev.slabmount.fuse.Attributes;
import dev.slabmount.fuse.Entry;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.FileSystemFigures;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.OpenedFile;
import dev.slabmount.fuse.Replies;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.Slices;
import dev.slabmount.fuse.Wait;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a kernel does not let anybody see, or does not ask for. */
class MemFsTest {
  private static final int SIZE = 1 << 20;

  private final Arena arena = Arena.ofShared();
  private final MemFsOptions options = new MemFsOptions();
  private final List<String> answers = new ArrayList<>();
  private final Entry entry = new Entry();
  private final Attributes attributes = new Attributes();
  private final OpenedFile opened = new OpenedFile();
  private final FileSystemFigures figures = new FileSystemFigures();
  private final Slices slices = new Slices();
  private Runnable whileAnswering = () -> {};
  private boolean taken = true;
  private boolean kills;
  private int uid;
  private MemorySegment data = MemorySegment.NULL;
  private MemFs fs;

  private Object answer(Object proxy, Method method, Object[] arguments) {
    Object first = arguments == null || arguments.length == 0 ? "" : arguments[0];
    answers.add(
        switch (first) {
          case byte[] bytes -> new String(bytes, StandardCharsets.US_ASCII).replace('\0', '|');
          case Entry made -> method.getName() + " " + made.ino();
          case Integer number -> method.getName() + " " + number;
          default -> method.getName();
        });
    whileAnswering.run();
    return taken;
  }

  private final Replies replies =
      (Replies)
          Proxy.newProxyInstance(
              getClass().getClassLoader(), new Class<?>[] {Replies.class}, this::answer);

  private final Request request =
      (Request)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {Request.class},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "reply" -> replies;
                    case "entry" -> entry;
                    case "attributes" -> attributes;
                    case "openedFile" -> opened;
                    case "figures" -> figures;
                    case "slices" -> slices.clear();
                    case "uid", "gid" -> uid;
                    case "killsPrivileges" -> kills;
                    case "data" -> data;
                    case "dataAddress" -> data.address();
                    case "dataLength" -> (int) data.byteSize();
                    default -> throw new AssertionError(method.getName());
                  });

  private MemFs fs() {
    if (fs == null) {
      options.sizeBytes = SIZE;
      fs = new MemFs(options);
    }
    return fs;
  }

  @AfterEach
  void destroy() {
    fs().destroy();
    arena.close();
  }

  private static Name name(String text) {
    return new Name().set(text.getBytes(StandardCharsets.US_ASCII));
  }

  private String last() {
    return answers.getLast();
  }

  private long create(String name) {
    fs().create(request, FileSystem.ROOT, name(name), Mode.FILE | 0644, 0);
    assertEquals("created " + entry.ino(), last());
    return entry.ino();
  }

  private void write(long ino, long offset, int length) {
    data = arena.allocate(length).fill((byte) 'x');
    fs().write(request, ino, 0, offset, length);
    assertEquals("written " + length, last());
  }

  private Attributes attributes(long ino) {
    fs().getattr(request, ino, FileSystem.NO_HANDLE);
    assertEquals("attributes", last());
    return attributes;
  }

  private void setTimesOf1970(long ino) {
    int both = AttributeChanges.ACCESS_TIME_VALID | AttributeChanges.MODIFY_TIME_VALID;
    fs().setattr(request, ino, 0, new AttributeChanges().valid(both));
  }

  @Test
  void shouldNoteAReadBeforeItIsAnswered() {
    long ino = create("f");
    write(ino, 0, 10);
    setTimesOf1970(ino);
    List<Long> seen = new ArrayList<>();
    whileAnswering =
        () -> {
          whileAnswering = () -> {};
          seen.add(attributes(ino).accessSeconds());
        };
    fs().read(request, ino, 0, 0, 10);
    assertTrue(seen.getFirst() > 0, "whoever has the answer sees when it was read");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 999, -999})
  void shouldRefuseACopyOntoItself(long shift) {
    long ino = create("f");
    write(ino, 0, 10_000);
    fs().copyFileRange(request, ino, 0, 1000, ino, 0, 1000 + shift, 1000, 0);
    assertEquals("error " + Errno.EINVAL, last());
    fs().copyFileRange(request, ino, 0, 1000, ino, 0, 2000, 1000, 0);
    assertEquals("written 1000", last());
    fs().copyFileRange(request, ino, 0, 1000, ino, 0, 0, 1000, 0);
    assertEquals("written 1000", last());
  }

  @Test
  void shouldForgetWhatTheKernelDidNotTake() {
    taken = false;
    fs().create(request, FileSystem.ROOT, name("f"), Mode.FILE | 0644, 0);
    long ino = entry.ino();
    fs().lookup(request, FileSystem.ROOT, name("f"));
    fs().tmpfile(request, FileSystem.ROOT, Mode.FILE | 0600, 0);
    long nameless = entry.ino();
    taken = true;
    fs().getattr(request, nameless, 0);
    assertEquals("error " + Errno.ENOENT, last(), "nobody knows of it");
    fs().unlink(request, FileSystem.ROOT, name("f"));
    assertEquals("error 0", last());
    fs().getattr(request, ino, 0);
    assertEquals("error " + Errno.ENOENT, last(), "nobody knows of it any more");
  }

  @Test
  void shouldKeepAFileWithoutANameAsLongAsItIsKnown() {
    fs().tmpfile(request, FileSystem.ROOT, Mode.FILE | 0600, 0);
    long ino = entry.ino();
    write(ino, 0, 100_000);
    assertEquals(0, attributes(ino).linkCount());
    fs().forget(ino, 1);
    fs().getattr(request, ino, 0);
    assertEquals("error " + Errno.ENOENT, last());
    fs().statfs(request, FileSystem.ROOT);
    assertEquals(SIZE / 4096, figures.blocksFree());
  }

  @Test
  void shouldMakeNothingInADirectoryThatIsGone() {
    fs().mkdir(request, FileSystem.ROOT, name("d"), 0755);
    long gone = entry.ino();
    fs().rmdir(request, FileSystem.ROOT, name("d"));
    fs().tmpfile(request, gone, Mode.FILE | 0600, 0);
    assertEquals("error " + Errno.ENOENT, last());
    fs().create(request, gone, name("f"), Mode.FILE | 0600, 0);
    assertEquals("error " + Errno.ENOENT, last());
    fs().rename(request, FileSystem.ROOT, name("f"), gone, name("f"), 0);
    assertEquals("error " + Errno.ENOENT, last());
    fs().forget(gone, 1);
    fs().mkdir(request, gone, name("f"), 0755);
    assertEquals("error " + Errno.ENOENT, last());
  }

  @Test
  void shouldRefuseWhatNoDirectoryOrFileIs() {
    long file = create("f");
    for (long ino : new long[] {0, -1, 4711, Long.MAX_VALUE}) {
      fs().lookup(request, ino, name("x"));
      assertEquals("error " + Errno.ENOENT, last());
      fs().read(request, ino, 0, 0, 10);
      assertEquals("error " + Errno.ENOENT, last());
      fs().unlink(request, ino, name("x"));
      assertEquals("error " + Errno.ENOENT, last());
    }
    fs().lookup(request, file, name("x"));
    assertEquals("error " + Errno.ENOTDIR, last());
    fs().mkdir(request, file, name("x"), 0755);
    assertEquals("error " + Errno.ENOTDIR, last());
    fs().read(request, FileSystem.ROOT, 0, 0, 10);
    assertEquals("error " + Errno.EINVAL, last());
    fs().readlink(request, file);
    assertEquals("error " + Errno.EINVAL, last());
    fs().lookup(request, FileSystem.ROOT, name("n".repeat(256)));
    assertEquals("error " + Errno.ENAMETOOLONG, last());
    fs().setattr(
            request, file, 0, new AttributeChanges().valid(AttributeChanges.SIZE_VALID).size(-1));
    assertEquals("error " + Errno.EFBIG, last());
    fs().rename(request, FileSystem.ROOT, name("f"), FileSystem.ROOT, name("g"), 4);
    assertEquals("error " + Errno.EINVAL, last(), "RENAME_WHITEOUT");
  }

  @Test
  void shouldHideTrustedAttributesFromOthersThanRoot() {
    long ino = create("f");
    data = arena.allocate(1);
    fs().setxattr(request, ino, name("user.a"), 0);
    fs().setxattr(request, ino, name("trusted.b"), 0);
    fs().listxattr(request, ino, 100);
    assertEquals("user.a|trusted.b|", last());
    uid = 1234;
    fs().listxattr(request, ino, 100);
    assertEquals("user.a|", last());
    fs().listxattr(request, ino, 0);
    assertEquals("valueSize 7", last());
    fs().listxattr(request, ino, 6);
    assertEquals("error " + Errno.ERANGE, last());
  }

  @Test
  void shouldTakeRightsFromAFileAsTheRequestSays() {
    long ino = create("f");
    AttributeChanges rights = new AttributeChanges().valid(AttributeChanges.MODE_VALID).mode(06777);
    for (boolean kill : new boolean[] {false, true}) {
      fs().setattr(request, ino, 0, rights);
      kills = kill;
      uid = kill ? 0 : 1234; // not who it is decides
      write(ino, 0, 10);
      assertEquals(Mode.FILE | (kill ? 0777 : 06777), attributes(ino).mode());
      fs().setattr(request, ino, 0, rights);
      fs().open(request, ino, Mode.O_TRUNC);
      assertEquals(Mode.FILE | (kill ? 0777 : 06777), attributes(ino).mode());
    }
  }

  /** A change that waits for the file's lock is seen with the time when it was made. */
  @ParameterizedTest
  @ValueSource(strings = {"write", "fallocate", "setattr"})
  void shouldNoteWhenAChangeWasMadeAndNotWhenItCame(String what) throws Exception {
    long ino = create("f");
    write(ino, 0, 10);
    Thread changer = new Thread(() -> change(what, ino));
    List<Instant> made = new ArrayList<>();
    whileAnswering =
        () -> {
          whileAnswering = () -> {};
          made.add(whileItWaits(changer));
        };
    fs().read(request, ino, 0, 0, 10); // holds the lock while it is answered
    assertTrue(changer.join(Duration.ofSeconds(20)));
    Attributes seen = attributes(ino);
    Instant noted = Instant.ofEpochSecond(seen.changeSeconds(), seen.changeNanos());
    assertTrue(!noted.isBefore(made.getFirst()), noted + ", not before " + made.getFirst());
  }

  private void change(String what, long ino) {
    switch (what) {
      case "write" -> fs().write(request, ino, 0, 0, 10);
      case "fallocate" -> fs().fallocate(request, ino, 0, 0, 10, 0);
      default ->
          fs().setattr(request, ino, 0, new AttributeChanges().valid(AttributeChanges.MODE_VALID));
    }
  }

  /** Starts a thread that will wait; returns a time that is clearly later than when it came. */
  private static Instant whileItWaits(Thread changer) {
    try {
      changer.start();
      Wait.until("it waits", () -> changer.getState() == Thread.State.WAITING);
      Instant waiting = Instant.now();
      Wait.until("time passes", () -> Instant.now().isAfter(waiting.plusMillis(20)));
      return waiting.plusMillis(10); // clocks may differ by some
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldChangeNothingWhenALinkIsRefused() throws Exception {
    long ino = create("f");
    create("there already");
    Attributes seen = attributes(ino);
    long seconds = seen.changeSeconds();
    int nanos = seen.changeNanos();
    Instant before = Instant.now();
    Wait.until("time passes", () -> Instant.now().isAfter(before.plusMillis(5)));
    fs().link(request, ino, FileSystem.ROOT, name("there already"));
    assertEquals("error " + Errno.EEXIST, last());
    seen = attributes(ino);
    assertEquals(1, seen.linkCount());
    assertEquals(seconds, seen.changeSeconds());
    assertEquals(nanos, seen.changeNanos());
    fs().link(request, ino, FileSystem.ROOT, name("new"));
    assertEquals("entry " + ino, last());
    seen = attributes(ino);
    assertEquals(2, seen.linkCount());
    assertTrue(seen.changeSeconds() != seconds || seen.changeNanos() != nanos);
  }
}
