package dev.slabmount.vfs.snapshot;

import java.util.List;
import java.util.Map;

/**
 * What a snapshot has in it.
 *
 * @param files plain files in the manifest
 * @param directories folders in the manifest; the tree's own folder is not one of them
 * @param links symbolic links in the manifest
 * @param bytes sum of the files' lengths
 * @param filesRead files that were read; the others are as an earlier snapshot found them
 * @param bytesRead bytes that were read from files, each as often as it was read
 * @param objectsWritten objects that the store lacked
 * @param objectsPresent how often an object was there already
 * @param bytesWritten bytes of the objects written
 * @param vanished entries that were removed while the snapshot was taken; they are not in it
 * @param unsayable everything that the manifest cannot say and that is not only counted, sorted
 * @param unsayableCounts how many of each kind, those only counted included; no zeros
 */
public record SnapshotReport(
    long files,
    long directories,
    long links,
    long bytes,
    long filesRead,
    long bytesRead,
    long objectsWritten,
    long objectsPresent,
    long bytesWritten,
    List<TreePath> vanished,
    List<Unsayable> unsayable,
    Map<UnsayableKind, Long> unsayableCounts) {}
