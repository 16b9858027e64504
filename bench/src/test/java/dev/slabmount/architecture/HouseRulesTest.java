package dev.slabmount.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

/** Holds the house to {@link HouseRules}, and each rule to a piece of code that breaks it. */
class HouseRulesTest {
  @TempDir private Path temp;

  @ParameterizedTest
  @EnumSource(Rooms.class)
  void shouldFindTheClassesOfEachRoom(Rooms room) {
    assertFalse(room.classes().isEmpty(), room + " has no classes: nothing would be checked");
  }

  @ParameterizedTest
  @EnumSource(Rooms.class)
  void shouldDependOnlyOnRoomsBelow(Rooms room) {
    HouseRules.onlyUsesAllowed(room).check(room.classes());
  }

  @ParameterizedTest
  @CsvSource({
    "NATIVE_BINDINGS, nativebindings, dev.slabmount.fuse.Errno",
    "CORE, core, dev.slabmount.fuse.Errno",
    "CORE, core, com.fasterxml.jackson.core.JsonFactory",
    "FUSE_FFM, fuse, dev.slabmount.vfs.content.ContentHash",
    "VFS, vfs, dev.slabmount.cli.ExitCode",
    "VFS, vfs, org.openjdk.jmh.annotations.Benchmark",
    "CLI, cli, dev.slabmount.nativebindings.LibfuseUnavailableException"
  })
  void shouldNoticeADependencyUpwards(Rooms room, String packageName, String type) {
    JavaClasses seeded =
        Seeded.compile(
            temp, "dev.slabmount." + packageName, "final class Wrong { " + type + " field; }");
    assertBroken(HouseRules.onlyUsesAllowed(room), seeded, type);
  }

  @Test
  void shouldKnowEveryPackageOfCore() {
    Set<String> found = new TreeSet<>();
    Rooms.CORE.classes().forEach(type -> found.add(type.getPackageName()));
    Set<String> known = new TreeSet<>();
    HouseRules.CORE_PACKAGES.forEach(name -> known.add("dev.slabmount.core." + name));
    found.remove(""); // module-info
    assertEquals(known, found);
  }

  @ParameterizedTest
  @FieldSource("dev.slabmount.architecture.HouseRules#CORE_PACKAGES")
  void shouldKeepThePackagesOfCoreInOrder(String name) {
    HouseRules.coreInOrder(name).check(Rooms.CORE.classes());
  }

  @ParameterizedTest
  @CsvSource({
    "pool, dev.slabmount.core.slot.SlotTable",
    "block, dev.slabmount.core.index.BlockIndex",
    "slot, dev.slabmount.core.room.RoomMaker",
    "flush, dev.slabmount.core.room.RoomMaker",
    "room, dev.slabmount.core.load.BlockLoader",
    "handle, dev.slabmount.core.sharded.ShardedMemoryPool"
  })
  void shouldNoticeAPackageThatUsesALaterOne(String name, String type) {
    JavaClasses seeded =
        Seeded.compile(
            temp, "dev.slabmount.core." + name, "final class Wrong { " + type + " field; }");
    assertBroken(HouseRules.coreInOrder(name), seeded, type);
  }

  @Test
  void shouldReachThePoolThroughItsDoorsOnly() {
    HouseRules.doorsLeadToThePool().check(Rooms.CORE.classes());
  }

  @Test
  void shouldNoticeADoorToAPart() {
    String source = "final class MemoryPool { dev.slabmount.core.slot.SlotTable field; }";
    assertBroken(
        HouseRules.doorsLeadToThePool(),
        Seeded.compile(temp, "dev.slabmount.core.pool", source),
        "SlotTable");
  }

  @Test
  void shouldUseNoUnsafe() {
    HouseRules.noUnsafe().check(Rooms.allClasses());
  }

  @ParameterizedTest
  @CsvSource({
    "sun.misc.Unsafe",
    "org.agrona.UnsafeApi",
    "org.agrona.concurrent.UnsafeBuffer",
    "sun.misc.Signal"
  })
  void shouldNoticeUnsafe(String type) {
    JavaClasses seeded =
        Seeded.compile(
            temp, "dev.slabmount.core", "class Wrong { Object o = " + type + ".class; }");
    assertBroken(HouseRules.noUnsafe(), seeded, type);
  }

  @Test
  void shouldCallCOnlyWhereNamed() {
    HouseRules.linkerOnlyWhereNamed().check(Rooms.allClasses());
  }

  @Test
  void shouldNoticeALinkerElsewhere() {
    String source = "class Wrong { Object o = java.lang.foreign.Linker.nativeLinker(); }";
    assertBroken(
        HouseRules.linkerOnlyWhereNamed(),
        Seeded.compile(temp, "dev.slabmount.core.pool", source),
        "Linker");
  }

  @Test
  void shouldNoticeALinkerOption() {
    String source =
        "class Wrong { Object o = java.lang.foreign.Linker.Option.captureCallState(\"errno\"); }";
    assertBroken(
        HouseRules.linkerOnlyWhereNamed(),
        Seeded.compile(temp, "dev.slabmount.vfs.content", source),
        "Linker$Option");
  }

  @Test
  void shouldHaveNoNativeMethods() {
    HouseRules.noNativeMethods().check(Rooms.allClasses());
  }

  @Test
  void shouldNoticeANativeMethod() {
    assertBroken(
        HouseRules.noNativeMethods(),
        Seeded.compile(temp, "dev.slabmount.core", "class Wrong { native void call(); }"),
        "call()");
  }

  @Test
  void shouldTalkFuseOnlyInTheFileSystem() {
    HouseRules.fuseOnlyInTheFileSystem().check(Rooms.VFS.classes());
  }

  @Test
  void shouldNoticeFuseInAnotherPackage() {
    String source = "class Wrong { dev.slabmount.fuse.Errno errno; }";
    assertBroken(
        HouseRules.fuseOnlyInTheFileSystem(),
        Seeded.compile(temp, "dev.slabmount.vfs.content", source),
        "Errno");
  }

  @Test
  void shouldNamePackagesAfterNouns() {
    HouseRules.packagesNamedAfterNouns().check(Rooms.allClasses());
  }

  @ParameterizedTest
  @CsvSource({"dev.slabmount.vfs.util", "dev.slabmount.core.impl"})
  void shouldNoticeAPackageNamedAfterNothing(String packageName) {
    assertBroken(
        HouseRules.packagesNamedAfterNouns(),
        Seeded.compile(temp, packageName, "class Wrong {}"),
        packageName);
  }

  @Test
  void shouldLogThroughSystemLogger() {
    HouseRules.logThroughSystemLogger().check(Rooms.allClasses());
  }

  @Test
  void shouldNoticeAnotherLogger() {
    String source = "class Wrong { java.util.logging.Logger logger; }";
    assertBroken(
        HouseRules.logThroughSystemLogger(),
        Seeded.compile(temp, "dev.slabmount.core", source),
        "java.util.logging.Logger");
  }

  private static void assertBroken(ArchRule rule, JavaClasses seeded, String mentioned) {
    AssertionError broken = assertThrows(AssertionError.class, () -> rule.check(seeded));
    assertTrue(broken.getMessage().contains(mentioned), broken.getMessage());
  }
}
