package dev.slabmount.fuse.dev;

import dev.slabmount.fuse.dispatch.Operation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Requests that make sense, one of each kind and more, to be served or to be damaged. */
final class SensibleRequests {
  static final long UNIQUE = 100;

  private static final int LK_FLAGS = 80; // header 40, handle and owner 16, lock 24
  private static final int FUSE_LK_FLOCK = 1;

  private SensibleRequests() {}

  /** All of them. */
  static List<byte[]> all() {
    List<byte[]> all = new ArrayList<>();
    for (WireOpcode opcode : WireOpcode.values()) {
      all.add(of(opcode, UNIQUE));
    }
    all.add(
        WireMessage.request(WireOpcode.WRITE, UNIQUE, 5)
            .int64(1, 0)
            .int32(100, 0)
            .int64(0, 0)
            .zeros(100)
            .build());
    all.add(
        WireMessage.request(WireOpcode.SETXATTR, UNIQUE, 5).int32(9, 0).name("a").zeros(9).build());
    all.add(
        WireMessage.request(WireOpcode.BATCH_FORGET, UNIQUE, 0)
            .int32(3, 0)
            .int64(1, 2, 3, 4, 5, 6)
            .build());
    return all;
  }

  /** A request of one kind. */
  static byte[] of(WireOpcode opcode, long unique) {
    return WireMessage.request(opcode, unique, 5)
        .zeros(opcode.argumentBytes())
        .name("first")
        .name("second")
        .build();
  }

  /** A request that becomes this operation. */
  static byte[] of(Operation operation, long unique) {
    if (operation == Operation.FLOCK) {
      byte[] lock = of(WireOpcode.SETLK, unique);
      WireMessage.of(lock).putInt(LK_FLAGS, FUSE_LK_FLOCK);
      return lock;
    }
    return of(
        switch (operation) {
          case FORGET -> WireOpcode.FORGET;
          case RETRIEVE_REPLY -> WireOpcode.NOTIFY_REPLY;
          default ->
              Arrays.stream(WireOpcode.values())
                  .filter(opcode -> opcode.operation() == operation)
                  .findFirst()
                  .orElseThrow();
        },
        unique);
  }
}
