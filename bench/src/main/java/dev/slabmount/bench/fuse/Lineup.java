package dev.slabmount.bench.fuse;

import dev.slabmount.bench.peer.JfuseServer;
import dev.slabmount.bench.peer.JnrServer;
import dev.slabmount.bench.process.Processor;
import dev.slabmount.bench.process.Server;
import dev.slabmount.bench.process.Workplace;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.fuse.TransportKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The servers of a figure, by the names that they have in the report. One thread. */
final class Lineup implements AutoCloseable {
  /** The filesystem on jFUSE. */
  static final String JFUSE = "jFUSE";

  /** The filesystem on jnr-fuse. */
  static final String JNR = "jnr-fuse";

  /** Everything that runs on the class path of bench. */
  static final Path JAR = Path.of("bench/target/benchmarks.jar");

  private static final List<String> JVM_OPTIONS =
      List.of(
          "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xmx2g", "--enable-native-access=ALL-UNNAMED");

  /** What jnr-fuse and the libraries below it reach into. */
  private static final List<String> JNR_OPTIONS =
      List.of(
          "--sun-misc-unsafe-memory-access=allow", "--add-opens=java.base/java.lang=ALL-UNNAMED");

  private final Workplace place;
  private final Setting setting;
  private final Map<String, Server> servers = new LinkedHashMap<>();
  private final Map<String, String> missing = new LinkedHashMap<>();

  Lineup(Workplace place, Setting setting) {
    this.place = place;
    this.setting = setting;
  }

  /**
   * Starts the C filesystem in each way that may be the fastest. On one processor that is libfuse's
   * plain loop; ours has one worker there too.
   */
  List<String> startC() throws MeasuringException {
    String threads = String.valueOf(Runtime.getRuntime().availableProcessors());
    if (setting.pinned()) {
      startC("C, one thread", List.of("-T", "1"));
    } else {
      startC("C, a descriptor for each thread", List.of("-T", threads));
      startC("C, one descriptor", List.of("-T", threads, "-s"));
    }
    return List.copyOf(servers.keySet());
  }

  /** Starts the C filesystem with more options than those of the setting. */
  void startC(String name, List<String> more) throws MeasuringException {
    List<String> words = new ArrayList<>(List.of(Workplace.program("memfs")));
    words.addAll(more);
    words.addAll(setting.forC());
    start(name, words, List.of());
  }

  /** Starts ours on a transport. */
  String startOurs(TransportKind transport) throws MeasuringException {
    String name = Workplace.option(transport);
    startOurs(name, transport, setting.forOurs());
    return name;
  }

  /** Starts ours with these options instead of those of the setting. */
  void startOurs(String name, TransportKind transport, List<String> options)
      throws MeasuringException {
    List<String> words = new ArrayList<>(java(List.of(), MemServer.class));
    words.add(Workplace.option(transport));
    words.addAll(options);
    start(name, words, List.of());
  }

  /** Starts the servers on other bindings; those that do not run here are {@link #missing}. */
  void startPeers() {
    startPeer(JFUSE, java(List.of(), JfuseServer.class));
    List<String> options = new ArrayList<>(JNR_OPTIONS);
    options.add("-Djava.io.tmpdir=" + place.path("")); // where it unpacks its library
    startPeer(JNR, java(options, JnrServer.class));
  }

  private void startPeer(String name, List<String> words) {
    try {
      start(name, words, setting.forPeers());
    } catch (MeasuringException e) {
      drop(name, e);
    }
  }

  /** The words that start a class of bench as a program. */
  static List<String> java(List<String> more, Class<?> program) {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(JVM_OPTIONS);
    words.addAll(more);
    words.addAll(List.of("-cp", JAR.toAbsolutePath().toString(), program.getName()));
    return words;
  }

  private void start(String name, List<String> words, List<String> afterFolder)
      throws MeasuringException {
    List<String> all = new ArrayList<>(setting.pinned() ? Processor.pinning() : List.of());
    Path folder = place.newFolder("mnt");
    all.addAll(words);
    all.add(folder.toString());
    all.addAll(afterFolder);
    servers.put(name, Server.start(place, folder, all));
  }

  /** Ends a server that is not measured any more. */
  void end(String name) {
    Server server = servers.remove(name);
    if (server != null) {
      server.close();
    }
  }

  /** Goes on without a peer. */
  void drop(String name, MeasuringException why) {
    end(name);
    missing.put(
        name, String.valueOf(why.getMessage()).lines().findFirst().orElse("no reason given"));
  }

  /** Why a peer does not run here; null if it does. */
  @Nullable String missing(String name) {
    return missing.get(name);
  }

  /** Those that run, in the order in which they were started. */
  List<String> names() {
    return List.copyOf(servers.keySet());
  }

  /** The server of one that runs. */
  Server server(String name) throws MeasuringException {
    Server server = servers.get(name);
    if (server == null) {
      throw new MeasuringException(name + " does not run");
    }
    return server;
  }

  @Override
  public void close() {
    servers.values().forEach(Server::close);
    servers.clear();
  }
}
