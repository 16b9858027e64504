package dev.slabmount.vfs.content;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ObjectGroupTest {

  @Test
  void shouldFlushAllAtOnceOnlyWhereTheKernelSaysWhatFailed() {
    for (final String kernel : List.of("5.8", "5.8.0-63-generic", "5.10.1", "6.1", "10.0-rc1")) {
      assertEquals(true, ObjectGroup.reportsFailures(kernel), kernel);
    }
    for (final String kernel : List.of("5.7.19", "4.18.0-553.el8", "3.10", "", "six")) {
      assertEquals(false, ObjectGroup.reportsFailures(kernel), kernel);
    }
  }
}
