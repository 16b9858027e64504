package dev.slabmount.bench.pool;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code PeerMain STAGE KIND BLOCKS}: a process with one stage, so that its compiler never sees
 * another kind of pool. Says {@code ready}, then answers each line of its input with one line:
 *
 * <pre>
 * run WORK*THREADS[,WORK*THREADS...] MILLIS   nanos, then operations:cpu-nanos of each thread
 * begin WORK*THREADS[,...]                    ok; they work until "end"
 * total                                       operations of those threads so far
 * end                                         ok
 * anything else                               what the stage answers
 * </pre>
 *
 * What goes wrong is answered with {@code error} and a message. Ends with its input.
 */
public final class PeerMain {
  private final Stage stage;
  private @Nullable Crew crew;

  private PeerMain(Stage stage) {
    this.stage = stage;
  }

  /** Runs from the command line. */
  public static void main(String[] arguments) throws IOException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PeerMain peer = new PeerMain(stage(arguments[0], arguments[1], Integer.parseInt(arguments[2])));
    out.println("ready");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.println(peer.answer(line));
    }
    System.exit(0); // Threads that still work are of no use to anybody.
  }

  private static Stage stage(String name, String kind, int blocks) throws IOException {
    return switch (name) {
      case "hit" ->
          kind.equals("caffeine") ? new CaffeineStage(blocks) : new HitStage(kind, blocks);
      case "dirty" -> new DirtyStage(kind, blocks);
      case "payload" -> new PayloadStage();
      case "weigh" -> new WeighStage(kind, blocks);
      case "miss" -> new MissStage(kind, blocks);
      case "pin" -> new PinStage(kind, blocks);
      case "insert" -> new InsertStage(kind, blocks);
      default -> throw new IllegalArgumentException("no stage is called '" + name + "'");
    };
  }

  private String answer(String line) {
    List<String> words = List.of(line.split(" ", -1));
    try {
      return switch (words.getFirst()) {
        case "run" -> run(words.get(1), Long.parseLong(words.get(2)));
        case "begin" -> {
          end();
          crew = crew(words.get(1));
          yield "ok";
        }
        case "total" -> crew == null ? "0" : String.valueOf(crew.total());
        case "end" -> {
          end();
          yield "ok";
        }
        default -> stage.call(words.getFirst(), words.subList(1, words.size()));
      };
    } catch (Exception e) {
      e.printStackTrace();
      return "error " + String.valueOf(e).replace('\n', ' ');
    }
  }

  private void end() {
    if (crew != null) {
      crew.close();
      crew = null;
    }
  }

  private String run(String works, long millis) throws InterruptedException {
    try (Crew working = crew(works)) {
      return working.sample(millis).toWords();
    }
  }

  private Crew crew(String works) {
    List<Work> all = new ArrayList<>();
    for (String part : works.split(",", -1)) {
      int star = part.indexOf('*');
      Work.Maker maker = stage.work(part.substring(0, star).toLowerCase(Locale.ROOT));
      int threads = Integer.parseInt(part.substring(star + 1));
      for (int i = 0; i < threads; i++) {
        all.add(maker.make(all.size()));
      }
    }
    return new Crew(all, stage.draws());
  }
}
