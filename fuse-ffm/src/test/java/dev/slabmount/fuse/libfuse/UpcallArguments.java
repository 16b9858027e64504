package dev.slabmount.fuse.libfuse;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.slabmount.nativebindings.LibfuseAbi;
import dev.slabmount.nativebindings.LowlevelOperation;
import dev.slabmount.nativebindings.Platform;
import dev.slabmount.nativebindings.libfuse3.flock;
import dev.slabmount.nativebindings.libfuse3.fuse_buf;
import dev.slabmount.nativebindings.libfuse3.fuse_bufvec;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Makes a call of one upcall out of any bytes: whatever libfuse could pass if the kernel had sent
 * it anything. Numbers are arbitrary. Pointers into the request, whose contents and length are
 * arbitrary too, may lie before and behind it, because libfuse believes lengths and looks for ends
 * of names itself. Pointers to what libfuse makes on its own stack ({@code fuse_file_info}, {@code
 * stat}, {@code flock}, {@code fuse_bufvec}) point to such a struct with arbitrary contents, or
 * nowhere where libfuse may pass a null pointer. Each struct lies at the very end of its memory.
 *
 * <pre>
 *   input:  function u8 | length of the request u8 | request ... | values as they are needed ...
 * </pre>
 */
final class UpcallArguments {
  static final int HEADER = 40;

  private static final int LONGEST = 1 << 10; // bytes of a request behind its header
  private static final int PLAIN = 224; // lengths from here on stand for larger ones
  private static final int AROUND = 64;
  private static final byte[] NAMES =
      "first name that is long\0second\0".getBytes(StandardCharsets.US_ASCII);
  private static final int STAT_BYTES = Platform.current().orElseThrow().stat().bytes();
  private static final int FIRST_PIECE = (int) fuse_bufvec.buf$offset();
  private static final long[] INTERESTING = {
    0,
    1,
    2,
    5,
    16,
    40,
    255,
    4096,
    1 << 20,
    (1 << 20) + 1,
    Integer.MAX_VALUE,
    0x8000_0000L,
    0xFFFF_FFFFL,
    1L << 60,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -1
  };

  /**
   * Arguments after the request, a letter each: {@code o} any 64 bits, {@code w} any 32, {@code s}
   * a size, {@code n} a name, {@code d} data, {@code a} rows of a forget, {@code F} an open file,
   * {@code f} one or none, {@code t} a stat, {@code l} a lock, {@code v} a vector of one piece.
   */
  static String kinds(LowlevelOperation function) {
    return switch (function) {
      case INIT, DESTROY, WRITE_BUF -> throw new IllegalArgumentException(function + "");
      case READLINK, STATFS -> "o";
      case LOOKUP, UNLINK, RMDIR, REMOVEXATTR -> "on";
      case FORGET -> "oo";
      case GETATTR -> "of";
      case SETATTR -> "otwf";
      case MKNOD -> "onwo";
      case MKDIR -> "onw";
      case SYMLINK -> "non";
      case RENAME -> "ononw";
      case LINK -> "oon";
      case OPEN, FLUSH, RELEASE, OPENDIR, RELEASEDIR -> "oF";
      case READ, READDIR, READDIRPLUS -> "osoF";
      case WRITE -> "odsoF";
      case FSYNC, FSYNCDIR -> "owF";
      case SETXATTR -> "ondsw";
      case GETXATTR -> "ons";
      case LISTXATTR -> "os";
      case ACCESS -> "ow";
      case CREATE -> "onwF";
      case GETLK -> "oFl";
      case SETLK -> "oFlw";
      case BMAP -> "oso";
      case IOCTL -> "owoFwdss";
      case POLL -> "oFo";
      case RETRIEVE_REPLY -> "ooov";
      case FORGET_MULTI -> "sa";
      case FLOCK -> "oFw";
      case FALLOCATE -> "owooF";
      case COPY_FILE_RANGE -> "ooFooFsw";
      case LSEEK -> "oowF";
      case TMPFILE -> "owF";
      case STATX -> "owwf";
    };
  }

  /** The functions that an end of this release has. */
  static List<LowlevelOperation> functions(UpcallEnd end) {
    return Arrays.stream(LowlevelOperation.values())
        .filter(function -> function != LowlevelOperation.INIT && end.has(function))
        .toList();
  }

  /** Inputs that stand for calls that make sense, one for each function. */
  static List<byte[]> sensible(List<LowlevelOperation> functions) {
    List<byte[]> all = new ArrayList<>();
    for (int i = 0; i < functions.size(); i++) {
      ByteArrayOutputStream input = new ByteArrayOutputStream();
      input.write(i);
      input.write(NAMES.length);
      input.writeBytes(new byte[HEADER]);
      input.writeBytes(NAMES);
      for (char kind : kinds(functions.get(i)).toCharArray()) {
        input.writeBytes(
            switch (kind) {
              case 'n', 'd', 'a' -> new byte[] {100, 0};
              case 's' -> new byte[] {1};
              case 'v' -> new byte[] {5, 100, 0};
              case 'o', 'w' -> new byte[] {3};
              case 'F' -> filled(LibfuseAbi.LARGEST_FILE_INFO_BYTES / Long.BYTES);
              case 'f' -> filled(1 + LibfuseAbi.LARGEST_FILE_INFO_BYTES / Long.BYTES);
              case 't' -> filled(STAT_BYTES / Long.BYTES);
              default -> filled((int) flock.sizeof() / Long.BYTES);
            });
      }
      all.add(input.toByteArray());
    }
    return all;
  }

  private static byte[] filled(int count) {
    byte[] bytes = new byte[count];
    Arrays.fill(bytes, (byte) 3);
    return bytes;
  }

  private final byte[] input;
  private final LowlevelOperation function;
  private final byte[] request;
  private final int values;
  private int at;

  UpcallArguments(byte[] input, List<LowlevelOperation> functions) {
    this.input = input;
    function = functions.get(next() % functions.size());
    int length = next();
    request = new byte[HEADER + (length < PLAIN ? length : (length - PLAIN + 1) * LONGEST / 32)];
    int there = Math.min(Math.max(0, input.length - at), request.length);
    System.arraycopy(input, Math.min(at, input.length), request, 0, there);
    at += request.length;
    values = at;
  }

  LowlevelOperation function() {
    return function;
  }

  /** The request that the worker has received. */
  byte[] request() {
    return request;
  }

  /** The arguments, if the request lies at this address. */
  Object[] at(long requestAddress, Structs structs) {
    at = values;
    List<Object> all = new ArrayList<>();
    structs.begin();
    for (char kind : kinds(function).toCharArray()) {
      all.add(
          switch (kind) {
            case 'o' -> number();
            case 'w' -> (int) number();
            case 's' -> size();
            case 'n', 'd', 'a' -> pointer(requestAddress);
            case 'F' -> structs.put(contents(LibfuseAbi.LARGEST_FILE_INFO_BYTES));
            case 'f' ->
                next() % 2 == 0 ? 0L : structs.put(contents(LibfuseAbi.LARGEST_FILE_INFO_BYTES));
            case 't' -> structs.put(contents(STAT_BYTES));
            case 'l' -> structs.put(contents((int) flock.sizeof()));
            case 'v' -> structs.put(vector(requestAddress));
            default -> throw new IllegalArgumentException(kind + "");
          });
    }
    return all.toArray();
  }

  private int next() {
    return at < input.length ? input[at++] & 0xFF : 0;
  }

  private long next(int count) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value = value << 8 | next();
    }
    return value;
  }

  private long number() {
    int choice = next();
    return choice < 128 ? INTERESTING[choice % INTERESTING.length] : next(Long.BYTES);
  }

  private long size() {
    int choice = next();
    return choice < 128 ? choice : choice < 224 ? next(2) % LONGEST : number();
  }

  /** Into the request, mostly; a little before, behind, or nowhere. */
  private long pointer(long requestAddress) {
    int choice = next();
    if (choice < 8) {
      return choice == 0 ? 0 : number();
    }
    long offset =
        choice < 200
            ? HEADER + next() % (request.length - HEADER + 1)
            : next(2) % (request.length + 2 * AROUND) - AROUND;
    return requestAddress + offset;
  }

  private byte[] contents(int count) {
    ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.nativeOrder());
    while (bytes.remaining() >= Long.BYTES) {
      bytes.putLong(number());
    }
    return bytes.array();
  }

  private byte[] vector(long requestAddress) {
    MemorySegment vector = MemorySegment.ofArray(new long[(int) fuse_bufvec.sizeof() / 8]);
    vector.set(JAVA_LONG, FIRST_PIECE + fuse_buf.size$offset(), size());
    vector.set(JAVA_LONG, FIRST_PIECE + fuse_buf.mem$offset(), pointer(requestAddress));
    return vector.toArray(JAVA_BYTE);
  }

  /** Memory for the structs of one call, each before a page that nobody may touch. */
  static final class Structs {
    private final List<GuardedMemory> memories =
        List.of(new GuardedMemory(LONGEST), new GuardedMemory(LONGEST));
    private int used;

    private void begin() {
      used = 0;
    }

    private long put(byte[] struct) {
      return memories.get(used++).place(struct);
    }
  }
}
