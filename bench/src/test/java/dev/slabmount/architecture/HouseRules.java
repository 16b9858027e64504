package dev.slabmount.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;

/** The rules over compiled classes. */
final class HouseRules {
  /** The one class of core that calls C: it maps, advises and unmaps the pool's memory. */
  private static final String NATIVE_MEMORY = "dev.slabmount.core.slab.NativeMemory";

  /**
   * The packages of core, each of which may use those before it. What users see comes first and
   * uses none of them, but for the two {@link #DOORS}.
   */
  static final List<String> CORE_PACKAGES =
      List.of(
          "pool", "block", "slab", "index", "evict", "observe", "state", "victim", "slot", "flush",
          "room", "load", "write", "page", "removal", "handle", "sharded", "inspect");

  /** What of core.pool reaches the implementation: who creates a pool, and who looks into one. */
  private static final String DOORS = "dev\\.slabmount\\.core\\.pool\\.(MemoryPool|PoolInspector)";

  private HouseRules() {}

  /** Dependencies point one way: cli, vfs, then fuse-ffm over native-bindings, and core. */
  static ArchRule onlyUsesAllowed(Rooms room) {
    return classes()
        .that()
        .resideInAPackage(room.packages())
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(room.allowed())
        .because("the rooms' order is settled in docs/adr/0001");
  }

  /** No package of core uses one that comes after it. */
  static ArchRule coreInOrder(String name) {
    int after = CORE_PACKAGES.indexOf(name) + 1;
    return noClasses()
        .that()
        .resideInAPackage(ofCore(name))
        .and()
        .haveNameNotMatching(DOORS)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            CORE_PACKAGES.subList(after, CORE_PACKAGES.size()).stream()
                .map(HouseRules::ofCore)
                .toArray(String[]::new))
        .because("the packages of core are read, and may be used, in one order");
  }

  /** The doors of core.pool lead to the pool that ships and to its audits, and nowhere else. */
  static ArchRule doorsLeadToThePool() {
    return classes()
        .that()
        .resideInAPackage(ofCore("pool"))
        .should()
        .onlyDependOnClassesThat(
            resideOutsideOfPackage(Rooms.CORE.packages())
                .or(resideInAnyPackage(ofCore("pool"), ofCore("sharded"), ofCore("inspect"))))
        .because("who uses the pool needs to know nothing of its parts");
  }

  private static String ofCore(String name) {
    return "dev.slabmount.core." + name;
  }

  /** No Unsafe, neither the JDK's nor Agrona's, and nothing inside the JDK. */
  static ArchRule noUnsafe() {
    DescribedPredicate<JavaClass> namedUnsafe =
        DescribedPredicate.describe(
            "are named after Unsafe", type -> type.getSimpleName().contains("Unsafe"));
    return noClasses()
        .should()
        .dependOnClassesThat(resideInAnyPackage("sun..", "jdk.internal..").or(namedUnsafe))
        .because("slabmount runs with --sun-misc-unsafe-memory-access=deny");
  }

  /** C is called from native-bindings, from fuse-ffm and from one class of core. */
  static ArchRule linkerOnlyWhereNamed() {
    return noClasses()
        .that()
        .resideOutsideOfPackages(Rooms.NATIVE_BINDINGS.packages(), Rooms.FUSE_FFM.packages())
        .and()
        .haveNameNotMatching(NATIVE_MEMORY.replace(".", "\\.") + "(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .haveNameMatching("java\\.lang\\.foreign\\.Linker(\\$.*)?")
        .because("native access is granted to few modules by name");
  }

  /** No JNI of ours. */
  static ArchRule noNativeMethods() {
    return noMethods().should().haveModifier(JavaModifier.NATIVE).allowEmptyShould(true);
  }

  /** Manifests, stores and the tree know no FUSE: it stays with the filesystem and its reads. */
  static ArchRule fuseOnlyInTheFileSystem() {
    return noClasses()
        .that()
        .resideInAPackage(Rooms.VFS.packages())
        .and()
        .resideOutsideOfPackages("dev.slabmount.vfs", "dev.slabmount.vfs.read")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(Rooms.FUSE_FFM.packages())
        .because("only the implementation of FileSystem and the read path behind it talk FUSE");
  }

  /** Packages are named after what they hold. */
  static ArchRule packagesNamedAfterNouns() {
    return noClasses()
        .should()
        .resideInAnyPackage("..util..", "..utils..", "..impl..", "..common..", "..misc..");
  }

  /** Libraries log through System.Logger; which backend takes it is the command's affair. */
  static ArchRule logThroughSystemLogger() {
    return noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.slf4j..", "java.util.logging..");
  }
}
