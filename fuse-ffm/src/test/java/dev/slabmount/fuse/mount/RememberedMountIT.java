package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.dispatch.Operation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which ENOSYS the kernel remembers, and what callers get from then on. */
@Timeout(60)
class RememberedMountIT extends Mounted {
  private final AtomicInteger asked = new AtomicInteger();

  /** Everything that {@link RecordingFs} has, but ENOSYS for one operation. */
  private FileSystem without(Operation operation) {
    return (FileSystem)
        Proxy.newProxyInstance(
            FileSystem.class.getClassLoader(),
            new Class<?>[] {FileSystem.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals(operation.method())) {
                asked.incrementAndGet();
                ((Request) arguments[0]).reply().error(Errno.ENOSYS);
                return null;
              }
              try {
                return method.invoke(fs, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** Each script is run twice; what it prints is what {@code answer} says, both times. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "OPEN            | 1 | cat f                         | 0123456789",
        "OPENDIR         | 1 | ls                            | f",
        "FLUSH           | 1 | cat f                         | 0123456789",
        "FSYNC           | 1 | $c fsync f                    | 0",
        "FSYNCDIR        | 1 | $c fsync .                    | 0",
        "SETXATTR        | 1 | $c setxattr f user.a b 0      | errno 95",
        "GETXATTR        | 1 | $c getxattr f user.a 9        | errno 95",
        "LISTXATTR       | 1 | $c listxattr f 9              | errno 95",
        "REMOVEXATTR     | 1 | $c removexattr f user.a       | errno 95",
        "ACCESS          | 1 | $c access f 2                 | 0",
        "CREATE          | 1 | echo x >$n; cat $n            | x",
        "POLL            | 1 | $c poll f 1 0                 | 1 1",
        "FALLOCATE       | 1 | $c fallocate f 0 0 9          | errno 95",
        "COPY_FILE_RANGE | 1 | $c copyrange f 0 f 100 4      | 4",
        "LSEEK           | 1 | $c seek f 3 5                 | 5",
        "LSEEK           | 1 | $c seek f 4 5                 | 10",
        "RENAME          | 1 | $c rename f f2 1              | errno 22",
        "TMPFILE         | 1 | $c tmpfile . x y              | errno 95",
        "STATX           | 1 | $c statx f 0xfff              | 7ff 100644 10 0.0 1600000000.0 0,0",
        "GETLK           | 2 | $c getlk f 1 0 9              | errno 38",
        "SETLK           | 2 | $c setlk f 1 0 9              | errno 38",
        "FLOCK           | 2 | $c flock f 2                  | errno 38",
        "MKDIR           | 2 | ! mkdir d 2>$out && echo no   | no",
        "READLINK        | 2 | readlink l                    | ''",
      })
  void shouldAskNoMoreAndAnswerAsTheJavadocSays(
      Operation operation, int times, String script, String answer) throws Exception {
    fs.file("f", "0123456789".getBytes(StandardCharsets.US_ASCII));
    fs.entryTimeoutNanos = TimeUnit.HOURS.toNanos(1);
    fs.attributesTimeoutNanos = TimeUnit.HOURS.toNanos(1);
    mount = describe(without(operation)).mount();
    sh("ln -s f l");
    for (int i = 0; i < 2; i++) {
      String out = shell("out=/dev/null n=new" + i + "; " + script).out().strip();
      assertEquals(answer, out.replaceAll("\\s+", " ").replaceAll(" l$", ""), "time " + i);
    }
    assertEquals(expected(operation, times), asked.get(), "how often it was asked");
  }

  private int expected(Operation operation, int times) {
    return switch (operation) {
      case TMPFILE -> has(17, 1) ? times : 0;
      case STATX -> has(18, 6) ? times : 0;
      case COPY_FILE_RANGE -> has(18, 18) ? 2 : times; // in its longer form, and in the other
      default -> times;
    };
  }
}
