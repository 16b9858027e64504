package dev.slabmount.fuse.dev;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Builds requests and takes answers apart, with offsets of its own, as {@code linux/fuse.h} says.
 */
public final class WireMessage {
  private static final int LONGEST = 1 << 16;

  private final ByteBuffer buffer = ByteBuffer.allocate(LONGEST).order(ByteOrder.nativeOrder());

  private WireMessage() {}

  /** Begins a request of root's, from the process 4. */
  public static WireMessage request(int opcode, long unique, long ino) {
    WireMessage message = new WireMessage();
    message.buffer.putInt(0).putInt(opcode).putLong(unique).putLong(ino);
    message.buffer.putInt(0).putInt(0).putInt(4).putInt(0);
    return message;
  }

  /** As {@link #request(int, long, long)}. */
  static WireMessage request(WireOpcode opcode, long unique, long ino) {
    return request(opcode.number(), unique, ino);
  }

  WireMessage uid(int uid) {
    buffer.putInt(24, uid);
    return this;
  }

  /** Appends numbers of 4 bytes. */
  public WireMessage int32(int... values) {
    for (int value : values) {
      buffer.putInt(value);
    }
    return this;
  }

  /** Appends numbers of 8 bytes. */
  public WireMessage int64(long... values) {
    for (long value : values) {
      buffer.putLong(value);
    }
    return this;
  }

  /** Appends zero bytes. */
  public WireMessage zeros(int count) {
    return bytes(new byte[count]);
  }

  WireMessage bytes(byte[] bytes) {
    buffer.put(bytes);
    return this;
  }

  /** Appends a name and its NUL. */
  public WireMessage name(String name) {
    return bytes(name.getBytes(StandardCharsets.ISO_8859_1)).zeros(1);
  }

  /** The message, with its length in the header. */
  public byte[] build() {
    buffer.putInt(0, buffer.position());
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  /** The bytes, to be read and written in the kernel's order. */
  public static ByteBuffer of(byte[] message) {
    return ByteBuffer.wrap(message).order(ByteOrder.nativeOrder());
  }

  /** The number of the request that an answer is for. */
  public static long unique(byte[] answer) {
    return of(answer).getLong(8);
  }

  /** The errno in an answer, positive; 0 for success. */
  public static int errno(byte[] answer) {
    return -of(answer).getInt(4);
  }

  /** An INIT of a kernel that offers {@code flags}. */
  public static byte[] init(int major, int minor, long flags) {
    return request(WireOpcode.INIT, 2, 0)
        .int32(major, minor, 1 << 17, (int) flags, (int) (flags >>> 32))
        .zeros(44)
        .build();
  }
}
