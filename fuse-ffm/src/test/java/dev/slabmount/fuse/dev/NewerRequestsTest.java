package dev.slabmount.fuse.dev;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slabmount.fuse.Connection;
import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.Request;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Byte by byte, what not every libfuse could show in the same form. */
@Timeout(60)
class NewerRequestsTest {
  private final List<String> calls = new ArrayList<>();
  private boolean longSetxattr;
  private final TestEnd end = new TestEnd(new NewerFs(), new DevOptions(false, -1));

  private final class NewerFs implements FileSystem {
    @Override
    public void init(Connection connection) {
      if (longSetxattr) {
        connection.enable(Feature.SETXATTR_EXT);
      }
    }

    @Override
    public void statx(Request r, long ino, long fh, int flags, int mask) {
      calls.add("statx %d %d %x %x".formatted(ino, fh, flags, mask));
      r.reply().statx(r.attributes().size(9), 0xfff, 1_500_000_000L);
    }

    @Override
    public void tmpfile(Request r, long parent, int mode, int flags) {
      calls.add("tmpfile %d %o %o %o %s".formatted(parent, mode, flags, r.umask(), kills(r)));
      r.reply().error(Errno.EOPNOTSUPP);
    }

    @Override
    public void copyFileRange(
        Request r,
        long ino,
        long fh,
        long offset,
        long toIno,
        long toFh,
        long toOffset,
        long length,
        int flags) {
      calls.add(
          "copy %d %d %d %d %d %d %d %d"
              .formatted(ino, fh, offset, toIno, toFh, toOffset, length, flags));
      r.reply().written(Integer.MAX_VALUE);
    }

    @Override
    public void setxattr(Request r, long ino, Name name, int flags) {
      calls.add("setxattr %d %s %d %d %s".formatted(ino, name, flags, r.dataLength(), kills(r)));
      r.reply().ok();
    }

    private boolean kills(Request r) {
      return r.killsPrivileges();
    }
  }

  @AfterEach
  void close() {
    end.close();
  }

  @Test
  @Covers({"statx"})
  void shouldPassHandleFlagsAndMaskOfAStatx() {
    end.begun();
    byte[] answer =
        end.only(
            WireMessage.request(WireOpcode.STATX, 10, 5)
                .int32(1, 0)
                .int64(7)
                .int32(0x2000, 0xfff)
                .build());
    assertEquals(32 + 256, answer.length - 16);
    assertEquals(1, WireMessage.of(answer).getLong(16), "seconds");
    assertEquals(500_000_000, WireMessage.of(answer).getInt(24));
    end.only(WireMessage.request(WireOpcode.STATX, 12, 5).int32(0, 0).int64(7).int32(0, 1).build());
    assertEquals(List.of("statx 5 7 2000 fff", "statx 5 -1 0 1"), calls);
  }

  @Test
  @Covers({"tmpfile"})
  void shouldPassModeFlagsAndMaskOfATmpfile() {
    end.begun();
    assertEquals(
        Errno.EOPNOTSUPP,
        end.errnoOf(
            WireMessage.request(WireOpcode.TMPFILE, 10, 5)
                .int32(020200002, 0100640, 027, 1)
                .name("/")
                .build()));
    assertEquals(List.of("tmpfile 5 100640 20200002 27 true"), calls);
  }

  @Test
  @Covers({"copyFileRange"})
  void shouldAnswerALongCopyWithSixtyFourBits() {
    end.begun();
    byte[] answer =
        end.only(
            WireMessage.request(WireOpcode.COPY_FILE_RANGE_64, 10, 5)
                .int64(1, 2, 3, 4, 5, 1L << 40, 0)
                .build());
    assertEquals(24, answer.length);
    assertEquals(Integer.MAX_VALUE, WireMessage.of(answer).getLong(16));
    assertEquals(List.of("copy 5 1 2 3 4 5 1099511627776 0"), calls);
  }

  @Test
  @Covers({"setxattr", "Feature.SETXATTR_EXT", "Request.killsPrivileges"})
  void shouldReadTheLongerFormOfASetxattrIfItIsAgreedOn() {
    longSetxattr = true;
    end.begun();
    byte[] longer =
        WireMessage.request(WireOpcode.SETXATTR, 10, 5)
            .int32(3, 2, 1, 0)
            .name("user.a")
            .zeros(3)
            .build();
    assertEquals(0, end.errnoOf(longer));
    assertEquals(List.of("setxattr 5 user.a 2 3 true"), calls);
  }

  @Test
  @Covers({"setxattr"})
  void shouldReadTheShorterFormOfASetxattrOtherwise() {
    end.begun();
    byte[] shorter =
        WireMessage.request(WireOpcode.SETXATTR, 10, 5).int32(3, 2).name("u").zeros(3).build();
    assertEquals(0, end.errnoOf(shorter));
    assertEquals(List.of("setxattr 5 u 2 3 false"), calls);
  }
}
