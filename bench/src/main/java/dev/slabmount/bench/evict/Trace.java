package dev.slabmount.bench.evict;

import java.util.SplittableRandom;

/** A sequence of requests for objects, the same whenever it is made. */
public enum Trace {
  /** Popularity by Zipf's law, a little skewed. */
  ZIPF_07("zipf 0.7", Use.JUDGED) {
    @Override
    void fill(int[] requests, int objects) {
      zipf(requests, objects, 0.7);
    }
  },
  /** As in most caches. */
  ZIPF_099("zipf 0.99", Use.JUDGED) {
    @Override
    void fill(int[] requests, int objects) {
      zipf(requests, objects, 0.99);
    }
  },
  /** Very skewed. */
  ZIPF_12("zipf 1.2", Use.JUDGED) {
    @Override
    void fill(int[] requests, int objects) {
      zipf(requests, objects, 1.2);
    }
  },
  /** Runs over neighbours, from anywhere, of any length up to two fifths of the objects. */
  SCAN("scan", Use.JUDGED) {
    @Override
    void fill(int[] requests, int objects) {
      SplittableRandom random = random();
      for (int i = 0; i < requests.length; ) {
        i = run(requests, i, objects, random.nextInt(objects), 1 + random.nextInt(2 * objects / 5));
      }
    }
  },
  /** All objects in turn, again and again. */
  LOOP("loop", Use.LOOP) {
    @Override
    void fill(int[] requests, int objects) {
      run(requests, 0, objects, 0, requests.length);
    }
  },
  /** Zipf 0.99; after every fifth of as many requests as objects, a run over a tenth of them. */
  ZIPF_AND_SCANS("zipf + scans", Use.JUDGED) {
    @Override
    void fill(int[] requests, int objects) {
      SplittableRandom random = random();
      Zipf zipf = new Zipf(objects, 0.99);
      int[] byRank = shuffled(objects, random);
      for (int i = 0; i < requests.length; ) {
        int end = Math.min(requests.length, i + objects / 5);
        while (i < end) {
          requests[i++] = byRank[zipf.draw(random)];
        }
        i = run(requests, i, objects, random.nextInt(objects), objects / 10);
      }
    }
  },
  /** Zipf 0.99; after as many requests as objects, all move up by one rank in a hundred. */
  SHIFTING_ZIPF("shifting zipf", Use.JUDGED) {
    @Override
    void fill(int[] requests, int objects) {
      SplittableRandom random = random();
      Zipf zipf = new Zipf(objects, 0.99);
      int[] byRank = shuffled(objects, random);
      for (int i = 0; i < requests.length; i++) {
        int shift = i / objects * (objects / 100);
        requests[i] = byRank[(zipf.draw(random) + shift) % objects];
      }
    }
  },
  /** A fifth of the objects in turn, again and again. */
  SHORT_LOOP("loop of a fifth", Use.BESIDE) {
    @Override
    void fill(int[] requests, int objects) {
      for (int i = 0; i < requests.length; i++) {
        requests[i] = i % (objects / 5);
      }
    }
  },
  /** As zipf + scans, each object four times in a row: a block that is read in pieces. */
  IN_PIECES("zipf + scans x 4", Use.BESIDE) {
    @Override
    void fill(int[] requests, int objects) {
      ZIPF_AND_SCANS.fill(requests, objects);
      for (int i = requests.length - 1; i >= 0; i--) {
        requests[i] = requests[i / 4];
      }
    }
  };

  private enum Use {
    /** Counts for every verdict. */
    JUDGED,
    /** No policy that keeps order can win here: counts only beside LRU. */
    LOOP,
    /** Beside the agreed ones: as a loop. */
    BESIDE
  }

  private static final long SEED = 0x51AB_0007L;

  private final String title;
  private final Use use;

  Trace(String title, Use use) {
    this.title = title;
    this.use = use;
  }

  /** Its name in the table. */
  String title() {
    return title;
  }

  /** Whether it counts for mean and worst. */
  boolean isJudged() {
    return use == Use.JUDGED;
  }

  /** The requests: numbers of objects, 0 to {@code objects} − 1. */
  int[] requests(int objects, int count) {
    int[] requests = new int[count];
    fill(requests, objects);
    return requests;
  }

  abstract void fill(int[] requests, int objects);

  SplittableRandom random() {
    return new SplittableRandom(SEED + title.hashCode());
  }

  void zipf(int[] requests, int objects, double alpha) {
    SplittableRandom random = random();
    Zipf zipf = new Zipf(objects, alpha);
    int[] byRank = shuffled(objects, random);
    for (int i = 0; i < requests.length; i++) {
      requests[i] = byRank[zipf.draw(random)];
    }
  }

  private static int[] shuffled(int objects, SplittableRandom random) {
    int[] all = new int[objects];
    for (int i = 0; i < objects; i++) {
      int other = random.nextInt(i + 1);
      all[i] = all[other];
      all[other] = i;
    }
    return all;
  }

  /** Requests neighbours, the first after the last; returns where the next request goes. */
  private static int run(int[] requests, int from, int objects, int first, int length) {
    int end = (int) Math.min(requests.length, (long) from + length);
    for (int i = from; i < end; i++) {
      requests[i] = (first + (i - from)) % objects;
    }
    return end;
  }
}
