package dev.slabmount.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.slabmount.cli.control.MountRecord;
import dev.slabmount.core.pool.MemoryPoolStats;
import dev.slabmount.fuse.MountStats;
import dev.slabmount.fuse.OperationStats;
import dev.slabmount.vfs.VfsStats;
import dev.slabmount.vfs.content.VerificationCounters;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What a mount did, for people and for programs.
 *
 * @param filesystem what was asked of it
 * @param pool what its memory did
 * @param content what was checked
 * @param kernel what went between it and the kernel
 * @param operations how long its answers took
 * @param process what its process holds
 */
record MountReport(
    VfsStats filesystem,
    MemoryPoolStats pool,
    VerificationCounters content,
    MountStats kernel,
    List<OperationStats> operations,
    ProcessFigures process) {

  /** One line for each, ended by a line break. */
  String text() {
    return String.format(
            Locale.ROOT,
            """
            reads    %s in %d reads: %d from the pool, %d after a load, %d failed
            ahead    %s loaded before they were read: %s used, %s dropped unread
            pool     limit %s: %d blocks loaded (%s), %d evicted, %d waits for room
            content  %d objects whole, %s hashed, %d damaged, %s served before it was hashed, \
            %d objects not hashed yet
            """,
            ByteSize.format(filesystem.bytesRead()),
            filesystem.poolReads() + filesystem.storeReads() + filesystem.readFailures(),
            filesystem.poolReads(),
            filesystem.storeReads(),
            filesystem.readFailures(),
            ByteSize.format(filesystem.prefetchedBytes()),
            ByteSize.format(filesystem.prefetchUsedBytes()),
            ByteSize.format(filesystem.prefetchWastedBytes()),
            ByteSize.format(pool.maxSize()),
            pool.allocations(),
            ByteSize.format(pool.bytesLoaded()),
            pool.evictions(),
            pool.waits(),
            content.objectsVerified(),
            ByteSize.format(content.bytesHashed()),
            content.failures(),
            ByteSize.format(content.bytesUnverified()),
            content.objectsUnverified())
        + String.format(
            Locale.ROOT,
            """
            kernel   %d requests, %d waiting for the store now, %d waits for room to wait
            memory   %s resident, %s at most; %s of heap used, %s at most; %d threads, %d descriptors
            """,
            kernel.requests(),
            kernel.detached(),
            kernel.detachWaits(),
            ByteSize.format(process.residentBytes()),
            ByteSize.format(process.peakResidentBytes()),
            ByteSize.format(process.heapUsedBytes()),
            ByteSize.format(process.heapMaxBytes()),
            process.threads(),
            process.descriptors());
  }

  /** What mount it is and since when, then {@link #text}. */
  String text(final MountRecord mount, final Duration uptime) {
    return String.format(
            Locale.ROOT,
            """
            mount    %s of %s by %s
            store    %s
            process  %d, slabmount %s, since %s (%s)%s
            """,
            FailureReport.oneLine(mount.mountpoint().toString()),
            FailureReport.oneLine(mount.manifest().toString()),
            mount.transport(),
            FailureReport.oneLine(mount.store().toString()),
            mount.pid(),
            mount.version(),
            mount.since(),
            spoken(uptime),
            mount.log().isEmpty() ? "" : ", log " + FailureReport.oneLine(mount.log()))
        + text();
  }

  /** One JSON object in one line, without a line break; {@code docs/CLI.md} lists the fields. */
  String json(final MountRecord mount, final Duration uptime) {
    final StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      mount.writeFields(json);
      json.writeNumberField("uptimeSeconds", uptime.toMillis() / 1000.0);
      json.writeStringField("java", Runtime.version().toString());
      RecordFields.write(json, "filesystem", filesystem);
      RecordFields.write(json, "pool", pool);
      RecordFields.write(json, "content", content);
      RecordFields.write(json, "kernel", kernel);
      json.writeArrayFieldStart("operations");
      for (final OperationStats each : operations) {
        json.writeStartObject();
        RecordFields.writeFields(json, each);
        json.writeEndObject();
      }
      json.writeEndArray();
      RecordFields.write(json, "process", process);
      json.writeEndObject();
    } catch (final IOException e) {
      throw new AssertionError("a string takes everything", e);
    }
    return text.toString();
  }

  /** {@code 3 d 4 h}, {@code 2 min 5 s}: the two largest units. */
  static String spoken(final Duration duration) {
    if (duration.toDays() > 0) {
      return duration.toDays() + " d " + duration.toHoursPart() + " h";
    }
    if (duration.toHours() > 0) {
      return duration.toHours() + " h " + duration.toMinutesPart() + " min";
    }
    if (duration.toMinutes() > 0) {
      return duration.toMinutes() + " min " + duration.toSecondsPart() + " s";
    }
    return duration.toSeconds() + " s";
  }
}
