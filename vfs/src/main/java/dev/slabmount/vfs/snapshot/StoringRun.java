package dev.slabmount.vfs.snapshot;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.ContentStoreException;
import dev.slabmount.vfs.content.FileStat;
import dev.slabmount.vfs.content.ObjectWriter;
import dev.slabmount.vfs.content.SourceChangedException;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.snapshot.ScannedTree.Problem;
import dev.slabmount.vfs.snapshot.ScannedTree.ScannedFile;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The second pass of a snapshot: reads every file that is not {@linkplain KnownFiles known} and
 * stores what the store lacks, on several threads.
 *
 * <p>The work is a list of pieces: a file, or one chunk of a file that has several. Each thread
 * takes the next piece; nobody waits for anybody. Whoever ends the last chunk of a file checks that
 * the file has not changed meanwhile, and reads all of it again if it has.
 *
 * <p>A file that cannot be read is noted and the others go on, so that one run names all of them. A
 * store that cannot be written ends the run at once.
 *
 * <p>One use. {@link #run} is called by one thread and owns the others.
 */
final class StoringRun {

  private static final System.Logger LOG = System.getLogger(StoringRun.class.getName());

  private final ScannedTree tree;
  private final ObjectWriter writer;
  private final KnownFiles known;
  private final Cutting cutting;
  private final SnapshotProgress progress;
  private final BooleanSupplier cancelled;

  private final List<Piece> pieces = new ArrayList<>();
  private final AtomicInteger nextPiece = new AtomicInteger();
  private final AtomicReferenceArray<@Nullable FileEntry> entries;
  private final List<TreePath> vanished = Collections.synchronizedList(new ArrayList<>());
  private final List<Problem> problems = Collections.synchronizedList(new ArrayList<>());
  private volatile boolean failed;

  /** A file, by its number in the tree, or a chunk of one. */
  private record Piece(int file, int chunk, @Nullable Chunks chunks) {}

  /** A file whose chunks are stored by several threads. */
  private static final class Chunks {
    private final @Nullable ContentHash[] hashes;
    private final AtomicInteger left;
    private @Nullable FileStat before;
    private long bytes;

    Chunks(final int count) {
      this.hashes = new ContentHash[count];
      this.left = new AtomicInteger(count);
    }

    /** The file before any of it was read. */
    synchronized FileStat before(final ScannedFile file) throws IOException {
      FileStat stat = before;
      if (stat == null) {
        stat = FileStorer.settledStat(file.file(), FileStat::isSettled);
        before = stat;
      }
      return stat;
    }

    synchronized void put(final int chunk, final ContentHash hash, final long length) {
      hashes[chunk] = hash;
      bytes += length;
    }

    /** Bytes of the chunks that were stored. */
    synchronized long bytes() {
      return bytes;
    }

    /** All hashes, or null if some chunk has none because the file changed. */
    synchronized @Nullable List<ContentHash> all() {
      final List<ContentHash> all = new ArrayList<>(hashes.length);
      for (final ContentHash hash : hashes) {
        if (hash == null) {
          return null;
        }
        all.add(hash);
      }
      return all;
    }
  }

  StoringRun(
      final ScannedTree tree,
      final ObjectWriter writer,
      final KnownFiles known,
      final SnapshotProgress progress,
      final BooleanSupplier cancelled) {
    this.tree = tree;
    this.writer = writer;
    this.known = known;
    this.cutting = known.cutting();
    this.progress = progress;
    this.cancelled = cancelled;
    this.entries = new AtomicReferenceArray<>(tree.files.size());
  }

  /** Cuts what is not known into pieces. */
  private void cut() {
    for (int i = 0; i < tree.files.size(); i++) {
      if (entries.get(i) != null) {
        continue;
      }
      final int chunks = cutting.count(tree.files.get(i).length());
      final Chunks shared = chunks == 1 ? null : new Chunks(chunks);
      for (int chunk = 0; chunk < chunks; chunk++) {
        pieces.add(new Piece(i, chunk, shared));
      }
    }
  }

  /**
   * Looks up all files, and reads what is not known, on {@code jobs} threads and waits for the end.
   *
   * @return the entries of all files that are still there, unless there are {@link #problems}
   * @throws ContentStoreException if the store cannot be written
   */
  List<FileEntry> run(final int jobs) throws ContentStoreException, InterruptedException {
    final AtomicInteger number = new AtomicInteger();
    final AtomicInteger nextFile = new AtomicInteger();
    try (ExecutorService threads =
        Executors.newFixedThreadPool(
            jobs, work -> new Thread(work, "snapshot-" + number.incrementAndGet()))) {
      if (!known.isEmpty()) {
        onAll(jobs, threads, () -> lookUp(nextFile));
      }
      cut();
      onAll(jobs, threads, this::work);
    }
    final List<FileEntry> stored = new ArrayList<>(entries.length());
    for (int i = 0; i < entries.length(); i++) {
      final FileEntry entry = entries.get(i);
      if (entry != null) {
        stored.add(entry);
      }
    }
    return stored;
  }

  private void onAll(final int jobs, final ExecutorService threads, final Callable<?> work)
      throws ContentStoreException, InterruptedException {
    final List<Future<?>> workers = new ArrayList<>();
    for (int job = 0; job < jobs; job++) {
      workers.add(threads.submit(work));
    }
    for (final Future<?> worker : workers) {
      await(worker);
    }
  }

  /** Takes the entries of files that are known as they are. */
  private @Nullable Void lookUp(final AtomicInteger nextFile) throws ContentStoreException {
    boolean ended = false;
    try {
      int next;
      while (!isEnding() && (next = nextFile.getAndIncrement()) < entries.length()) {
        lookUp(next);
      }
      ended = true;
      return null;
    } finally {
      failed |= !ended;
    }
  }

  private void lookUp(final int number) throws ContentStoreException {
    final ScannedFile file = tree.files.get(number);
    try {
      final FileEntry entry = known.find(file);
      if (entry != null) {
        entries.set(number, entry);
        progress.addKnownFile(entry.size(), entry.hashes().size());
      }
    } catch (final ContentStoreException e) {
      throw e;
    } catch (final IOException e) {
      LOG.log(Level.DEBUG, "to be met again when it is read: " + file.file(), e);
    }
  }

  private void await(final Future<?> worker) throws ContentStoreException, InterruptedException {
    try {
      worker.get();
    } catch (final InterruptedException e) {
      failed = true;
      throw e;
    } catch (final ExecutionException e) {
      switch (e.getCause()) {
        case ContentStoreException store -> throw store;
        case RuntimeException mistake -> throw mistake;
        case Error error -> throw error;
        case null, default -> throw new AssertionError(e);
      }
    }
  }

  private boolean isEnding() {
    return failed || cancelled.getAsBoolean();
  }

  private @Nullable Void work() throws ContentStoreException {
    boolean ended = false;
    try (FileStorer storer = new FileStorer(writer, known, progress, this::isEnding)) {
      int next;
      while (!isEnding() && (next = nextPiece.getAndIncrement()) < pieces.size()) {
        process(storer, pieces.get(next));
      }
      ended = true;
      return null;
    } finally {
      failed |= !ended;
    }
  }

  private void process(final FileStorer storer, final Piece piece) throws ContentStoreException {
    final ScannedFile file = tree.files.get(piece.file);
    try {
      final FileEntry entry =
          piece.chunks == null
              ? storer.store(file)
              : storeChunk(storer, file, piece.chunk, piece.chunks);
      if (entry != null) {
        entries.set(piece.file, entry);
        progress.addFile();
      }
    } catch (final ContentStoreException e) {
      throw e;
    } catch (final NoSuchFileException e) {
      vanished.add(TreePath.of(file.path()));
      progress.addFile();
    } catch (final IOException e) {
      if (!isEnding()) {
        problems.add(new Problem(TreePath.of(file.path()), ContentStoreException.reasonOf(e)));
        progress.addFile();
      }
    }
  }

  /** Stores one chunk; the file's entry if it was the last one, else null. */
  private @Nullable FileEntry storeChunk(
      final FileStorer storer, final ScannedFile file, final int chunk, final Chunks chunks)
      throws IOException {
    try {
      final FileStat before = chunks.before(file);
      if (before.length() == file.length()) {
        final ContentHash hash = storer.storeChunk(file, before, chunk);
        chunks.put(chunk, hash, cutting.length(before.length(), chunk));
      }
    } catch (final ContentStoreException e) {
      throw e;
    } catch (final IOException e) {
      // Whoever ends the last chunk finds one missing, reads the whole file, and meets this again.
      LOG.log(Level.DEBUG, "reading a chunk of " + file.file(), e);
    }
    if (chunks.left.decrementAndGet() > 0) {
      return null;
    }
    final List<ContentHash> hashes = chunks.all();
    if (hashes != null) {
      try {
        return storer.finish(file, chunks.before(file), hashes);
      } catch (final SourceChangedException e) {
        LOG.log(Level.DEBUG, "reading again " + file.file(), e);
      }
    }
    progress.addBytes(-chunks.bytes());
    return storer.store(file);
  }

  /** Files that have vanished since they were scanned. To be asked after {@link #run}. */
  List<TreePath> vanished() {
    return vanished;
  }

  /** Files that could not be read. To be asked after {@link #run}. */
  List<Problem> problems() {
    return problems;
  }
}
